#pragma once
// What goes wrong in the dummy queue, how often it still will, and how often it did.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qmr::dummy_queue {

enum class FaultKind {
    // of queue jobs
    evil,             ///< goes to Eqw instead of running
    vanishes,         ///< is no longer listed, and its command never ran
    killed,           ///< its command and all it started get SIGKILL half way
    killed_by_limit,  ///< the same, because it used more than it may
    starts_twice,     ///< its command runs twice at the same time
    late_out,         ///< its committed result is not visible for some calls of dummy_qstat
    lingers,          ///< is still listed after it was deleted
    // of dummy_qsub
    qsub_refuses,              ///< fails, nothing is queued
    qsub_fails_though_queued,  ///< fails, but it is in the queue
    qsub_hangs,                ///< sleeps before doing anything
    qsub_hangs_though_queued,  ///< sleeps, but it is in the queue
    // of dummy_qstat
    qstat_fails,    ///< fails, and no time passes
    qstat_hangs,    ///< sleeps before doing anything
    qstat_garbage,  ///< exits with 0, but its answer is cut off in the middle
    qstat_warns,    ///< prints a line on stderr beside a good answer
    listing_lags,   ///< prints what it would have printed some calls ago
    // of dummy_qdel
    qdel_fails,  ///< fails, nothing is deleted
    qdel_hangs,  ///< sleeps before doing anything
};

/// How kinds are spelled in the state file, and which members of Fault they use.
struct FaultKindRow {
    FaultKind kind;
    std::string_view name;
    bool of_queue_jobs;
    std::vector<std::string_view> own_keys;
    std::string_view what;  ///< one line for --help
};
[[nodiscard]] const std::vector<FaultKindRow>& fault_kinds();
[[nodiscard]] const FaultKindRow& row_of(FaultKind);

struct Fault {
    FaultKind kind = FaultKind::evil;

    std::optional<std::uint64_t> ichunk{};  ///< the queue jobs that work on this chunk, as FaultTarget tells
    std::string JB_name{};                  ///< or those with this name, or pattern,
    std::optional<std::uint64_t> task{};    ///< and in an array with this index

    std::uint64_t num_fails = 0;                   ///< how often it happened
    std::optional<std::uint64_t> max_num_fails{};  ///< it happens no more after that; none: it always happens
    std::uint64_t num_spared = 0;                  ///< how often it could have happened before the first time
    std::uint64_t max_num_spared = 0;              ///< it begins after that

    int exit_code = 1;            ///< qsub_refuses
    std::string message{};        ///< qsub_refuses, qstat_warns: instead of the usual text
    double after_seconds = 0;     ///< killed*
    std::string after_file{};     ///< killed*: as soon as this file exists, rather than by the clock
    std::string order{};          ///< killed*: "leaves_first", "root_first", "leaf_only"; else all at once
    std::string signal = "KILL";  ///< killed*: or "TERM", and KILL 2 s later
    double seconds = 3600;        ///< *_hangs*
    std::uint64_t num_calls = 1;  ///< late_out, lingers, listing_lags: calls of dummy_qstat
    std::string while_state = "running";  ///< vanishes: "running" or "pending"
    std::string as = "dr";                ///< lingers: "dr" (those that ran) or "unchanged"
    std::string limit = "h_rt";           ///< killed_by_limit: "h_rt" or "h_vmem"
    std::string path{};                   ///< late_out: the file, when there is no ichunk to tell

    /// It can still happen, now or later.
    [[nodiscard]] bool is_live() const { return !max_num_fails || num_fails < *max_num_fails; }
};

/// Which chunks a queue job works on.
struct WorkOfJob {
    std::vector<std::uint64_t> ichunks;  ///< in its line, or taken by now
    /// Where it pulls, and so may take others: the directory with a link for each chunk that is taken, and
    /// what its own links say. Else empty.
    std::string claims{};
    std::string claimant{};

    [[nodiscard]] bool is_pulling() const { return !claims.empty(); }
};

/// What a fault is matched with: one queue job outside arrays, or one task of an array.
struct FaultTarget {
    std::string JB_name;
    std::uint64_t task = 1;
    WorkOfJob work{};
};

[[nodiscard]] bool is_aimed_at(const Fault&, const FaultTarget&);

/// The first fault that `is_asked_for` and that strikes now. One whose time has not come yet counts an
/// occasion spared. The caller counts num_fails, once it really happened.
[[nodiscard]] std::optional<std::size_t> find_fault(std::vector<Fault>&,
                                                    const std::function<bool(const Fault&)>& is_asked_for);
[[nodiscard]] std::optional<std::size_t> find_fault(std::vector<Fault>&, FaultKind, const FaultTarget&);

/// Like find_fault() for faults of programs, which happen by being found: counts, and hands a copy out.
[[nodiscard]] std::optional<Fault> take_fault(std::vector<Fault>&, const std::vector<FaultKind>&);

}  // namespace qmr::dummy_queue
