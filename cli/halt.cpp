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

#include "cli/private_directory.hpp"

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
constexpr std::string_view number_begin = "failure_number.";

bool begins_with(const fs::directory_entry& entry, std::string_view begin) {
    return entry.path().filename().native().starts_with(begin);
}

// False: it was there.
bool make_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno != EEXIST)
        throw Error(fmt::format("cannot create {}: {}", path, std::generic_category().message(errno)));
    if (file >= 0) ::close(file);
    return file >= 0;
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

std::uint64_t first_not_taken(std::uint64_t begin, const std::function<bool(std::uint64_t)>& is_taken) {
    std::uint64_t step = 1;
    for (; is_taken(begin + step - 1); step *= 2) begin += step;
    // All before `begin` are taken, and the last of the next `step` is not.
    while (step > 1) {
        step /= 2;
        if (is_taken(begin + step - 1)) begin += step;
    }
    return begin;
}

bool HaltFiles::is_halted() const {
    return ::access(halt_.c_str(), F_OK) == 0;
}

// A worker that is killed in between draws no number, but then its task is run again, and fails again. So
// there are at least as many numbers as failed tasks; and more where a task has failed twice, which the look
// tells.
void HaltFiles::count(std::uint64_t itask, const Halt& halt, std::uint64_t& num_drawn) const {
    if (is_halted()) return;
    make_private_directory(directory_);
    make_file(fmt::format("{}/{}{}", directory_, failed_begin, itask));
    draw_number(num_drawn);
    if (num_drawn >= halt.num_failures && num_failed() >= halt.num_failures) make_file(halt_);
}

// Each failure takes the lowest free number. A network file system may still show a number as free that is
// taken, so the file is made exclusively, which fails then.
void HaltFiles::draw_number(std::uint64_t& num_drawn) const {
    const auto file_of = [this](std::uint64_t number) {
        return fmt::format("{}/{}{}", directory_, number_begin, number);
    };
    num_drawn = first_not_taken(
        num_drawn, [&](std::uint64_t number) { return ::access(file_of(number).c_str(), F_OK) == 0; });
    while (!make_file(file_of(num_drawn++))) {
    }
}

std::uint64_t HaltFiles::num_failed() const {
    const auto entries = fs::directory_iterator(directory_);
    const auto number = std::count_if(begin(entries), end(entries),
                                      [](const auto& entry) { return begins_with(entry, failed_begin); });
    return static_cast<std::uint64_t>(number);
}

void HaltFiles::forget() const {
    std::error_code ignored;
    fs::remove(halt_, ignored);
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(directory_, ignored), last; entry != last; entry.increment(ignored))
        if (begins_with(*entry, failed_begin) || begins_with(*entry, number_begin))
            files.push_back(entry->path());
    for (const fs::path& file : files) fs::remove(file, ignored);
}

}  // namespace qmr::cli
