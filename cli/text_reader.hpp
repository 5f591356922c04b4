#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/descriptor.hpp"

namespace qmr::cli {

/// Removes the end of a line: LF or CRLF, or the CR that is left of that where the text was cut off.
void remove_line_end(std::string& line);

/// Reads a text from stdin or from a file, in which a read that fails is no end. All of it blocks until the
/// text has what is asked for, also where somebody has made the descriptor non-blocking, and throws BadInput
/// that names the text when it can not be read.
class TextReader {
  public:
    /// Stdin.
    TextReader();

    /// `name` of the file, for errors.
    TextReader(Descriptor file, std::string name);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// To be called before anything is read: the UTF-8 byte order mark that some programs put before a text
    /// is none of it.
    void skip_byte_order_mark() noexcept { may_begin_with_mark_ = true; }

    /// The next line, without its end, which is LF or CRLF. False: there are no more.
    [[nodiscard]] bool read_line(std::string& line);

    /// Appends what stands before the next `end`, with that where it is there. False: there is no more.
    bool append_line(std::string& to, char end = '\n');

    /// Appends so many bytes. False: there were fewer, and they are the last.
    [[nodiscard]] bool append(std::string& to, std::size_t num_bytes);

  private:
    [[nodiscard]] bool fill();
    [[nodiscard]] bool read_more();

    Descriptor file_;
    int descriptor_;
    std::string name_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  ///< of what was read, and is not taken yet
    std::size_t end_ = 0;
    bool is_over_ = false;
    bool may_begin_with_mark_ = false;
};

}  // namespace qmr::cli
