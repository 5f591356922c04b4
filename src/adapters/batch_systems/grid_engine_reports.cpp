// Why queue jobs do not run, from `qstat -j`, and how they ended, from qacct(1).

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/grid_engine.hpp"
#include "ground/number.hpp"

namespace qmr::detail::grid_engine {

namespace {

constexpr std::string_view no_array = "undefined";
constexpr std::size_t max_reason_length = 500;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// `11/21/2026 05:58:49 [1001:4711]: can't chdir to /x`, without the time, user and process.
std::string_view without_origin(std::string_view reason) {
    const auto end = reason.find("]: ");
    const bool has_origin = end != std::string_view::npos && !reason.empty() && reason.front() >= '0' &&
                            reason.front() <= '9' &&
                            reason.substr(0, end).find(" [") != std::string_view::npos;
    return has_origin ? reason.substr(end + 3) : reason;
}

template <class T>
std::optional<T> leading_number(std::string_view text) {
    return take_number<T>(text);
}

/// The job of one paragraph of `qstat -j`, `key:   value` a line, the value going on in indented lines.
struct Description {
    std::string JB_name;
    bool is_array = false;
    std::map<std::uint64_t, std::string> error_reasons;
    std::string scheduling_info;

    void add(std::string_view key, std::string_view value) {
        if (key == "job_name") JB_name = value;
        if (key == "job-array tasks") is_array = true;
        if (key == "scheduling info" && scheduling_info.size() + value.size() < max_reason_length)
            scheduling_info += (scheduling_info.empty() ? "" : "; ") + std::string(value);
        if (key.starts_with("error reason"))
            if (const auto index = leading_number<std::uint64_t>(
                    trimmed(key.substr(std::string_view("error reason").size()))))
                error_reasons.emplace(*index, without_origin(value));
    }

