#include "cli/halt.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <qmr/qmr.hpp>
#include <vector>

namespace qmr::cli {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(std::string_view text) {
    throw BadInput(
        fmt::format("--halt: \"{}\" is not known; give never, or soon or now with a number or a percentage "
                    "of failed tasks, "
                    "as in soon,fail=3 or now,fail=10%",
                    text));
}

constexpr std::string_view failed_begin = "failed.";

bool is_of_failure(const fs::directory_entry& entry) {
    return entry.path().filename().native().starts_with(failed_begin);
}

void make_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        throw Error(fmt::format("cannot create {}: {}", path, std::generic_category().message(errno)));
    ::close(file);
}

}  // namespace

Halt read_halt(std::string_view text, std::optional<std::uint64_t> num_tasks) {
    if (text == "never") return {};
    Halt halt;
    std::string_view rest = text;
    halt.now = rest.starts_with("now");
    if (!halt.now && !rest.starts_with("soon")) refuse(text);
    rest.remove_prefix(halt.now ? 3 : 4);
    constexpr std::string_view why = ",fail=";
    if (!rest.starts_with(why)) refuse(text);
    rest.remove_prefix(why.size());
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), halt.num_failures);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (error != std::errc{} || halt.num_failures == 0 || (!rest.empty() && rest != "%")) refuse(text);
    if (rest.empty()) return halt;
    if (halt.num_failures > 100) refuse(text);
    if (!num_tasks)
        throw BadInput(
            "--halt: the number of tasks is not known, so there is no percentage of it; give a number");
    halt.num_failures = (halt.num_failures * *num_tasks + 99) / 100;
    return halt;
}

bool HaltFiles::is_halted() const {
    return ::access(halt_.c_str(), F_OK) == 0;
}

void HaltFiles::count(std::uint64_t itask, const Halt& halt) const {
    std::error_code error;
    fs::create_directory(directory_, error);
    fs::permissions(directory_, fs::perms::owner_all, error);
    make_file(fmt::format("{}/{}{}", directory_, failed_begin, itask));
    const auto entries = fs::directory_iterator(directory_);
    const auto number = std::count_if(begin(entries), end(entries), is_of_failure);
    if (static_cast<std::uint64_t>(number) >= halt.num_failures) make_file(halt_);
}

void HaltFiles::forget() const {
    std::error_code ignored;
    fs::remove(halt_, ignored);
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(directory_, ignored), last; entry != last; entry.increment(ignored))
        if (is_of_failure(*entry)) files.push_back(entry->path());
    for (const fs::path& file : files) fs::remove(file, ignored);
}

}  // namespace qmr::cli
