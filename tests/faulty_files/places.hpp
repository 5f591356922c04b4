#pragma once
// Where a call of libc goes, as an absolute path.

#include <array>
#include <climits>
#include <string_view>

namespace qmr::faulty_files {

/// A path in the faulty directory.
class Place {
  public:
    /// Of a name, as seen from an open directory (openat(2)).
    Place(int directory, const char* name) noexcept;
    /// Of an open file.
    explicit Place(int descriptor) noexcept;

    /// False: the file lies elsewhere, and there is no path.
    [[nodiscard]] bool is_faulty() const noexcept { return size_ > 0; }
    [[nodiscard]] std::string_view path() const noexcept { return {text_.data(), size_}; }
    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

  private:
    void append(std::string_view text) noexcept;
    void append_target(const char* link) noexcept;
    void append_target_of(int descriptor) noexcept;
    void forget_unless_faulty() noexcept;

    std::array<char, PATH_MAX> text_;
    std::size_t size_ = 0;
};

}  // namespace qmr::faulty_files
