#include "cli/pool_options.hpp"

#include <algorithm>
#include <cctype>

namespace qmr::cli {

namespace {

// The member at the end of a path of members.
template <auto... path>
auto& at(PoolOptions& options) {
    return (options.*....*path);
}

template <auto member>
constexpr auto resource = at<&PoolOptions::resources, member>;

template <auto member>
constexpr auto retries = at<&PoolOptions::max_num_retries, member>;

constexpr bool is_common = true;

constexpr PoolOption queue_options[] = {
    {"batch_system", "auto|sge|slurm|local", "auto", "With auto: the one whose programs are here and answer",
     at<&PoolOptions::batch_system>, is_common},
    {"queue_name", "NAME", "", "Queue (Slurm: partition); none: the batch system chooses",
     at<&PoolOptions::queue_name>, is_common, "queue"},
    {"max_num_running", "N", "", "Most queue jobs at a time; none: as many as are let run",
     at<&PoolOptions::max_num_running>, is_common},
    {"account", "NAME", "", "Project or account to charge; none: your default",
     resource<&Resources::account>},
    {"submit_arguments", "ARG", "", "Passed on to the submit program; may be repeated",
     resource<&Resources::submit_arguments>},
    {"arrays", "", "true", "Submit arrays of queue jobs, not one after the other", at<&PoolOptions::arrays>},
    {"max_array_size", "N", "", "Most queue jobs in an array; none: the usual of the system",
     at<&PoolOptions::max_array_size>},
    {"qsub_path", "PATH", "", "Program that submits; none: qsub or sbatch in $PATH",
     at<&PoolOptions::qsub_path>},
    {"qstat_path", "PATH", "", "Program that lists; none: qstat or squeue in $PATH",
     at<&PoolOptions::qstat_path>},
    {"qdel_path", "PATH", "", "Program that deletes; none: qdel or scancel in $PATH",
     at<&PoolOptions::qdel_path>},
    {"qacct_path", "PATH", "", "Tells how queue jobs ended; none: found beside qstat_path",
     at<&PoolOptions::qacct_path>},
};

constexpr PoolOption resource_options[] = {
    {"memory", "SIZE", "0", "Memory for each slot, such as 4G; 0: do not ask",
     SizeMember{resource<&Resources::memory>}, is_common},
    {"walltime", "TIME", "0", "Longest time of a queue job, such as 2h; 0: do not ask",
     resource<&Resources::walltime>, is_common},
    {"slots", "N", "1", "Slots (cores) for each queue job", resource<&Resources::slots>},
    {"parallel_environment", "NAME", "", "Grants several slots; Grid Engine needs it then",
     resource<&Resources::parallel_environment>},
    {"memory_factor", "FACTOR", "2", "So many times the memory after a kill for want of it",
     resource<&Resources::memory_factor>},
    {"walltime_factor", "FACTOR", "2", "So many times the walltime after a kill for want of it",
     resource<&Resources::walltime_factor>},
    {"max_memory", "SIZE", "0", "Most memory that is ever asked for; 0: no limit",
     SizeMember{resource<&Resources::max_memory>}},
    {"max_walltime", "TIME", "0", "Longest walltime that is ever asked for; 0: no limit",
     resource<&Resources::max_walltime>},
};

constexpr PoolOption chunks_options[] = {
    {"num_chunks", "N", "", "Into how many chunks the tasks are cut; none: qmr chooses",
     at<&PoolOptions::num_chunks>, is_common},
    {"chunk_size", "N", "", "Most tasks in a chunk, in place of a number of chunks",
     at<&PoolOptions::chunk_size>, is_common},
    {"jobs", "auto|one_per_chunk|pull", "auto", "With pull, queue jobs take chunk after chunk",
     at<&PoolOptions::jobs>},
    {"max_job_time", "TIME", "0", "After it a queue job pulls no more; 0: 1h, or walltime / 2",
     at<&PoolOptions::max_job_time>},
};

constexpr PoolOption files_options[] = {
    {"work_dir", "DIR", "", "New directory for all files; none: ./.qmr_<session id>",
     at<&PoolOptions::work_dir>, is_common},
    {"work_root", "DIR", "", "Directory in which new work_dirs are made; none: ./",
     at<&PoolOptions::work_root>},
    {"keep_work_dir", "", "false", "Keep the work_dir after a clean end, too",
     at<&PoolOptions::keep_work_dir>},
    {"file_system_latency", "TIME", "60s", "How late a result of a queue job may be seen here",
     at<&PoolOptions::file_system_latency>},
};

constexpr PoolOption failures_options[] = {
    {"settling_time", "TIME", "1s", "How long a worker lives before an outcome counts",
     at<&PoolOptions::settling_time>},
    {"max_num_resubmissions", "N", "10", "How often a chunk is submitted again for one cause",
     at<&PoolOptions::max_num_resubmissions>},
    {"max_num_retries_crash", "N", "1", "Retries of a task that ended its process",
     retries<&RetryLimits::crash>},
    {"max_num_retries_out_of_memory", "N", "3", "Retries of a chunk, with more memory",
     retries<&RetryLimits::out_of_memory>},
    {"max_num_retries_out_of_time", "N", "3", "Retries of a chunk, with more walltime",
     retries<&RetryLimits::out_of_time>},
    {"max_num_retries_error_state", "N", "", "Retries after an error state; none: max_num_resubmissions",
     retries<&RetryLimits::error_state>},
    {"max_num_retries_vanished", "N", "", "Retries of what vanished; none: max_num_resubmissions",
     retries<&RetryLimits::vanished>},
    {"max_num_retries_worker_failure", "N", "", "Retries when a worker failed; none: max_num_resubmissions",
     retries<&RetryLimits::worker_failure>},
    {"max_num_retries_corrupt_result", "N", "", "Retries of corrupt results; none: max_num_resubmissions",
     retries<&RetryLimits::corrupt_result>},
    {"error_state_indicator", "LETTERS", "E", "Letters of a state of a queue job that are an error",
     at<&PoolOptions::error_state_indicator>},
    {"backup_factor", "FACTOR", "0", "Run twice what takes so many times the median; 0: never",
     at<&PoolOptions::backup_factor>},
};

constexpr PoolOption messages_options[] = {
    {"progress", "auto|lines|json|silent", "auto", "What is told on stderr meanwhile",
     at<&PoolOptions::progress>, is_common},
    {"pending_notice", "TIME", "60s", "When nothing has run for so long, the reason is told",
     at<&PoolOptions::pending_notice>},
    {"polling_interval", "TIME", "5s", "Longest time between two looks at the queue, at most 5s",
     at<&PoolOptions::polling_interval>},
    {"command_time_limit", "TIME", "60s", "Longest time of a program of the batch system",
     at<&PoolOptions::command_time_limit>},
};

constexpr PoolOption variables_options[] = {
    {"exported_variables", "PATTERN", "*", "Environment variables for the tasks; may be repeated",
     at<&PoolOptions::exported_variables>},
    {"withheld_variables", "PATTERN", "", "Those that they do not get all the same; may be repeated",
     at<&PoolOptions::withheld_variables>},
};

constexpr PoolOptionGroup groups[] = {
    {"Resources that each queue job asks for", resource_options},
    {"Queue", queue_options},
    {"Chunks", chunks_options},
    {"Files", files_options},
    {"Failures", failures_options},
    {"Messages and pace", messages_options},
    {"Environment of the tasks", variables_options},
};

char dashed(char letter) {
    return letter == '_' ? '-' : letter;
}
char raised(char letter) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
}

}  // namespace

