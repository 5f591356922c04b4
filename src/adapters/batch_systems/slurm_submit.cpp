#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/slurm.hpp"

namespace qmr::detail::slurm {

namespace {

using namespace std::string_view_literals;
using Kind = SubmitVerdict::Kind;

// Each of these lines comes from slurmctld or from sbatch itself before it asks slurmctld, so nothing is in
// the queue. Whatever else sbatch says may be about a message that got lost.
constexpr std::array signs_of_refusal{
    "invalid partition"sv,
    "invalid node name"sv,
    "node configuration is not available"sv,
    "can not be satisfied"sv,
    "invalid job array specification"sv,
    "job dependency problem"sv,
    "invalid account"sv,
    "invalid qos"sv,
    "invalid --"sv,
    "access/permission denied"sv,
    "user's group not permitted"sv,
    "requested time limit is invalid"sv,
    "job violates accounting/qos policy"sv,
    "node count specification invalid"sv,
    "more processors requested than permitted"sv,
    "invalid feature specification"sv,
    "trackable resource"sv,
    "invalid generic resource"sv,
    "required partition not available"sv,
    "parameter too long"sv,
    "requested reservation is invalid"sv,
    "requested node configuration"sv,
    "invalid license"sv,
    "unable to open file"sv,
    "does not look like a batch script"sv,
    "dos line breaks"sv,
    "batch script is empty"sv,
    "unrecognized option"sv,
    "could not establish a configuration source"sv,
};

// sbatch waits and tries again, for up to 120 s; killed in between, it may have just succeeded.
constexpr auto sign_of_waiting = "sleeping and retrying"sv;
constexpr auto sign_of_full_queue = "resource temporarily unavailable"sv;
constexpr auto sign_of_array_limit = "invalid job array specification"sv;

constexpr int exit_code_of_bad_options = 255;

// AssocMaxSubmitJobLimit, QOSMaxSubmitJobPerUserLimit and their like.
bool tells_of_submit_limit(const std::string& line) {
    return contains(line, "maxsubmitjob") || contains(line, "job submit limit reached");
}

// `9884`, or `9884;cluster`; or the long form, should a wrapper drop --parsable: `Submitted batch job 9884 on
// cluster c`.
std::optional<std::string> id_in_line(std::string_view line) {
    constexpr auto long_form = "Submitted batch job "sv;
    if (line.starts_with(long_form)) line.remove_prefix(long_form.size());
    const auto id = line.substr(0, line.find_first_of("; "));
    if (!is_job_id(id)) return std::nullopt;
    line.remove_prefix(id.size());
    std::string_view cluster;
    for (const auto sign : {";"sv, " on cluster "sv})
        if (line.starts_with(sign))
            cluster = line.substr(sign.size(), line.find(' ', sign.size()) - sign.size());
    if (cluster.empty()) return std::string(id);
    return is_cluster_name(cluster) ? std::optional(fmt::format("{};{}", id, cluster)) : std::nullopt;
}

// The last line says what came of it; those before it say more about the same. What plug-ins and wrappers
// print beside it tells less.
std::string reason_in(const std::vector<std::string_view>& lines, const ClientAnswer& answer) {
    std::vector<std::string_view> reasons;
    for (const auto line : lines)
        for (const auto begin : {"sbatch: error: "sv, "sbatch: fatal: "sv})
            if (line.starts_with(begin)) reasons.push_back(line.substr(begin.size()));
    if (!lines.empty()) return in_one_line(reasons.empty() ? lines : reasons);
    if (!answer.ended) return "sbatch was killed or did not end in time";
    return fmt::format("sbatch ended with exit code {} and told no job id", answer.exit_code);
}

// `%` begins a pattern in --output.
std::string escaped(const std::string& path) {
    std::string out;
    for (const char c : path) out.append(c == '%' ? 2 : 1, c);
    return out;
}

std::string time_limit(std::chrono::seconds walltime) {
    const auto seconds = walltime.count();
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

// --open-mode=append: a queue job that is started again keeps what its first run printed. --export=ALL: any
// other value makes the execution host run a login shell of the user, and reaches what the tasks submit.
// Hosts may know themselves with a domain; nodes are called without.
std::string node_names(const std::vector<std::string>& hosts) {
    std::string names;
    for (const std::string& host : hosts)
        names += (names.empty() ? "" : ",") + host.substr(0, host.find('.'));
    return names;
}

std::vector<std::string> places_asked_for(std::span<const std::string> submit_arguments,
                                          const std::string& variable) {
    std::string_view asked = variable;
    for (std::size_t i = 0; i < submit_arguments.size(); ++i) {
        const std::string_view argument = submit_arguments[i];
        const std::string_view next =
            i + 1 < submit_arguments.size() ? std::string_view(submit_arguments[i + 1]) : std::string_view();
        if (argument == "--clusters" || argument == "--cluster" || argument == "-M") {
            asked = next;
            ++i;
        } else if (argument.starts_with("--cluster=") || argument.starts_with("--clusters=")) {
            asked = argument.substr(argument.find('=') + 1);
        } else if (argument.starts_with("-M")) {
            asked = argument.substr(2);
        }
    }
    std::vector<std::string> places;
    while (!asked.empty()) {
        const auto end = std::min(asked.find(','), asked.size());
        if (is_cluster_name(asked.substr(0, end))) places.emplace_back(asked.substr(0, end));
        asked.remove_prefix(std::min(end + 1, asked.size()));
    }
    return places.empty() ? std::vector<std::string>{""} : places;
}

std::vector<std::string> submit_command(const std::string& program, const SubmitRequest& request) {
    if (request.command.empty()) throw std::invalid_argument("a queue job needs a command");
    std::vector<std::string> argv{
        program,
        "--parsable",
        "--job-name=" + request.JB_name,
        "--chdir=" + request.output_directory,
        "--output=" + escaped(request.output_directory) + (request.array_size > 0 ? "/%A.%a" : "/%j.1"),
        "--open-mode=append",
        "--export=ALL",
        "--nodes=1",
        "--ntasks=1"};
    const auto add = [&](std::string argument) { argv.push_back(std::move(argument)); };
    if (!request.queue_name.empty()) add("--partition=" + request.queue_name);
    if (!request.account.empty()) add("--account=" + request.account);
    if (request.memory_bytes > 0) add(fmt::format("--mem-per-cpu={}K", (request.memory_bytes + 1023) / 1024));
    if (request.walltime.count() > 0) add("--time=" + time_limit(request.walltime));
    if (!request.excluded_hosts.empty()) add("--exclude=" + node_names(request.excluded_hosts));
    if (request.num_slots > 1) add(fmt::format("--cpus-per-task={}", request.num_slots));
    if (request.array_size > 0) {
        const auto throttle =
            request.max_num_running > 0 ? fmt::format("%{}", request.max_num_running) : std::string();
        add(fmt::format("--array=1-{}{}", request.array_size, throttle));
    }
    argv.insert(argv.end(), request.submit_arguments.begin(), request.submit_arguments.end());
    argv.insert(argv.end(), request.command.begin(), request.command.end());
    return argv;
}

SubmitVerdict read_submit_answer(const ClientAnswer& answer, std::uint64_t array_size) {
    if (answer.ended && answer.exit_code == 0) {
        if (auto id = find_in_one_line(answer.out, id_in_line))
            return {Kind::accepted, std::move(*id), {}, 0, false};
    }
    SubmitVerdict verdict{Kind::unclear, {}, reason_in(all_answer_lines(answer), answer), 0, false};
    const std::string all = lower(answer.err + "\n" + answer.out);

    const bool is_array = array_size > 1;
    if (!answer.ended) {
        verdict.is_full = contains(all, sign_of_waiting);
    } else if (contains(all, sign_of_full_queue) || tells_of_submit_limit(all)) {
        // Each queue job of an array counts.
        verdict.kind = is_array ? Kind::too_large : Kind::busy;
    } else if (is_array && contains(all, sign_of_array_limit)) {
        // How many are allowed is not told. The array is ours, so its size is what is wrong with it.
        verdict.kind = Kind::too_large;
        verdict.max_array_size = array_size / 2;
    } else if (answer.exit_code == exit_code_of_bad_options ||
               std::any_of(signs_of_refusal.begin(), signs_of_refusal.end(),
                           [&](auto sign) { return contains(all, sign); })) {
        verdict.kind = Kind::refused;
    }
    return verdict;
}

}  // namespace qmr::detail::slurm
