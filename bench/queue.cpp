// Maps on a batch system, for bench/queue:
//   bench_queue map NUM_CHUNKS   a map of so many empty tasks, a queue job for each: how long, and at what
//   cost bench_queue submit NUM_CHUNKS   from map() to the answer of the submit program; the queue must be
//   closed bench_queue wait SECONDS     a map of one task that sleeps: what waiting for it costs

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "measure.hpp"

namespace {

int nothing(int x) {
    return x;
}

int sleep_for(int seconds) {
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    return seconds;
}

qmr::PoolOptions options_for(std::size_t num_chunks) {
    qmr::PoolOptions options;
    options.num_chunks = num_chunks;
    options.progress = qmr::Progress::silent;
    return options;
}

double processor_seconds(int whose) {
    rusage usage{};
    ::getrusage(whose, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class F>
void map_and_report(const std::string& name, F f, const std::vector<int>& tasks) {
    const qmr::Pool pool(options_for(tasks.size()));
    const double before = processor_seconds(RUSAGE_SELF);
    const double seconds = bench::seconds_of([&] { static_cast<void>(pool.map(f, tasks)); });
    bench::report((name + "_makespan").c_str(), seconds, "s");
    bench::report((name + "_own_processor_time").c_str(), processor_seconds(RUSAGE_SELF) - before, "s");
    bench::report((name + "_processor_time_of_clients").c_str(), processor_seconds(RUSAGE_CHILDREN), "s");
}

bool is_submitted(const std::filesystem::path& journal) {
    std::ifstream file(journal);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return text.find("\"event\":\"submitted\"") != std::string::npos;
}

// The map itself runs in a child, which is told to stop as soon as its journal has the answer.
void measure_submission(std::size_t num_chunks) {
    auto options = options_for(num_chunks);
    options.work_dir = std::filesystem::current_path() / "submission";
    const pid_t child = ::fork();
    if (child == 0) {
        static_cast<void>(qmr::Pool(options).map(nothing, std::vector<int>(num_chunks)));
        ::_exit(0);
    }
    const double seconds = bench::seconds_of([&] {
        while (!is_submitted(options.work_dir / "journal.jsonl"))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    bench::report("submit_qmr", seconds, "s");
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    if (argc != 3) return 2;
    const std::string what = argv[1];
    const int number = std::atoi(argv[2]);
    if (what == "map") map_and_report("map", nothing, std::vector<int>(static_cast<std::size_t>(number)));
    if (what == "wait") map_and_report("wait", sleep_for, {number});
    if (what == "submit") measure_submission(static_cast<std::size_t>(number));
}
