#pragma once

#include <functional>

#include "adapters/subprocess.hpp"
#include "decisions/places.hpp"
#include "ports/job_queue.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// The absolute paths of the programs of a batch system.
struct ClientPrograms {
    std::string submit;
    std::string status;
    std::string remove;
    std::string account;  ///< tells how queue jobs ended; empty: not there
};

struct CommandQueueOptions {
    const BatchSystem* batch_system = nullptr;
    ClientPrograms programs;
    SubmitRequest request;  ///< what all submissions have in common
    std::string name_prefix;
    std::string user;
    std::string error_state_indicator;
    Seconds command_time_limit{60};
    std::vector<std::string> environment;  ///< of the programs, `NAME=value`
    std::vector<std::string> environment_of_submit;
    Places places;
};

/// Tells about a program that was run; for the log.
using CommandLog = std::function<void(const std::vector<std::string>& argv, const CommandResult& result)>;

/// A batch system behind its programs.
class CommandQueue final : public JobQueue {
  public:
    CommandQueue(WorkDir work_dir, CommandQueueOptions options, CommandLog log);

    [[nodiscard]] bool is_polled() const override { return true; }
    [[nodiscard]] std::optional<std::vector<JobKey>> running() const override { return std::nullopt; }
    [[nodiscard]] SubmitVerdict submit(const QueueSubmission& submission) override;
    void remember(const std::string& JB_job_number) override;
    [[nodiscard]] std::vector<std::string> submit_command(const QueueSubmission& submission) const override;
    [[nodiscard]] Poll poll() override;
    std::string remove(std::span<const QueueJob> jobs) override;
    void remove_by_name(const std::string& JB_name) override;
    [[nodiscard]] std::vector<JobReport> reasons(const std::string& JB_job_number) override;
    [[nodiscard]] AnswerOfQueue ends(const std::string& JB_job_number, Seconds time_limit) override;
    [[nodiscard]] std::optional<JobReport> read_output(const std::string& end_of_output) override {
        return options_.batch_system->read_output(end_of_output);
    }
    [[nodiscard]] std::vector<EndedJob> wait(Seconds at_most) override;

  private:
    [[nodiscard]] SubmitRequest request_for(const QueueSubmission& submission) const;
    [[nodiscard]] CommandResult run_submit(const std::vector<std::string>& argv);
    [[nodiscard]] CommandResult run(const std::vector<std::string>& argv, int cancel = -1) const;
    [[nodiscard]] CommandResult run(const std::vector<std::string>& argv, Seconds time_limit, int cancel,
                                    const std::vector<std::string>& environment) const;
    [[nodiscard]] Poll poll(const std::string& place) const;
    [[nodiscard]] CommandResult ask(const std::vector<std::string>& argv, Seconds time_limit) const;

    WorkDir work_dir_;
    CommandQueueOptions options_;
    CommandLog log_;
};

/// What a program printed and how it ended, as an adapter reads it.
[[nodiscard]] ClientAnswer to_answer(const CommandResult& result);

/// What went wrong, in one line, with a program that should have listed the queue.
[[nodiscard]] std::string why_no_listing(const CommandResult& result);

}  // namespace qmr::detail
