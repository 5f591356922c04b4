#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

#include "adapters/subprocess.hpp"
#include "decisions/room.hpp"
#include "ports/job_queue.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// The cores of this machine as a queue: runs the launcher of the map as processes, as many at once as asked
/// for, and waits for them without polling. They die with this process.
class LocalQueue final : public JobQueue {
  public:
    /// `environment`: of the launcher, `NAME=value`.
    LocalQueue(WorkDir work_dir, std::size_t max_num_running, std::vector<std::string> environment);
    /// Kills what still runs.
    ~LocalQueue() override;

    [[nodiscard]] bool is_polled() const override { return false; }
    [[nodiscard]] std::optional<std::vector<JobKey>> running() const override;
    [[nodiscard]] SubmitVerdict submit(const QueueSubmission& submission) override;
    void remember(const std::string&) override {}
    [[nodiscard]] std::vector<std::string> submit_command(const QueueSubmission& submission) const override;
    [[nodiscard]] Poll poll() override;
    std::string remove(std::span<const QueueJob> jobs) override;
    void remove_by_name(const std::string&) override {}
    [[nodiscard]] std::vector<JobReport> reasons(const std::string&) override { return {}; }
    [[nodiscard]] AnswerOfQueue ends(const std::string&, Seconds) override { return {}; }
    [[nodiscard]] std::optional<JobReport> read_output(const std::string&) override { return {}; }
    [[nodiscard]] std::vector<EndedJob> wait(Seconds at_most) override;

  private:
    struct Running {
        JobKey key;
        Process process;
    };
    static void end(std::vector<Running>& workers);
    void start_what_fits();
    [[nodiscard]] bool can_start();
    enum class Start { started, failed, to_be_tried_again };
    [[nodiscard]] Start start(JobKey key);
    [[nodiscard]] bool waits_for_room();
    [[nodiscard]] std::vector<EndedJob> take_ended();
    [[nodiscard]] EndedJob ended(JobKey key, const std::string& how) const;
    [[nodiscard]] fs::path output_of(JobKey key) const;

    WorkDir work_dir_;
    Room room_;
    std::vector<std::string> environment_;
    std::deque<JobKey> waiting_;
    std::vector<Running> running_;
    std::vector<EndedJob> not_started_;
    std::chrono::steady_clock::time_point next_start_{};                  ///< when none could be started
    std::optional<std::chrono::steady_clock::time_point> lacking_since_;  ///< while none can be started
};

}  // namespace qmr::detail
