// Threads of a program that map at the same time, through one Pool, with a signal that ends all of them.
//   qmr_threads     exit code 0: all is as pool.hpp promises

#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <qmr/qmr.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int num_threads = 4;

volatile std::sig_atomic_t num_signals = 0;
void count_signal(int) {
    num_signals = num_signals + 1;
}

std::int64_t square(std::int64_t x) {
    return x * x;
}

std::int64_t stay(const std::string& mark) {
    std::ofstream(mark) << "begun";
    std::this_thread::sleep_for(std::chrono::hours(1));
    return 0;
}

template <class Work>
void in_threads(Work work) {
    std::vector<std::thread> threads;
    for (int ithread = 0; ithread < num_threads; ++ithread) threads.emplace_back(work, ithread);
    for (std::thread& thread : threads) thread.join();
}

int num_wrong_maps(const qmr::Pool& pool) {
    std::atomic<int> num_wrong = 0;
    in_threads([&](int ithread) {
        for (std::int64_t first = ithread; first < ithread + 3; ++first)
            if (pool.map(square, std::vector<std::int64_t>{first, 5, 9}) !=
                std::vector<std::int64_t>{first * first, 25, 81})
                ++num_wrong;
    });
    return num_wrong;
}

int num_maps_interrupted_by(int signal, const qmr::Pool& pool) {
    const std::filesystem::path directory = std::filesystem::current_path();
    const auto mark_of = [&](int ithread) { return (directory / std::to_string(ithread)).native(); };
    std::atomic<int> num_interrupted = 0;
    std::thread sender([&] {
        for (int ithread = 0; ithread < num_threads; ++ithread)
            while (!std::filesystem::exists(mark_of(ithread)))
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ::kill(::getpid(), signal);
    });
    in_threads([&](int ithread) {
        try {
            static_cast<void>(pool.map(stay, std::vector<std::string>{mark_of(ithread)}));
        } catch (const qmr::Interrupted& interrupted) {
            if (interrupted.signal() == signal) ++num_interrupted;
        }
    });
    sender.join();
    return num_interrupted;
}

}  // namespace

static int check() {
    qmr::PoolOptions options;
    options.batch_system = "local";
    options.progress = qmr::Progress::silent;
    const qmr::Pool pool(options);
    if (const int num_wrong = num_wrong_maps(pool); num_wrong != 0)
        return std::fprintf(stderr, "%d maps were wrong\n", num_wrong), 1;
    std::signal(SIGTERM, count_signal);
    if (const int num = num_maps_interrupted_by(SIGTERM, pool); num != num_threads || num_signals != 1)
        return std::fprintf(stderr, "%d maps were interrupted, and %d signals came\n", num, int{num_signals}),
               1;
    return 0;
}

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    // Maps that are interrupted leave a work_dir.
    std::string directory = std::filesystem::absolute("threads.XXXXXX").native();
    if (::mkdtemp(directory.data()) == nullptr) return 2;
    std::filesystem::current_path(directory);
    const int exit_code = check();
    std::filesystem::remove_all(directory);
    return exit_code;
}
