// Maps on a batch system or the local cores, for bench/queue; how queue jobs are given chunks comes from
// $QMR_JOBS.
//   bench_queue map NUM MILLISECONDS   a map of so many tasks of that length, a chunk for each: how long it
//                                      takes, and at what cost
//   bench_queue balance NUM SLOTS      the same of tasks between a millisecond and a second, against the best
//                                      that so many slots could do
//   bench_queue submit NUM             from map() to the answer of the submit program; the queue must be
//   closed bench_queue wait SECONDS           a map of one task that sleeps: what waiting for it costs

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <string>
#include <thread>

#include "measure.hpp"

namespace {

int nothing(int x) {
    return x;
}

double sleep_for(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
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

// Gives the makespan, in seconds.
double map_and_report(const std::string& name, const std::vector<double>& tasks) {
    const qmr::Pool pool(options_for(tasks.size()));
    const double before = processor_seconds(RUSAGE_SELF);
    const double seconds = bench::seconds_of([&] { static_cast<void>(pool.map(sleep_for, tasks)); });
    bench::report((name + "_makespan").c_str(), seconds, "s");
    bench::report((name + "_own_processor_time").c_str(), processor_seconds(RUSAGE_SELF) - before, "s");
    bench::report((name + "_processor_time_of_clients").c_str(), processor_seconds(RUSAGE_CHILDREN), "s");
    return seconds;
}

// Evenly spread in the logarithm, the same ones each time.
std::vector<double> tasks_of_all_lengths(std::size_t count) {
    std::minstd_rand random(1);
    std::uniform_real_distribution<double> exponent(-3, 0);
    std::vector<double> tasks(count);
    for (double& task : tasks) task = std::pow(10., exponent(random));
    return tasks;
}

void measure_balance(std::size_t count, std::size_t num_slots) {
    const std::vector<double> tasks = tasks_of_all_lengths(count);
    const double sum = std::accumulate(tasks.begin(), tasks.end(), 0.);
    // No schedule can be shorter than this.
    const double best = std::max(sum / static_cast<double>(num_slots), *std::ranges::max_element(tasks));
    const double makespan = map_and_report("balance", tasks);
    bench::report("balance_best_possible", best, "s");
    bench::report("balance_makespan_over_best", makespan / best, "");
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
    const std::string what = argc > 2 ? argv[1] : "";
    const auto number = [&](int i) { return static_cast<std::size_t>(std::atoi(argv[i])); };
    if (what == "map" && argc == 4) {
        const std::string name = std::string("map_") + argv[2] + "_of_" + argv[3] + "_ms_" +
                                 (std::getenv("QMR_JOBS") != nullptr ? std::getenv("QMR_JOBS") : "auto");
        map_and_report(name, std::vector<double>(number(2), static_cast<double>(number(3)) / 1000));
    } else if (what == "balance" && argc == 4) {
        measure_balance(number(2), number(3));
    } else if (what == "wait" && argc == 3) {
        map_and_report("wait", {static_cast<double>(number(2))});
    } else if (what == "submit" && argc == 3) {
        measure_submission(number(2));
    } else {
        return 2;
    }
}
