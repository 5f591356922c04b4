#include "adapters/batch_systems/grid_engine.hpp"

#include <algorithm>
#include <array>

#include "adapters/batch_systems/answer_lines.hpp"

namespace qmr::detail::grid_engine {

namespace {

using namespace std::string_view_literals;

constexpr std::array aliases{"grid_engine"sv, "gridengine"sv, "uge"sv, "ogs"sv};

// ENVIRONMENTAL VARIABLES in qsub(1), and what the prologs of sites with GPUs set. Not among them are HOME,
// PATH, SHELL, USER and the like, where the caller's value is as good or better.
constexpr std::array own_variables{
    "ARC"sv,
    "CUDA_VISIBLE_DEVICES"sv,
    "ENVIRONMENT"sv,
    "GPU_DEVICE_ORDINAL"sv,
    "HIP_VISIBLE_DEVICES"sv,
    "HOSTNAME"sv,
    "JOB_ID"sv,
    "JOB_NAME"sv,
    "JOB_SCRIPT"sv,
    "NHOSTS"sv,
    "NQUEUES"sv,
    "NSLOTS"sv,
    "PE"sv,
    "PE_HOSTFILE"sv,
    "QRSH_*"sv,
    "QUEUE"sv,
    "REQNAME"sv,
    "REQUEST"sv,
    "RESTARTED"sv,
    "ROCR_VISIBLE_DEVICES"sv,
    "SGE_*"sv,
    "TMP"sv,
    "TMPDIR"sv,
};

// Replaced in the path of -o wherever they begin, also in `$JOB_IDx` (qsub(1)).
constexpr std::array pseudo_variables{"$HOME"sv,     "$USER"sv,     "$JOB_ID"sv,
                                      "$JOB_NAME"sv, "$HOSTNAME"sv, "$TASK_ID"sv};

}  // namespace

constinit const BatchSystem row{
    .name = "sge",
    .aliases = aliases,
    .submit_program = "qsub",
    .status_program = "qstat",
    .delete_program = "qdel",
    .account_program = "qacct",
    .withheld_from_clients = {},
    .place_variables = {},
    .all_places = {},
    .script = {},
    .needs_parallel_environment = true,
    .listing_has_end = true,
    .array_index_variable = "SGE_TASK_ID",
    .restarted_variable = "RESTARTED",
    .own_variables = own_variables,
    .sets_account_variables = true,
    .max_array_size = 75000,  // max_aj_tasks in sge_conf(5)
    .cannot_carry = cannot_carry,
    .places_asked_for = [](std::span<const std::string>,
                           const std::string&) { return std::vector<std::string>{""}; },
    .submit_command = submit_command,
    .read_submit_answer = read_submit_answer,
    .status_command = [](const std::string& program, const std::string& user,
                         const std::string&) { return status_command(program, user); },
    .read_status_answer =
        [](const ClientAnswer& answer, std::string_view name_prefix, std::string_view error_state_indicator,
           std::string_view) { return read_status_answer(answer, name_prefix, error_state_indicator); },
    .delete_commands = delete_commands,
    .delete_by_name_command = [](const std::string& program, const std::string& JB_name,
                                 const std::string&) { return delete_by_name_command(program, JB_name); },
    .read_delete_answer = read_delete_answer,
    .reason_command = reason_command,
    .read_reason_answer = read_reason_answer,
    .account_command = account_command,
    .read_account_answer = read_account_answer,
    .read_output = [](std::string_view) -> std::optional<JobReport> { return std::nullopt; },
};

std::optional<std::string> cannot_carry(std::string_view directory) {
    const auto sentence = [&](std::string_view reason) {
        return "Grid Engine can not write to \"" + std::string(directory) + "\": " + std::string(reason) +
               ".";
    };
    if (contains(directory, ",")) return sentence("a comma separates two paths in qsub -o");
    if (contains(directory, "\n")) return sentence("a path with a newline breaks its job description");
    for (const auto variable : pseudo_variables) {
        if (contains(directory, variable)) {
            return sentence("it replaces " + std::string(variable) + " in qsub -o by a value of its own");
        }
    }
    return std::nullopt;
}

bool is_job_number(std::string_view text) {
    return !text.empty() && text.front() != '0' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace qmr::detail::grid_engine
