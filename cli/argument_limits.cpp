#include "cli/argument_limits.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>

namespace qmr::cli {

namespace {

// The kernel counts a pointer for each, and some room is left for what a shell or the loader adds.
constexpr std::size_t size_of_pointer = sizeof(char*);
constexpr std::size_t reserve = 4096;

}  // namespace

ArgumentLimits ArgumentLimits::of_this_process() {
    ArgumentLimits limits;
    const long known = ::sysconf(_SC_ARG_MAX);
    std::size_t taken = reserve;
    for (char** variable = environ; *variable != nullptr; ++variable)
        taken += std::strlen(*variable) + 1 + size_of_pointer;
    const std::size_t total = known > 0 ? static_cast<std::size_t>(known) : limits.max_total;
    limits.max_total = total > taken ? total - taken : 0;
    return limits;
}

std::string why_no_command(const std::vector<std::string>& argv, const ArgumentLimits& limits) {
    std::size_t total = 0;
    for (const std::string& argument : argv) {
        if (argument.find('\0') != std::string::npos)
            return "it has a NUL character, which no argument can have: use -0 where NUL separates tasks, or "
                   "--stdin";
        if (argument.size() > limits.max_size)
            return fmt::format("an argument would have {} bytes, and {} are the limit: use --stdin",
                               argument.size(), limits.max_size);
        total += argument.size() + 1 + size_of_pointer;
    }
    if (total > limits.max_total)
        return fmt::format("the arguments would have {} bytes, and {} are the limit: use --stdin", total,
                           limits.max_total);
    return {};
}

}  // namespace qmr::cli
