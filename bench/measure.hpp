#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <qmr/qmr.hpp>
#include <utility>
#include <vector>

namespace bench {

template <class Action>
double seconds_of(Action&& action) {
    const auto begin = std::chrono::steady_clock::now();
    std::forward<Action>(action)();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// Median time of several calls.
template <class Action>
double median_seconds(int num_times, Action&& action) {
    std::vector<double> seconds;
    for (int i = 0; i < num_times; ++i) seconds.push_back(seconds_of(action));
    return median(std::move(seconds));
}

inline void report(const char* name, double figure, const char* unit) {
    std::printf("%s\t%.4g\t%s\n", name, figure, unit);
    std::fflush(stdout);
}

/// Whatever $QMR_... say: the local cores, and no word on stderr.
inline qmr::PoolOptions local_options(std::size_t max_num_running) {
    qmr::PoolOptions options;
    options.batch_system = "local";
    options.max_num_running = max_num_running;
    options.progress = qmr::Progress::silent;
    return options;
}

}  // namespace bench
