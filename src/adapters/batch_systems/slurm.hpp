#pragma once
// Slurm. The contract of each function is in decisions/batch_system.hpp.

#include <string_view>

#include "decisions/batch_system.hpp"

namespace qmr::detail::slurm {

extern const BatchSystem row;

std::vector<std::string> places_asked_for(std::span<const std::string> submit_arguments,
                                          const std::string& variable);
std::vector<std::string> submit_command(const std::string& program, const SubmitRequest& request);
SubmitVerdict read_submit_answer(const ClientAnswer& answer, std::uint64_t array_size);

std::vector<std::string> status_command(const std::string& program, const std::string& user,
                                        const std::string& place);
Listing read_status_answer(const ClientAnswer& answer, std::string_view name_prefix,
                           std::string_view error_state_indicator, std::string_view place);

std::vector<std::vector<std::string>> delete_commands(const std::string& program,
                                                      std::span<const JobToDelete> jobs);
std::vector<std::string> delete_by_name_command(const std::string& program, const std::string& JB_name,
                                                const std::string& place);
bool read_delete_answer(const ClientAnswer& answer);

std::vector<std::string> reason_command(const std::string& program, const std::string& JB_job_number);
std::vector<JobReport> read_reason_answer(const ClientAnswer& answer);
std::vector<std::string> account_command(const std::string& program, const std::string& JB_job_number);
std::vector<JobReport> read_account_answer(const ClientAnswer& answer);
std::optional<JobReport> read_output(std::string_view end_of_output);

std::optional<std::string> cannot_carry(std::string_view directory);

/// True for the codes of queue jobs that have ended (JOB STATE CODES in squeue(1)).
bool is_end(std::string_view state);

/// True for what Slurm takes for a job id.
bool is_job_id(std::string_view text);

/// True for what may be the name of a cluster.
bool is_cluster_name(std::string_view text);

/// All clusters that there are (--clusters in squeue(1)).
inline constexpr std::string_view all_clusters = "all";

/// The argument that each client program takes to speak to a cluster, behind its own name. Nothing for the
/// usual one.
void add_cluster(std::vector<std::string>& argv, std::string_view cluster);

/// What is printed of a cluster. `name`: empty where none is told.
struct ClusterAnswer {
    std::string_view name;
    std::string_view text;
};

/// An answer of squeue cut at the lines `CLUSTER: name` that stand above what is printed of each cluster that
/// was asked for by its name. `end_of_record`: with what each line of a record ends.
std::vector<ClusterAnswer> split_by_cluster(std::string_view out, std::string_view end_of_record);

}  // namespace qmr::detail::slurm
