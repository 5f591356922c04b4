#include "decisions/reports_of_submission.hpp"

#include <utility>

namespace qmr::detail {

ReportsOfSubmission::ReportsOfSubmission(std::vector<JobReport> reports, const std::string& JB_name) {
    for (JobReport& report : reports) {
        if (report.JB_name != JB_name) continue;
        if (report.array_index)
            by_index_.try_emplace(*report.array_index, std::move(report));
        else if (!of_all_)
            of_all_ = std::move(report);
    }
}

const JobReport* ReportsOfSubmission::find(std::uint64_t index) const {
    const auto found = by_index_.find(index);
    if (found != by_index_.end()) return &found->second;
    return of_all_ ? &*of_all_ : nullptr;
}

}  // namespace qmr::detail
