#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

namespace qmr::test {

/// For what comes, though nobody knows when, for a machine may have other things to do.
inline constexpr std::chrono::minutes patience{5};

/// Of what a test has to see ended: ctest ends the test before.
inline constexpr unsigned seconds_without_end = 3600;

/// Waits for something that another process does. Throws when it does not come.
inline void wait_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain");
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

}  // namespace qmr::test
