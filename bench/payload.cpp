// One task of 1 GiB, mapped to itself: time, and the memory of the processes at both ends. The caller holds
// the task and the result; so does a worker whose function is not a move.

#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>

#include "measure.hpp"

constexpr std::size_t payload_size = std::size_t{1} << 30;
constexpr double bytes_per_gib = 1 << 30;

std::vector<char> identity(std::vector<char> payload) {
    return payload;
}

double own_peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string name; status >> name;)
        if (double kilobytes = 0; name == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
    throw std::runtime_error("no VmHWM in /proc/self/status");
}

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    std::vector<std::vector<char>> tasks(1);
    tasks[0].resize(payload_size);
    std::iota(tasks[0].begin(), tasks[0].end(), char{0});
    const double before = own_peak_memory();
    const qmr::Pool pool(bench::local_options(2));

    std::vector<std::vector<char>> results;
    bench::report("payload_map", bench::seconds_of([&] { results = pool.map(identity, tasks); }), "s");
    bench::report("payload_peak_before_map", before / bytes_per_gib, "GiB");
    bench::report("payload_peak_of_caller", own_peak_memory() / bytes_per_gib, "GiB");
    rusage workers{};
    ::getrusage(RUSAGE_CHILDREN, &workers);
    bench::report("payload_peak_of_largest_worker",
                  static_cast<double>(workers.ru_maxrss) * 1024 / bytes_per_gib, "GiB");
    if (results != tasks) throw std::logic_error("a wrong result");
}
