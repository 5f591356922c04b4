// How long it takes to get to work: from map() to the worker's first instructions, and starting a program
// from a process that holds a lot of memory.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "adapters/subprocess.hpp"
#include "measure.hpp"

using Nanoseconds = std::int64_t;

// CLOCK_MONOTONIC, which all processes of a machine share.
Nanoseconds now() {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

const Nanoseconds process_began = now();  // before main()

std::pair<Nanoseconds, Nanoseconds> when(int) {
    return {process_began, now()};
}

void measure_map(const char* to_process, const char* to_task, const char* whole, int num_times) {
    const qmr::Pool pool(bench::local_options(2));
    const std::vector<int> tasks(1);
    std::vector<double> process_delays;
    std::vector<double> task_delays;
    std::vector<double> calls;
    for (int i = 0; i < num_times; ++i) {
        const Nanoseconds begin = now();
        const auto [process, task] = pool.map(when, tasks).front();
        calls.push_back(static_cast<double>(now() - begin) * 1e-6);
        process_delays.push_back(static_cast<double>(process - begin) * 1e-6);
        task_delays.push_back(static_cast<double>(task - begin) * 1e-6);
    }
    bench::report(to_process, bench::median(process_delays), "ms");
    bench::report(to_task, bench::median(task_delays), "ms");
    bench::report(whole, bench::median(calls), "ms");
}

double run_true() {
    return 1000 * bench::median_seconds(51, [] {
               if (qmr::detail::run_command({"/bin/true"}, qmr::Seconds{10}).status.exit_code != 0)
                   throw std::runtime_error("/bin/true failed");
           });
}

double fork_and_run_true() {
    return 1000 * bench::median_seconds(11, [] {
               const pid_t child = ::fork();
               if (child == 0) {
                   ::execl("/bin/true", "true", nullptr);
                   ::_exit(1);
               }
               ::waitpid(child, nullptr, 0);
           });
}

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    measure_map("start_map_to_process", "start_map_to_task", "start_map_one_task", 101);
    bench::report("start_run_true", run_true(), "ms");
    bench::report("start_fork_true", fork_and_run_true(), "ms");

    constexpr std::size_t size = std::size_t{4} << 30;
    const auto memory = std::make_unique_for_overwrite<volatile char[]>(size);
    for (std::size_t i = 0; i < size; i += 4096) memory[i] = 1;
    bench::report("start_run_true_with_4GiB", run_true(), "ms");
    bench::report("start_fork_true_with_4GiB", fork_and_run_true(), "ms");
    measure_map("start_map_to_process_with_4GiB", "start_map_to_task_with_4GiB",
                "start_map_one_task_with_4GiB", 31);
}
