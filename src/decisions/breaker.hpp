#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "qmr/options.hpp"
#include "qmr/result.hpp"
#include "vocabulary/job_key.hpp"

namespace qmr::detail {

/// Keeps a wrong set-up from costing as many queue jobs as there are chunks. As long as a map has no result,
/// queue jobs that end the same way, one after the other, open it: nothing is submitted but single probes,
/// with longer and longer waits in between, where what is wrong may pass. A probe that does something closes
/// it.
class Breaker {
  public:
    enum class State {
        closed,   ///< all is well
        waiting,  ///< for the time of the next probe
        probing,  ///< one queue job is under way
        spent,    ///< probes enough have failed
    };
    /// Queue jobs of maps with so few chunks end by the limits of these.
    static constexpr std::size_t max_num_same = 5;
    /// Who runs for so long does something.
    static constexpr Seconds long_enough{10};

    Breaker(std::size_t num_chunks, std::size_t max_num_probes, Seconds first_wait);

    /// A queue job ended that had brought no chunk further.
    /// `host`: where; empty: not known. `may_pass`: it may be over after a while.
    void failed(JobKey job, Cause cause, const std::string& message, Seconds now,
                const std::string& host = {}, bool may_pass = true);
    /// A queue job brought a chunk further, or has been running for long enough.
    void went_well();
    /// There is a result: it never opens any more.
    void committed();

    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] bool is_probe_due(Seconds now) const {
        return state_ == State::waiting && now >= next_probe_;
    }
    /// When that is; while it waits.
    [[nodiscard]] Seconds next_probe() const noexcept { return next_probe_; }
    [[nodiscard]] std::optional<JobKey> probe() const noexcept { return probe_; }
    void probes(JobKey job);
    /// The probe told nothing: it could not be submitted, or ended for want of work.
    void probe_lost(Seconds now);

    /// How the queue jobs ended.
    [[nodiscard]] Cause cause() const noexcept { return cause_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] JobKey last_job() const noexcept { return jobs_.back(); }
    /// In one sentence: what happened, and how many queue jobs it cost.
    [[nodiscard]] std::string verdict() const;

  private:
    void open(Seconds now);
    void close();

    bool may_open_;
    std::size_t max_num_probes_;
    Seconds first_wait_;
    State state_ = State::closed;
    Cause cause_ = Cause::vanished;
    std::string message_;
    std::string kind_;          ///< the message without numbers and host
    std::vector<JobKey> jobs_;  ///< that ended this way
    std::optional<JobKey> probe_;
    std::size_t num_failed_probes_ = 0;
    bool may_pass_ = true;  ///< what the last one failed of
    Seconds wait_{0};
    Seconds next_probe_{0};
};

}  // namespace qmr::detail