std::span<const PoolOptionGroup> pool_option_groups() {
    return groups;
}

const PoolOption* find_pool_option(std::string_view key) {
    for (const auto& group : groups)
        for (const auto& option : group.options)
            if (option.key == key) return &option;
    return nullptr;
}

std::string command_line_name(const PoolOption& option) {
    std::string name = "--" + std::string(option.key);
    std::transform(name.begin(), name.end(), name.begin(), dashed);
    if (is_list(option)) name.pop_back();
    return name;
}

std::string environment_variable(const PoolOption& option) {
    std::string name = "QMR_" + std::string(option.key);
    std::transform(name.begin(), name.end(), name.begin(), raised);
    return name;
}

std::vector<std::string> choices(const PoolOption& option) {
    std::vector<std::string> words;
    std::string_view rest = option.value;
    for (auto bar = rest.find('|'); bar != std::string_view::npos; bar = rest.find('|')) {
        words.emplace_back(rest.substr(0, bar));
        rest.remove_prefix(bar + 1);
    }
    if (!words.empty()) words.emplace_back(rest);
    return words;
}

bool is_list(const PoolOption& option) {
    return std::holds_alternative<Member<std::vector<std::string>>>(option.member);
}

bool is_flag(const PoolOption& option) {
    return std::holds_alternative<Member<bool>>(option.member);
}

}  // namespace qmr::cli
