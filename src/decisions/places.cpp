#include "decisions/places.hpp"

namespace qmr::detail {

void Places::submitted(SubmitVerdict& verdict) {
    using Kind = SubmitVerdict::Kind;
    const bool is_told = !place_of_job(verdict.JB_job_number).empty();
    const bool is_usual = asked_for_ == std::vector<std::string>{""};
    if (verdict.kind == Kind::accepted && !is_told && !is_usual) {
        if (asked_for_.size() == 1 && asked_for_.front() != all_)
            verdict.JB_job_number += ";" + asked_for_.front();
        else
            verdict = {Kind::unclear, {}, "the answer does not tell where it went", 0, false};
    }
    if (verdict.kind == Kind::accepted || verdict.kind == Kind::unclear) remember(verdict.JB_job_number);
}

void Places::remember(std::string_view JB_job_number) {
    if (JB_job_number.empty())
        used_.insert(asked_for_.begin(), asked_for_.end());
    else
        used_.emplace(place_of_job(JB_job_number));
}

}  // namespace qmr::detail
