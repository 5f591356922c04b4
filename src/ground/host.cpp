#include "ground/host.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <random>
#include <sstream>

namespace qmr::detail {

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return name.data();
}

std::string machine_id() {
    std::string boot_id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot_id;
    std::array<char, 64> process_numbers{};
    const auto size = ::readlink("/proc/self/ns/pid", process_numbers.data(), process_numbers.size() - 1);
    return boot_id.empty() || size <= 0 ? std::string() : boot_id + " " + process_numbers.data();
}

std::optional<std::uint64_t> begin_of_process(long pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    // The name in parentheses may hold anything. State is the first word behind it, and starttime the 20th.
    const auto end_of_name = text.rfind(')');
    if (end_of_name == std::string::npos) return std::nullopt;
    std::istringstream words(text.substr(end_of_name + 1));
    std::string state;
    words >> state;
    if (state == "Z" || state == "X") return std::nullopt;  // dead, and not buried
    std::uint64_t begin = 0;
    std::string ignored;
    for (int i = 4; i < 22; ++i) words >> ignored;
    return words >> begin ? std::optional(begin) : std::nullopt;
}

std::string user_name() {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return entry.pw_name;
    return std::to_string(::geteuid());
}

std::uint64_t random_bits() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace qmr::detail
