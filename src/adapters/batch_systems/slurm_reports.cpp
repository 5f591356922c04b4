// How queue jobs have ended, by squeue.

#include <algorithm>
#include <array>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/slurm.hpp"
#include "ground/number.hpp"

namespace qmr::detail::slurm {

namespace {

using namespace std::string_view_literals;

// The long form, since the short one has no exit code. What follows a colon ends the field, which then is not
// cut off (squeue(1), --Format). The name comes last, since it may hold anything.
constexpr auto report_format =
    "ArrayJobID:|,ArrayTaskID:|,StateCompact:|,exit_code:|,NodeList:|,Reason:|,Name:|qmr"sv;
constexpr auto end_of_report = "|qmr\n"sv;

struct End {
    std::string_view id, index, state, exit_status, nodes, reason, name;
};

std::optional<End> read_end(std::string_view record) {
    std::array<std::string_view, 6> fields;
    for (auto& field : fields) {
        const auto bar = record.find('|');
        if (bar == std::string_view::npos) return std::nullopt;
        field = record.substr(0, bar);
        record.remove_prefix(bar + 1);
    }
    return End{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], record};
}

void explain(const End& end, JobReport& report) {
    const std::string told = std::string(end.state) + ", " + std::string(end.reason);
    if (end.state == "TO") {
        report.cause = Cause::out_of_time;
        report.message = "Slurm killed it for running longer than its time limit (" + told + ")";
    } else if (end.state == "OOM") {
        report.cause = Cause::out_of_memory;
        report.message = "Slurm killed it for using more memory than it may (" + told + ")";
    } else if (end.state == "NF" || end.state == "BF") {
        report.message = "its node failed (" + told + ")";
    } else if (end.state == "CA") {
        report.message = "it was cancelled (" + told + ")";
    } else if (end.state == "PR") {
        report.message = "it was preempted (" + told + ")";
    } else {
        report.message = "Slurm says " + told;
    }
}

// As wait(2) gives it.
std::optional<int> exit_code_of(std::string_view status) {
    const auto number = read_number<unsigned>(status);
    if (!number || (*number & 0x7FU) != 0) return std::nullopt;
    return static_cast<int>((*number >> 8U) & 0xFFU);
}

JobReport to_report(const End& end) {
    JobReport report{std::string(end.name), std::nullopt, Cause::vanished, {}};
    if (end.index != "N/A") report.array_index = read_number<std::uint64_t>(end.index);
    explain(end, report);
    if (end.state == "F" || end.state == "CD") report.exit_code = exit_code_of(end.exit_status);
    // A list of several is written with brackets or commas.
    if (end.nodes.find_first_of("[,(") == std::string_view::npos) report.host = end.nodes;
    return report;
}

bool is_sane(const End& end) {
    const bool is_index = end.index == "N/A" || read_number<std::uint64_t>(end.index);
    return is_job_id(end.id) && is_index && end.reason.find('\n') == std::string_view::npos;
}

}  // namespace

// Ended queue jobs are on record for MinJobAge, 300 s unless the site says otherwise (slurm.conf(5)).
std::vector<std::string> account_command(const std::string& program, const std::string& JB_job_number) {
    std::vector<std::string> argv{program, "--jobs=" + std::string(number_of_job(JB_job_number)),
                                  "--states=all", "--array", "--Format=" + std::string(report_format)};
    add_cluster(argv, place_of_job(JB_job_number));
    return argv;
}

std::vector<JobReport> read_account_answer(const ClientAnswer& answer) {
    std::vector<JobReport> reports;
    if (!answer.ended || answer.exit_code != 0) return reports;
    std::string_view out = answer.out;
    for (auto end = out.find(end_of_report); end != std::string_view::npos; end = out.find(end_of_report)) {
        const auto record = read_end(out.substr(0, end));
        out.remove_prefix(end + end_of_report.size());
        // The heading is none, with the name of its cluster or without, and a number may have been another's,
        // with whatever name.
        if (record && is_sane(*record) && is_end(record->state)) reports.push_back(to_report(*record));
    }
    return reports;
}

// What slurmstepd writes when it kills. Where accounting watches the memory, a record of the queue job does
// not tell this from any other SIGKILL.
std::optional<JobReport> read_output(std::string_view end_of_output) {
    for (const auto line : answer_lines(end_of_output)) {
        if (!line.starts_with("slurmstepd")) continue;
        const auto report = [&](Cause cause) { return JobReport{{}, {}, cause, std::string(line)}; };
        if (contains(line, "exceeded memory limit") || contains(line, "oom-kill") ||
            contains(line, "oom_kill") || contains(line, "Exceeded job memory limit"))
            return report(Cause::out_of_memory);
        if (contains(line, "DUE TO TIME LIMIT")) return report(Cause::out_of_time);
    }
    return std::nullopt;
}

}  // namespace qmr::detail::slurm
