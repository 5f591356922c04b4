#pragma once

#include <string_view>
#include <vector>

#include "cli/command_output.hpp"
#include "cli/descriptor.hpp"

namespace qmr::cli {

/// Reads a stream, wherever it is, piece by piece.
class StreamReader {
  public:
    /// Throws Error that names the file.
    explicit StreamReader(Stream stream);

    /// The next piece, which stays until the next call; empty: there are no more. Throws Error that names the
    /// file.
    [[nodiscard]] std::string_view next();

  private:
    [[noreturn]] void fail() const;

    Stream stream_;
    Descriptor file_;
    std::vector<char> piece_;
    bool is_over_ = false;
};

}  // namespace qmr::cli
