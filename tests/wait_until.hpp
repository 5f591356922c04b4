#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

namespace qmr::test {

/// How long a test waits for an event that must come. Far longer than it takes on a busy machine.
inline constexpr std::chrono::minutes patience{5};

/// For a process that the test must see ended by others: longer than ctest lets a test run.
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