    void append_to(std::vector<JobReport>& reports) const {
        if (JB_name.empty()) return;
        for (const auto& [index, reason] : error_reasons)
            reports.push_back(
                {JB_name, is_array ? std::optional(index) : std::nullopt, Cause::error_state, reason});
        if (!scheduling_info.empty())
            reports.push_back({JB_name, std::nullopt, Cause::vanished, scheduling_info});
    }
};

/// One run of a queue job in the accounting file.
using Record = std::map<std::string, std::string, std::less<>>;

std::string_view value_of(const Record& record, std::string_view key) {
    const auto found = record.find(key);
    return found == record.end() ? std::string_view{} : std::string_view(found->second);
}

/// `137    (Killed)` with single blanks.
std::string without_padding(std::string_view text) {
    std::string words;
    for (const char c : text)
        if (c != ' ' || !words.ends_with(' ')) words += c;
    return words;
}

// More is garbage, and no number of ours could hold it.
constexpr double longest_time = 1e12;  // s
constexpr double most_memory = 1e18;   // bytes

/// `12s`, `0.007s` or `3`.
double seconds_in(std::string_view text) {
    const double seconds = leading_number<double>(text).value_or(0);
    return seconds >= 0 && seconds < longest_time ? seconds : 0;
}

/// `198.555MB` in bytes. Of what was asked for, small letters count by 1000 (sge_types(1)).
double bytes_in(std::string_view text) {
    double value = take_number<double>(text).value_or(0);
    constexpr std::string_view units = "KMGTP";
    const bool is_small = !text.empty() && text.front() >= 'a';
    const char letter = text.empty() ? ' ' : text.front();
    const auto unit = units.find(static_cast<char>(is_small ? letter - 'a' + 'A' : letter));
    for (std::size_t i = 0; unit != std::string_view::npos && i <= unit; ++i) value *= is_small ? 1000 : 1024;
    return value >= 0 && value < most_memory ? value : 0;
}

/// What was asked for by `-l` in the line `category`, as a number: `h_rt=10`. 0: not asked for.
double requested(const Record& record, std::string_view resource) {
    const auto category = value_of(record, "category");
    const auto at = category.find(std::string(resource) + "=");
    if (at == std::string_view::npos) return 0;
    const auto value = category.substr(at + resource.size() + 1);
    return bytes_in(value.substr(0, value.find_first_of(", ")));
}

// After a run with this code (exit code 99, `qmod -rj`, a host that was lost) the queue job was put back.
constexpr int rescheduling = 25;

bool is_of_an_end(const Record& record) {
    return leading_number<int>(value_of(record, "failed")) != rescheduling;
}

JobReport read_end(const Record& record) {
    JobReport report{std::string(value_of(record, "jobname")), {}, Cause::vanished, {}};
    const auto task = value_of(record, "taskid");
    if (task != no_array) report.array_index = leading_number<std::uint64_t>(task);

    const auto failed = without_padding(value_of(record, "failed"));
    const auto exit_status = without_padding(value_of(record, "exit_status"));
    const double wallclock = seconds_in(value_of(record, "ru_wallclock"));
    const double walltime = requested(record, "h_rt");
    const double memory = requested(record, "h_vmem");
    report.host = value_of(record, "hostname");
    report.seconds = wallclock;
    report.peak_memory = static_cast<std::uint64_t>(bytes_in(value_of(record, "maxvmem")));
    const bool has_failed = leading_number<int>(failed).value_or(0) != 0;
    if (!has_failed) report.exit_code = leading_number<int>(exit_status);
    const bool was_limited = contains(failed, "h_rt, h_cpu, or h_vmem limit");
    if (was_limited && walltime > 0 && wallclock >= walltime) {
        report.cause = Cause::out_of_time;
        report.message = fmt::format("Grid Engine killed it for running longer than h_rt, {} s", walltime);
    } else if (was_limited && memory > 0 && bytes_in(value_of(record, "maxvmem")) >= memory) {
        report.cause = Cause::out_of_memory;
        report.message =
            fmt::format("Grid Engine killed it for using more memory than h_vmem, {:.0f} MB", memory / 1e6);
    } else if (has_failed) {
        report.message = fmt::format("failed {}, exit_status {}, by qacct", failed, exit_status);
    } else {
        report.message = fmt::format("it ended with exit_status {}, by qacct", exit_status);
    }
    return report;
}

}  // namespace

std::vector<std::string> reason_command(const std::string& status_program, const std::string& JB_job_number) {
    return {status_program, "-j", JB_job_number};
}

std::vector<JobReport> read_reason_answer(const ClientAnswer& answer) {
    std::vector<JobReport> reports;
    if (!answer.ended || answer.exit_code != 0) return reports;
    Description description;
    std::string_view key;
    std::string_view rest = answer.out;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.starts_with("====")) {
            description.append_to(reports);
            description = {};
            key = {};
            continue;
        }
        const auto colon = line.find(':');
        if (!line.starts_with(' ') && colon != std::string_view::npos) {
            key = trimmed(line.substr(0, colon));
            description.add(key, trimmed(line.substr(colon + 1)));
        } else if (line.starts_with(' ') && !trimmed(line).empty()) {
            description.add(key, trimmed(line));
        }
    }
    description.append_to(reports);
    return reports;
}

std::vector<std::string> account_command(const std::string& account_program,
                                         const std::string& JB_job_number) {
    return {account_program, "-j", JB_job_number};
}

// A queue job that ran more than once has a record of each run; the last one counts.
std::vector<JobReport> read_account_answer(const ClientAnswer& answer) {
    std::vector<JobReport> reports;
    if (!answer.ended || answer.exit_code != 0) return reports;
    Record record;
    const auto take = [&] {
        if (!value_of(record, "jobname").empty() && !value_of(record, "exit_status").empty() &&
            is_of_an_end(record))
            reports.push_back(read_end(record));
        record.clear();
    };
    for (const auto line : answer_lines(answer.out)) {
        if (line.starts_with("====")) {
            take();
            continue;
        }
        const auto blank = line.find(' ');
        if (blank == std::string_view::npos) continue;
        record.emplace(line.substr(0, blank), trimmed(line.substr(blank)));
    }
    take();
    std::reverse(reports.begin(), reports.end());
    return reports;
}

}  // namespace qmr::detail::grid_engine
