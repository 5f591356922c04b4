#pragma once
// Slurm. The contract of each function is in decisions/batch_system.hpp.

#include <string_view>

#include "decisions/batch_system.hpp"

namespace qmr::detail::slurm {

extern const BatchSystem row;

std::vector<std::string> submit_command(const std::string& program, const SubmitRequest& request);
SubmitVerdict read_submit_answer(const ClientAnswer& answer, std::uint64_t array_size);

std::vector<std::string> status_command(const std::string& program, const std::string& user);
Listing read_status_answer(const ClientAnswer& answer, std::string_view name_prefix,
                           std::string_view error_state_indicator);

std::vector<std::vector<std::string>> delete_commands(const std::string& program,
                                                      std::span<const JobToDelete> jobs);
std::vector<std::string> delete_by_name_command(const std::string& program, const std::string& JB_name);
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

}  // namespace qmr::detail::slurm
