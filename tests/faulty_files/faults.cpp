#include "faulty_files/faults.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

namespace qmr::faulty_files {

namespace {

struct Fault {
    Call call = Call::open;
    int error = 0;         ///< 0: half is done
    bool is_torn = false;  ///< half is done, then EIO
    std::uint64_t first = 1;
    std::uint64_t last = 1;
};

struct Plan {
    std::string_view directory;
    std::array<Fault, 8> faults;
    std::size_t num_faults = 0;
    double lateness = 0;
    bool is_only_listing_late = false;
    bool has_nfs_unlink = false;
    Counters* counters = nullptr;
};

// In a process that nobody has made for it, nothing else can be done.
[[noreturn]] void stop(std::string_view why, std::string_view what) {
    for (const std::string_view text :
         {std::string_view("faulty files: "), why, what, std::string_view("\n")})
        if (::syscall(SYS_write, STDERR_FILENO, text.data(), text.size()) < 0) break;
    ::_exit(125);
}

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::optional<int> error_called(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, int>, 9> known{{{"ENOSPC", ENOSPC},
                                                                     {"EDQUOT", EDQUOT},
                                                                     {"EIO", EIO},
                                                                     {"ESTALE", ESTALE},
                                                                     {"EACCES", EACCES},
                                                                     {"ENOENT", ENOENT},
                                                                     {"EINTR", EINTR},
                                                                     {"EMFILE", EMFILE},
                                                                     {"EOPNOTSUPP", EOPNOTSUPP}}};
    for (const auto& [text, number] : known)
        if (text == name) return number;
    return std::nullopt;
}

std::uint64_t take_number(std::string_view& text, std::string_view whole) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number == 0) stop("not a number of at least 1 in ", whole);
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return number;
}

// ENOSPC@pwrite#17+
Fault read_fault(std::string_view word) {
    const auto at = word.find('@');
    const auto hash = word.find('#');
    if (at == std::string_view::npos || hash == std::string_view::npos || hash < at)
        stop("not WHAT@CALL#NUMBER: ", word);
    Fault fault;
    const std::string_view what = word.substr(0, at);
    const auto error = error_called(what);
    fault.error = error.value_or(0);
    fault.is_torn = what == "torn";
    if (!error && !fault.is_torn && what != "short") stop("an unknown error in ", word);
    const auto* const name =
        std::find(call_names.begin(), call_names.end(), word.substr(at + 1, hash - at - 1));
    if (name == call_names.end()) stop("an unknown call in ", word);
    fault.call = static_cast<Call>(name - call_names.begin());
    std::string_view count = word.substr(hash + 1);
    fault.first = fault.last = take_number(count, word);
    if (count == "+") {
        fault.last = std::numeric_limits<std::uint64_t>::max();
    } else if (count.starts_with('x')) {
        count.remove_prefix(1);
        fault.last = fault.first + take_number(count, word) - 1;
    } else if (!count.empty()) {
        stop("neither + nor x after the number in ", word);
    }
    return fault;
}

void read_word(Plan& plan, std::string_view word) {
    constexpr std::string_view late = "late=";
    constexpr std::string_view late_listing = "late_listing=";
    if (word == "nfs_unlink") {
        plan.has_nfs_unlink = true;
    } else if (word.starts_with(late)) {
        plan.lateness = std::strtod(word.data() + late.size(), nullptr);
    } else if (word.starts_with(late_listing)) {
        plan.lateness = std::strtod(word.data() + late_listing.size(), nullptr);
        plan.is_only_listing_late = true;
    } else if (plan.num_faults == plan.faults.size()) {
        stop("too many faults, at ", word);
    } else {
        plan.faults[plan.num_faults++] = read_fault(word);
    }
}

Counters* map_counters(std::string_view path) {
    const auto file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.data(), O_RDWR | O_CLOEXEC, 0));
    if (file < 0) stop("can not open the counters ", path);
    void* memory = ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) stop("can not map the counters ", path);
    ::syscall(SYS_close, file);
    return static_cast<Counters*>(memory);
}

Plan read_plan() {
    Plan plan;
    plan.directory = variable("QMR_TEST_FAULTY_DIRECTORY");
    if (plan.directory.empty()) return plan;
    plan.counters = map_counters(variable("QMR_TEST_FAULT_COUNTERS"));
    std::string_view rest = variable("QMR_TEST_FILE_FAULTS");
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (!word.empty()) read_word(plan, word);
    }
    return plan;
}

// The environment is read once: a process that changes it has the faults that it began with. Its copy of the
// directory's name stays, as environ is never freed.
const Plan& plan() {
    static const Plan the_plan = read_plan();
    return the_plan;
}

// Before main(), when no other thread is there.
[[gnu::constructor]] void begin() {
    static_cast<void>(plan());
}

}  // namespace

Counters& counters() {
    return *plan().counters;
}

std::string_view faulty_directory() {
    return plan().directory;
}

double lateness() {
    return plan().lateness;
}

bool is_only_listing_late() {
    return plan().is_only_listing_late;
}

bool has_nfs_unlink() {
    return plan().has_nfs_unlink;
}

Fate next_fate(Call call) {
    const std::uint64_t number = ++counters().num_calls[static_cast<std::size_t>(call)];
    for (std::size_t i = 0; i < plan().num_faults; ++i) {
        const Fault& fault = plan().faults[i];
        const bool is_after_half = fault.is_torn && number == fault.first + 1;
        if (fault.call != call || number < fault.first || (number > fault.last && !is_after_half)) continue;
        ++counters().num_strikes;
        if (is_after_half) return {EIO, false};
        return {fault.error, fault.error == 0};
    }
    return {};
}

bool fails(Call call) {
    const Fate fate = next_fate(call);
    if (fate.error != 0) errno = fate.error;
    return fate.error != 0;
}

}  // namespace qmr::faulty_files
