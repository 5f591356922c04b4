#include "cli/doctor_probe.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "cli/host_name.hpp"
#include "vocabulary/current_directory.hpp"

namespace qmr::cli {

namespace {

std::uint64_t known(int name) {
    const long value = ::sysconf(name);
    return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

std::uint64_t num_usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    // More cores than fit into the set: it may use them all, as far as is known.
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::uint64_t>(CPU_COUNT(&set))
                                                         : known(_SC_NPROCESSORS_ONLN);
}

std::uint64_t address_space_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : 0;
}

}  // namespace

double clock_here() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

ProbeAnswer Probe::operator()(int) const {
    ProbeAnswer answer;
    std::error_code ignored;
    answer.host = host_name();
    answer.executable = std::filesystem::read_symlink("/proc/self/exe", ignored).native();
    answer.current_directory = detail::current_directory().native();
    answer.is_same_directory = answer.current_directory == current_directory_;
    const char* value = std::getenv(variable);
    answer.is_same_variable = value != nullptr && value == value_;
    answer.num_cores = num_usable_cores();
    answer.num_cores_of_host = known(_SC_NPROCESSORS_ONLN);
    answer.memory = known(_SC_PHYS_PAGES) * known(_SC_PAGESIZE);
    answer.memory_limit = address_space_limit();
    answer.time = clock_here();
    return answer;
}

}  // namespace qmr::cli
