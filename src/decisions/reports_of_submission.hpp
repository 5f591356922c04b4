#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decisions/batch_system.hpp"

namespace qmr::detail {

/// What a batch system says of the queue jobs of one submission, and not of others that had its number
/// before. Of several reports on the same queue job the first counts: the reason of an error state stands
/// before what the scheduler says of it, and the last run before those before it.
class ReportsOfSubmission {
  public:
    ReportsOfSubmission(std::vector<JobReport> reports, const std::string& JB_name);

    /// Null: nothing is said of it.
    [[nodiscard]] const JobReport* find(std::uint64_t index) const;

  private:
    std::map<std::uint64_t, JobReport> by_index_;
    std::optional<JobReport> of_all_;
};

}  // namespace qmr::detail
