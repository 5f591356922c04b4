#include "adapters/batch_systems/slurm.hpp"

#include <algorithm>
#include <array>

#include "adapters/batch_systems/answer_lines.hpp"

namespace qmr::detail::slurm {

namespace {

using namespace std::string_view_literals;

// OUTPUT ENVIRONMENT VARIABLES in sbatch(1), and what plug-ins for GPUs and private directories set.
constexpr std::array own_variables{
    "CUDA_VISIBLE_DEVICES"sv,
    "ENVIRONMENT"sv,
    "GPU_DEVICE_ORDINAL"sv,
    "HIP_VISIBLE_DEVICES"sv,
    "HOSTNAME"sv,
    "ROCR_VISIBLE_DEVICES"sv,
    "SLURM_*"sv,
    "SLURMD_*"sv,
    "TMPDIR"sv,
    "ZE_AFFINITY_MASK"sv,
};

// INPUT ENVIRONMENT VARIABLES in sbatch(1), squeue(1) and scancel(1) that hide queue jobs, or make one into
// many, or sbatch wait; and those of a queue job that the caller runs in (OUTPUT ENVIRONMENT VARIABLES in
// sbatch(1) and srun(1)), which --export=ALL would bring to its own, unless Slurm happens to set them again.
// What a user sets stays: SBATCH_*, SLURM_CLUSTERS, SLURM_CONF, SLURM_HINT, SLURM_UMASK, SLURM_JWT.
constexpr std::array withheld_from_clients{"SBATCH_ARRAY_INX"sv,
                                           "SBATCH_WAIT"sv,
                                           "SCANCEL_*"sv,
                                           "SLURM_ARRAY_*"sv,
                                           "SLURM_BITSTR_LEN"sv,
                                           "SLURM_CLUSTER_NAME"sv,
                                           "SLURM_CONTAINER"sv,
                                           "SLURM_CPU*"sv,
                                           "SLURM_DIST*"sv,
                                           "SLURM_EXPORT_ENV"sv,
                                           "SLURM_GET_USER_*"sv,
                                           "SLURM_GPU*"sv,
                                           "SLURM_GTIDS"sv,
                                           "SLURM_HET_*"sv,
                                           "SLURM_JOB*"sv,
                                           "SLURM_LAUNCH_*"sv,
                                           "SLURM_LOCALID"sv,
                                           "SLURM_MEM_*"sv,
                                           "SLURM_MPI_TYPE"sv,
                                           "SLURM_NNODES"sv,
                                           "SLURM_NODE*"sv,
                                           "SLURM_NPROCS"sv,
                                           "SLURM_NTASKS*"sv,
                                           "SLURM_OVERCOMMIT"sv,
                                           "SLURM_PRIO_*"sv,
                                           "SLURM_PROCID"sv,
                                           "SLURM_PROFILE"sv,
                                           "SLURM_PTY_*"sv,
                                           "SLURM_RESTART_COUNT"sv,
                                           "SLURM_SHARDS_*"sv,
                                           "SLURM_SRUN_*"sv,
                                           "SLURM_STEP*"sv,
                                           "SLURM_SUBMIT_*"sv,
                                           "SLURM_TASK*"sv,
                                           "SLURM_THREADS_PER_CORE"sv,
                                           "SLURM_TOPOLOGY_*"sv,
                                           "SLURM_TRES_*"sv,
                                           "SQUEUE_*"sv};

// INPUT ENVIRONMENT VARIABLES in sbatch(1).
constexpr std::array place_variables{"SBATCH_CLUSTERS"sv, "SLURM_CLUSTERS"sv};

constexpr auto cluster_line = "CLUSTER: "sv;

constexpr std::size_t max_id_length = 10;  // of 32 bits

}  // namespace

constinit const BatchSystem row{
    .name = "slurm",
    .aliases = {},
    .submit_program = "sbatch",
    .status_program = "squeue",
    .delete_program = "scancel",
    .account_program = "squeue",
    .withheld_from_clients = withheld_from_clients,
    .place_variables = place_variables,
    .all_places = all_clusters,
    // The command itself would be copied, with whatever an environment holds, and searched for directives.
    .script = "#!/bin/sh\nexec \"$@\"\n",
    .needs_parallel_environment = false,
    .listing_has_end = false,
    .array_index_variable = "SLURM_ARRAY_TASK_ID",
    .restarted_variable = "SLURM_RESTART_COUNT",
    .own_variables = own_variables,
    .sets_account_variables = false,
    .max_array_size = 1000,  // MaxArraySize in slurm.conf(5) is 1001, and indices begin at 0
    .cannot_carry = cannot_carry,
    .places_asked_for = places_asked_for,
    .submit_command = submit_command,
    .read_submit_answer = read_submit_answer,
    .status_command = status_command,
    .read_status_answer = read_status_answer,
    .delete_commands = delete_commands,
    .delete_by_name_command = delete_by_name_command,
    .read_delete_answer = read_delete_answer,
    .reason_command = reason_command,
    .read_reason_answer = read_reason_answer,
    .account_command = account_command,
    .read_account_answer = read_account_answer,
    .read_output = read_output,
};

std::optional<std::string> cannot_carry(std::string_view directory) {
    const auto sentence = [&](std::string_view reason) {
        return "Slurm can not write to \"" + std::string(directory) + "\": " + std::string(reason) + ".";
    };
    if (contains(directory, "\\")) return sentence("a backslash turns off the patterns in sbatch --output");
    if (contains(directory, "\n")) return sentence("a path with a newline breaks its listings");
    return std::nullopt;
}

bool is_job_id(std::string_view text) {
    return !text.empty() && text.size() <= max_id_length && text.front() != '0' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_cluster_name(std::string_view text) {
    return !text.empty() && text.front() != '-' &&
           text.find_first_of(" \t\r\n,;|:=\"'") == std::string_view::npos;
}

void add_cluster(std::vector<std::string>& argv, std::string_view cluster) {
    if (!cluster.empty()) argv.insert(argv.begin() + 1, "--clusters=" + std::string(cluster));
}

std::vector<ClusterAnswer> split_by_cluster(std::string_view out, std::string_view end_of_record) {
    if (!out.starts_with(cluster_line)) return {{{}, out}};
    const std::string end_of_cluster = std::string(end_of_record) + "\n\n" + std::string(cluster_line);
    std::vector<ClusterAnswer> answers;
    while (!out.empty()) {
        out.remove_prefix(cluster_line.size());
        const auto end_of_name = std::min(out.find('\n'), out.size());
        ClusterAnswer answer{out.substr(0, end_of_name), {}};
        out.remove_prefix(std::min(end_of_name + 1, out.size()));
        // The line above that of the next one is empty.
        const auto end = out.find(end_of_cluster);
        const bool is_last = end == std::string_view::npos;
        answer.text = out.substr(0, is_last ? end : end + end_of_record.size() + 1);
        out.remove_prefix(is_last ? out.size() : end + end_of_record.size() + 2);
        answers.push_back(answer);
    }
    return answers;
}

}  // namespace qmr::detail::slurm
