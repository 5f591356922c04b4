#include "dummy_queue/account.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ctime>
#include <map>
#include <tuple>
#include <utility>

#include "dummy_queue/resources.hpp"
#include "dummy_queue/user_and_host.hpp"

namespace qmr::dummy_queue {
namespace {

// Without a limit that was asked for, a command that is killed for it had one of these.
constexpr std::uint64_t default_seconds = 1;
constexpr std::uint64_t default_bytes = 100 << 20;

std::string category_of(const std::map<std::string, std::string>& resources) {
    std::vector<std::string> words;
    for (const auto& [name, value] : resources) words.push_back(fmt::format("{}={}", name, value));
    return words.empty() ? "" : fmt::format("-l {}", fmt::join(words, ","));
}

/// What the shepherd of Grid Engine tells of the end of a command, and of those that did not start.
std::pair<int, std::string> failure_of(const RunResult& result) {
    if (result.failed_at == 26) return {26, "opening input/output file"};
    if (result.failed_at == 28) return {28, "changing into working directory"};
    if (!result.failure.empty()) return {27, "searching requested shell"};
    if (result.exit_code == 100) return {30, "application error returned"};
    if (result.exit_code == 99) return {25, "rescheduling"};
    if (result.exit_code == 128 + SIGKILL) return {100, "assumedly after job"};
    return {0, ""};
}

std::string exit_status_text(int exit_status) {
    if (exit_status <= 128) return fmt::format("{:<20}", exit_status);
    return fmt::format("{:<20} ({})", exit_status, strsignal(exit_status - 128));
}

std::string memory_text(std::uint64_t bytes) {
    constexpr std::string_view units = "BKMGT";
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    return fmt::format("{:.3f}{}{}", value, units[unit], unit == 0 ? "" : "B");
}

std::string time_text(std::int64_t seconds) {
    return fmt::format("{:%a %b %e %H:%M:%S %Y}", fmt::localtime(static_cast<std::time_t>(seconds)));
}

}  // namespace

AccountRecord account_of(const Job& job, const RunningTask& running, const RunResult& result,
                         const std::string& limit, std::int64_t now) {
    const auto& submission = job.submission;
    auto resources = requested_resources(submission.recorded);
    AccountRecord record;
    record.queue_name = submission.queue_name.substr(0, submission.queue_name.find_first_of(",@"));
    if (record.queue_name.empty()) record.queue_name = "all.q";
    record.host = host_name();
    record.JB_owner = job.JB_owner;
    record.JB_name = job.JB_name();
    record.JB_job_number = job.JB_job_number;
    if (job.is_array()) record.array_task = running.task;
    record.submitted_at = job.submitted_at;
    record.has_started = result.failure.empty();
    record.started_at = running.started_at;
    record.ended_at = now;
    record.wallclock = static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - running.started_at));
    record.parallel_environment = submission.parallel_environment;
    record.num_slots = submission.num_slots;
    record.exit_status = result.failure.empty() ? result.exit_code : 0;
    std::tie(record.failed, record.failed_because) = failure_of(result);
    if (result.was_killed && !limit.empty()) {
        record.failed = 37;
        record.failed_because = "qmaster enforced h_rt, h_cpu, or h_vmem limit";
        if (limit == "h_rt") {
            const auto asked = resources.try_emplace("h_rt", std::to_string(default_seconds)).first->second;
            record.wallclock = std::max(record.wallclock, seconds_of(asked));
        } else {
            const auto asked = resources.try_emplace("h_vmem", std::to_string(default_bytes)).first->second;
            record.maxvmem = bytes_of(asked) + (1 << 20);
        }
    }
    record.category = category_of(resources);
    return record;
}

std::string to_paragraph(const AccountRecord& record) {
    std::string text = std::string(62, '=') + "\n";
    const auto line = [&](const char* key, const std::string& value) {
        text += fmt::format("{:<12} {}\n", key, value);
    };
    const auto padded = [&](const char* key, const std::string& value) {
        line(key, fmt::format("{:<20}", value));
    };
    padded("qname", record.queue_name);
    padded("hostname", record.host);
    padded("owner", record.JB_owner);
    padded("jobname", record.JB_name);
    padded("jobnumber", std::to_string(record.JB_job_number));
    if (record.array_task) {
        padded("taskid", std::to_string(*record.array_task));
    } else {
        line("taskid", "undefined");
    }
    line("qsub_time", time_text(record.submitted_at));
    line("start_time", record.has_started ? time_text(record.started_at) : "-/-");
    line("end_time", record.has_started ? time_text(record.ended_at) : "-/-");
    padded("granted_pe", record.parallel_environment.empty() ? "NONE" : record.parallel_environment);
    padded("slots", std::to_string(record.num_slots));
    line("failed",
         fmt::format("{:<4}{}", record.failed, record.failed == 0 ? " " : ": " + record.failed_because));
    line("exit_status", exit_status_text(record.exit_status));
    line("ru_wallclock", fmt::format("{}s", record.wallclock));
    line("maxvmem", memory_text(record.maxvmem));
    line("category", record.category.empty() ? "NONE" : record.category);
    return text;
}

}  // namespace qmr::dummy_queue
