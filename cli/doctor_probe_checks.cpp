#include "cli/doctor_probe_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/in_words.hpp"

namespace qmr::cli {

namespace {

constexpr double largest_clock_difference = 1;

std::string seconds(double number) {
    return duration(Seconds{number});
}

// By how many seconds its clock is surely ahead of ours; below 0: behind. The task ended somewhere between
// the submission and the look at its result.
double sure_difference(const ProbeAnswer& answer, const ProbeBracket& bracket) {
    return answer.time - std::clamp(answer.time, bracket.begin, bracket.end);
}

Check check_probe(const ProbeAnswer& answer, const ProbeBracket& bracket) {
    return {Mark::well, "probe",
            fmt::format("ran on {}; its result was here {} after the submission began", answer.host,
                        seconds(bracket.end - bracket.begin))};
}

Check check_work_dir(const ProbeAnswer& answer, const ProbeBracket& bracket) {
    Check check{Mark::well, "work_dir", fmt::format("{} sees it", answer.host)};
    if (sure_difference(answer, bracket) != 0) {
        check.found += "; how late a result is seen here can not be told, since the clocks differ";
        return check;
    }
    const double late = bracket.end - answer.time;
    const double latency = bracket.file_system_latency.count();
    check.found += fmt::format("; a result is seen here within {}", seconds(late));
    if (bracket.is_local) return check;
    check.found += fmt::format(" (file_system_latency: {:g} s)", latency);
    if (late <= latency) return check;
    check.mark = Mark::wrong;
    check.advice =
        fmt::format("a result may be taken for lost: give --file-system-latency {:.0f}", std::ceil(2 * late));
    return check;
}

Check check_clock(const ProbeAnswer& answer, const ProbeBracket& bracket) {
    const double sure = sure_difference(answer, bracket);
    if (std::abs(sure) > largest_clock_difference)
        return {Mark::wrong, "clock",
                fmt::format("that of {} is at least {} {} ours", answer.host, seconds(std::abs(sure)),
                            sure > 0 ? "ahead of" : "behind"),
                "have one of them set (NTP): times of files and logs contradict each other"};
    const double at_most =
        std::max(std::abs(answer.time - bracket.begin), std::abs(answer.time - bracket.end));
    return {Mark::well, "clock",
            fmt::format("that of {} is less than {} from ours", answer.host, seconds(at_most))};
}

Check check_environment(const ProbeAnswer& answer, const ProbeBracket& bracket) {
    Check check{Mark::well, "environment", {}};
    if (!answer.is_same_directory) {
        check.mark = Mark::wrong;
        check.found = fmt::format("the current directory there is {}", answer.current_directory);
        check.advice = "give tasks absolute paths, or map from a directory that has one name everywhere";
    } else {
        check.found = "the current directory is the same";
    }
    if (!bracket.is_variable_exported)
        return check.found += "; whether variables arrive was not checked, since not all are exported", check;
    if (answer.is_same_variable) return check.found += "; a variable arrives byte for byte", check;
    check.mark = Mark::wrong;
    check.found += fmt::format("; the variable {} does not arrive as it was", Probe::variable);
    check.advice = "see what a prolog, or a start-up file of the shell there, does to variables";
    return check;
}

Check check_resources(const ProbeAnswer& answer) {
    std::string found = fmt::format("{} of {} cores, {} of memory", answer.num_cores,
                                    answer.num_cores_of_host, size(answer.memory));
    if (answer.memory_limit > 0)
        found += fmt::format(", of which a queue job may use {}", size(answer.memory_limit));
    return {Mark::well, "resources", found};
}

std::string advice_for(Cause cause) {
    switch (cause) {
        case Cause::out_of_memory:
            return "ask for more by --memory";
        case Cause::out_of_time:
            return "ask for more by --walltime";
        case Cause::binary_changed:
            return "worker nodes have to see the same build of qmr under the same path";
        case Cause::corrupt_result:
            return "look at the disk, or at the file server";
        case Cause::exception:
        case Cause::crash:
        case Cause::error_state:
        case Cause::vanished:
        case Cause::worker_failure:
            break;
    }
    return "worker nodes have to see this directory, and qmr with its libraries, under the same paths";
}

}  // namespace

std::vector<Check> checks_of_probe(const ProbeAnswer& answer, const ProbeBracket& bracket) {
    return {
        check_probe(answer, bracket),
        check_work_dir(answer, bracket),
        check_clock(answer, bracket),
        check_environment(answer, bracket),
        {Mark::well, "executable", fmt::format("{}, of the same build, can be started", answer.executable)},
        check_resources(answer)};
}

std::vector<Check> checks_without_answer(Check probe) {
    std::vector<Check> checks{std::move(probe)};
    for (const char* name : {"work_dir", "clock", "environment", "executable", "resources"})
        checks.push_back({Mark::not_checked, name, "the probe has no result"});
    return checks;
}

Check check_failure(const TaskFailure& failure) {
    std::string found = "failed: " + failure.message;
    if (!failure.host.empty() && found.find(failure.host) == std::string::npos)
        found += " on " + failure.host;
    return {Mark::wrong, "probe", found, advice_for(failure.cause)};
}

}  // namespace qmr::cli
