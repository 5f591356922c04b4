#pragma once

#include "qmr/options.hpp"

namespace qmr::detail {

/// Whether a queue job that pulls chunks has time for another one. A chunk that is begun too late is lost,
/// with all the time it took, when the batch system kills the queue job at its walltime.
class JobTime {
  public:
    /// Zero: no limit.
    JobTime(Seconds max_job_time, Seconds walltime) : max_job_time_(max_job_time), walltime_(walltime) {}

    /// A chunk took so long, from its begin to its commit.
    void took(Seconds chunk);

    /// `elapsed`: since the queue job began. The first chunk is always started: no queue job comes in vain.
    [[nodiscard]] bool starts_another(Seconds elapsed) const;

  private:
    Seconds max_job_time_;
    Seconds walltime_;
    Seconds longest_{0};
    bool is_first_ = true;
};

}  // namespace qmr::detail
