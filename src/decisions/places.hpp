#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/batch_system.hpp"

namespace qmr::detail {

/// Where a batch system has several places that queue jobs can go to: in which of them ours are, or may be.
class Places {
  public:
    /// `asked_for`: to which submissions may go, see BatchSystem::places_asked_for. `all`: the word for all
    /// there are.
    explicit Places(std::vector<std::string> asked_for = {""}, std::string_view all = {})
        : asked_for_(std::move(asked_for)), all_(all) {}

    /// What a submission came to. Where the answer does not tell the place, it is added to the JB_job_number
    /// if it can only be one; else the verdict is that it is unclear, and the queue job is looked for by
    /// name.
    void submitted(SubmitVerdict& verdict);

    /// Of a submission by an earlier process; empty: its answer was not written down.
    void remember(std::string_view JB_job_number);

    /// What has to be listed. A listing that leaves out one of them is none: what is there would look as if
    /// it were gone.
    [[nodiscard]] const std::set<std::string>& used() const noexcept { return used_; }

    [[nodiscard]] const std::vector<std::string>& asked_for() const noexcept { return asked_for_; }

  private:
    std::vector<std::string> asked_for_;
    std::string all_;
    std::set<std::string> used_;
};

}  // namespace qmr::detail
