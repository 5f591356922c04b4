#pragma once
// What the fuzz targets share. The first bytes of an input choose what reads the rest.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace qmr::fuzz {

/// Ends the run with this input as its finding.
inline void require(bool condition, const char* promise, std::string_view shown = {}) {
    if (condition) return;
    std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(shown.size()), shown.data());
    std::abort();
}

/// Takes pieces off the front of an input.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    /// A digit: 0 to 9, so that the choice in a seed can be read; other bytes count as well.
    [[nodiscard]] unsigned digit() {
        if (rest_.empty()) return 0;
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return (byte - unsigned{'0'}) % 10;
    }

    [[nodiscard]] std::string rest() const { return std::string(rest_); }

  private:
    std::string_view rest_;
};

}  // namespace qmr::fuzz
