#include "dummy_queue/fault.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace qmr::dummy_queue {

const std::vector<FaultKindRow>& fault_kinds() {
    static const std::vector<FaultKindRow> rows{
        {FaultKind::evil, "evil", true, {}, "goes to Eqw instead of running"},
        {FaultKind::vanishes, "vanishes", true, {"while"}, "is no longer listed, and its command never ran"},
        {FaultKind::killed,
         "killed",
         true,
         {"after_seconds", "after_file", "order", "signal"},
         "its command gets SIGKILL half way"},
        {FaultKind::killed_by_limit,
         "killed_by_limit",
         true,
         {"limit", "after_seconds", "after_file", "order", "signal"},
         "the same, and dummy_qacct says that it used more than h_rt or h_vmem"},
        {FaultKind::starts_twice, "starts_twice", true, {}, "its command runs twice at the same time"},
        {FaultKind::late_out,
         "late_out",
         true,
         {"num_calls", "path"},
         "its committed result is not visible for num_calls calls of dummy_qstat"},
        {FaultKind::lingers,
         "lingers",
         true,
         {"num_calls", "as"},
         "is listed for num_calls more calls of dummy_qstat after it was deleted"},
        {FaultKind::qsub_refuses,
         "qsub_refuses",
         false,
         {"exit_code", "message"},
         "dummy_qsub fails, nothing is queued"},
        {FaultKind::qsub_fails_though_queued,
         "qsub_fails_though_queued",
         false,
         {},
         "dummy_qsub fails, but it is in the queue"},
        {FaultKind::qsub_hangs, "qsub_hangs", false, {"seconds"}, "dummy_qsub sleeps before doing anything"},
        {FaultKind::qsub_hangs_though_queued,
         "qsub_hangs_though_queued",
         false,
         {"seconds"},
         "dummy_qsub sleeps, but it is in the queue"},
        {FaultKind::qstat_fails, "qstat_fails", false, {}, "dummy_qstat fails, and no time passes"},
        {FaultKind::qstat_hangs,
         "qstat_hangs",
         false,
         {"seconds"},
         "dummy_qstat sleeps before doing anything"},
        {FaultKind::qstat_garbage,
         "qstat_garbage",
         false,
         {},
         "dummy_qstat exits with 0, but its answer is cut off in the middle"},
        {FaultKind::qstat_warns,
         "qstat_warns",
         false,
         {"message"},
         "dummy_qstat prints a line on stderr beside a good answer"},
        {FaultKind::listing_lags,
         "listing_lags",
         false,
         {"num_calls"},
         "dummy_qstat prints what it would have printed num_calls calls ago"},
        {FaultKind::qdel_fails, "qdel_fails", false, {}, "dummy_qdel fails, nothing is deleted"},
        {FaultKind::qdel_hangs, "qdel_hangs", false, {"seconds"}, "dummy_qdel sleeps before doing anything"},
    };
    return rows;
}

const FaultKindRow& row_of(FaultKind kind) {
    return *std::ranges::find(fault_kinds(), kind, &FaultKindRow::kind);
}

bool is_aimed_at(const Fault& fault, const FaultTarget& target) {
    if (fault.ichunk) return std::ranges::count(target.work.ichunks, *fault.ichunk) != 0;
    const bool is_name =
        fault.JB_name == target.JB_name || fnmatch(fault.JB_name.c_str(), target.JB_name.c_str(), 0) == 0;
    if (!fault.JB_name.empty() && !is_name) return false;
    return !fault.task || *fault.task == target.task;
}

std::optional<std::size_t> find_fault(std::vector<Fault>& faults,
                                      const std::function<bool(const Fault&)>& is_asked_for) {
    for (std::size_t i = 0; i < faults.size(); ++i) {
        auto& fault = faults[i];
        if (!fault.is_live() || !is_asked_for(fault)) continue;
        if (fault.num_spared == fault.max_num_spared) return i;
        ++fault.num_spared;
    }
    return std::nullopt;
}

std::optional<std::size_t> find_fault(std::vector<Fault>& faults, FaultKind kind, const FaultTarget& target) {
    return find_fault(faults,
                      [&](const Fault& fault) { return fault.kind == kind && is_aimed_at(fault, target); });
}

std::optional<Fault> take_fault(std::vector<Fault>& faults, const std::vector<FaultKind>& kinds) {
    const auto i =
        find_fault(faults, [&](const Fault& fault) { return std::ranges::count(kinds, fault.kind) != 0; });
    if (!i) return std::nullopt;
    ++faults[*i].num_fails;
    return faults[*i];
}

}  // namespace qmr::dummy_queue
