#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

namespace qmr::test {

/// Waits for something that another process does. Throws after a minute.
inline void wait_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain");
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

}  // namespace qmr::test
