#pragma once
// Comma-separated values, as RFC 4180 has them, or with another separator.

#include <string>
#include <vector>

#include "cli/text_reader.hpp"

namespace qmr::cli {

/// Reads records of a CSV text one by one. Records end with LF or CRLF; a field in double quotes may hold
/// separators, line ends, which stay as they are, and, doubled, double quotes.
class CsvReader {
  public:
    /// The text is referred to.
    explicit CsvReader(TextReader& in, char separator = ',') : in_(in), separator_(separator) {}

    /// The next record. False: there is none; lines with nothing in them are none. Throws BadInput when
    /// quotes are not closed, or something stands behind them, or the text can not be read. Blocks until the
    /// text has it.
    [[nodiscard]] bool next();

    [[nodiscard]] const std::vector<std::string>& fields() const noexcept { return fields_; }
    /// The record as it stands in the text, without its line end.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// Of its first line, from 1 on.
    [[nodiscard]] std::size_t line() const noexcept { return line_; }

  private:
    [[nodiscard]] bool append_line();
    void read_fields();
    void read_quoted(std::size_t& position);
    [[nodiscard]] bool is_at_end(std::size_t position) const;
    [[noreturn]] void fail(const std::string& what) const;

    TextReader& in_;
    char separator_;
    std::vector<std::string> fields_;
    std::string text_;
    std::size_t line_ = 0;
    std::size_t num_lines_ = 0;
};

}  // namespace qmr::cli
