#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/grid_engine.hpp"
#include "adapters/batch_systems/task_ranges.hpp"
#include "ground/number.hpp"

namespace qmr::detail::grid_engine {

namespace {

using namespace std::string_view_literals;
using Kind = SubmitVerdict::Kind;

// Parts of lines, in lower case.

// The qmaster may have taken the queue job, or not: qsub never heard.
constexpr std::array signs_of_no_answer{
    "commlib error"sv,  "unable to send message"sv, "unable to contact"sv,
    "got send error"sv, "got read error"sv,         "error reading answer list"sv,
};
// The last one is the answer to -now y of the user.
constexpr std::array signs_of_a_limit{"jobs are allowed per user"sv, "jobs are allowed per cluster"sv,
                                      "request could not be scheduled"sv};
constexpr auto begin_of_array_limit = "you tried to submit a job with more than "sv;
constexpr std::array signs_of_refusal{
    "job rejected"sv,
    "job was rejected"sv,
    "rejected job"sv,  // by a job submission verifier, jsv(1)
    "denied:"sv,
    "unknown resource"sv,
    "is not a time value"sv,
    "is not a memory value"sv,
    "is not a integer value"sv,
    "is not a boolean value"sv,
    "is not a double value"sv,
    "invalid \"task concurrency\" value"sv,
    "no suitable queues"sv,
    "not allowed in objectname"sv,
    "job name too long"sv,
    "unable to read script file"sv,
    "please set the environment variable"sv,
    "error!"sv,         // qsub's own complaint about an option
    "verification:"sv,  // the answer to -w v or -w p, which never submit
};

constexpr int exit_code_limit_reached = 25;  // EXIT STATUS in qsub(1)
constexpr std::array exit_codes_of_bad_options{2, 7, 14};

bool has_sign(std::string_view line, std::span<const std::string_view> signs) {
    const std::string text = lower(line);
    return std::any_of(signs.begin(), signs.end(), [&](auto sign) { return contains(text, sign); });
}

// `5` or `7.1-10:1`, which -terse prints.
std::optional<std::string_view> number_in_terse_line(std::string_view line) {
    const auto number = line.substr(0, line.find('.'));
    if (!is_job_number(number)) return std::nullopt;
    if (number.size() == line.size()) return number;
    const auto ranges = parse_task_ranges(line.substr(number.size() + 1));
    return ranges && ranges->size() == 1 ? std::optional(number) : std::nullopt;
}

// `Your job 4 ("name") has been submitted`, in case a wrapper of the site drops -terse.
std::optional<std::string_view> number_in_long_line(std::string_view line) {
    if (!contains(line, "has been submitted")) return std::nullopt;
    for (const auto begin : {"Your job "sv, "Your job-array "sv}) {
        if (line.starts_with(begin)) {
            line.remove_prefix(begin.size());
            return number_in_terse_line(line.substr(0, line.find(' ')));
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> number_in_line(std::string_view line) {
    const auto number = number_in_terse_line(line);
    return number ? number : number_in_long_line(line);
}

// Warnings of wrappers and plug-ins may surround the line that matters.
std::optional<std::string_view> find_line(const std::vector<std::string_view>& lines,
                                          std::span<const std::string_view> signs) {
    const auto line =
        std::find_if(lines.begin(), lines.end(), [&](auto candidate) { return has_sign(candidate, signs); });
    return line == lines.end() ? std::nullopt : std::optional(*line);
}

// With these qsub tells why; those of wrappers around it, and what else qsub says, tell less.
constexpr std::array begins_of_reasons{"unable to "sv, "qsub: "sv, "error: "sv, "denied: "sv};
constexpr std::array lines_without_reason{"exiting."sv, "waiting for immediate job to be scheduled."sv};

std::string reason_in(const std::vector<std::string_view>& lines, const ClientAnswer& answer) {
    std::vector<std::string_view> reasons;
    std::vector<std::string_view> others;
    for (const auto line : lines) {
        const std::string text = lower(line);
        const auto is_begin = [&](auto begin) { return text.starts_with(begin); };
        if (std::ranges::any_of(begins_of_reasons, is_begin))
            reasons.push_back(line);
        else if (std::ranges::find(lines_without_reason, text) == lines_without_reason.end())
            others.push_back(line);
    }
    if (!reasons.empty() || !others.empty()) return in_one_line(reasons.empty() ? others : reasons);
    if (!answer.ended) return "the submit program was killed or did not end in time";
    return "the submit program ended with exit code " + std::to_string(answer.exit_code) +
           " and told no job number";
}

// `... job with more than 75000 tasks`: the number. None: it tells something else.
std::optional<std::uint64_t> array_limit_in(std::string_view line) {
    const auto at = line.find(begin_of_array_limit);
    if (at == std::string_view::npos) return std::nullopt;
    line.remove_prefix(at + begin_of_array_limit.size());
    return take_number<std::uint64_t>(line);
}

bool is_code_of_bad_options(int exit_code) {
    return std::find(exit_codes_of_bad_options.begin(), exit_codes_of_bad_options.end(), exit_code) !=
           exit_codes_of_bad_options.end();
}

}  // namespace

// -b y -shell n: the program is run as it is, whatever the queue's shell and shell_start_mode, and nothing is
// copied to the spool. -o begins with a colon because the part before the first one is taken for a host.
// -sync n, -now n: with -sync y in a site's or user's sge_request, qsub would wait for the end of the queue
// jobs; with -now y, it would take none but those that can start at once.
std::vector<std::string> submit_command(const std::string& program, const SubmitRequest& request) {
    if (request.command.empty()) throw std::invalid_argument("a queue job needs a command");
    if (request.num_slots > 1 && request.parallel_environment.empty()) {
        throw std::invalid_argument("Grid Engine needs a parallel environment for more than one slot");
    }

    std::vector<std::string> argv{program, "-terse", "-sync",  "n", "-now", "n",
                                  "-b",    "y",      "-shell", "n", "-N",   request.JB_name};
    const auto add = [&](std::initializer_list<std::string> arguments) {
        argv.insert(argv.end(), arguments);
    };
    add({"-j", "y", "-o", ":" + request.output_directory + "/$JOB_ID.$TASK_ID"});
    add({"-wd", request.output_directory});
    if (!request.queue_name.empty()) add({"-q", request.queue_name});
    if (!request.account.empty()) add({"-P", request.account});
    if (request.memory_bytes > 0) add({"-l", "h_vmem=" + std::to_string(request.memory_bytes)});
    if (request.walltime.count() > 0) add({"-l", "h_rt=" + std::to_string(request.walltime.count())});
    if (!request.excluded_hosts.empty())
        add({"-l", fmt::format("h=!({})", fmt::join(request.excluded_hosts, "|"))});
    if (request.num_slots > 1) {
        add({"-pe", request.parallel_environment, std::to_string(request.num_slots)});
    }
    if (request.array_size > 0) {
        add({"-t", "1-" + std::to_string(request.array_size)});
        if (request.max_num_running > 0) add({"-tc", std::to_string(request.max_num_running)});
    }
    argv.insert(argv.end(), request.submit_arguments.begin(), request.submit_arguments.end());
    argv.insert(argv.end(), request.command.begin(), request.command.end());
    return argv;
}

SubmitVerdict read_submit_answer(const ClientAnswer& answer, std::uint64_t array_size) {
    if (answer.ended && answer.exit_code == 0) {
        if (auto number = find_in_one_line(answer.out, number_in_line))
            return {Kind::accepted, std::move(*number), {}};
    }

    const auto lines = all_answer_lines(answer);

    const auto verdict = [](Kind kind, auto message) {
        return SubmitVerdict{kind, {}, std::string(message)};
    };
    const auto limit = find_line(lines, signs_of_a_limit);
    const auto refusal = find_line(lines, signs_of_refusal);

    if (!answer.ended) return verdict(Kind::unclear, reason_in(lines, answer));
    if (answer.exit_code == exit_code_limit_reached) {
        return verdict(Kind::busy, limit ? std::string(*limit) : reason_in(lines, answer));
    }
    if (find_line(lines, signs_of_no_answer)) return verdict(Kind::unclear, reason_in(lines, answer));
    if (limit) return verdict(Kind::busy, *limit);
    for (const auto line : lines) {
        const auto max_array_size = array_limit_in(line);
        if (!max_array_size || *max_array_size == 0 || *max_array_size >= array_size) continue;
        auto too_large = verdict(Kind::too_large, line);
        too_large.max_array_size = *max_array_size;
        return too_large;
    }
    if (refusal) return verdict(Kind::refused, *refusal);
    if (is_code_of_bad_options(answer.exit_code)) {
        return verdict(Kind::refused, reason_in(lines, answer));
    }
    return verdict(Kind::unclear, reason_in(lines, answer));
}

}  // namespace qmr::detail::grid_engine
