#pragma once
// The process node: what MapLoop does, in its order, with the model in place of programs and files.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decisions/polling_pace.hpp"
#include "simulation/cluster.hpp"
#include "simulation/patience.hpp"
#include "simulation/referee.hpp"

namespace qmr::detail::simulation {

/// What is written down, and so outlives the process.
struct Journal {
    struct Submission {
        enum class State { asked, accepted, lost, over };
        State state = State::asked;
        std::string JB_job_number;
        std::vector<std::vector<std::size_t>> lines;
        Demand demand;
        bool is_only = false;
        std::set<std::uint64_t> deleted;  ///< indices
    };
    std::map<std::size_t, Submission> submissions;
    std::vector<std::pair<std::size_t, JobKey>> freed;
    std::map<std::size_t, std::size_t> first_isubmission;

    [[nodiscard]] std::size_t first_unused() const {
        return submissions.empty() ? 0 : submissions.rbegin()->first + 1;
    }
};

/// Thrown where the process ends without a word.
struct NodeKilled {};

class Node {
  public:
    /// `fuse`: after so many steps it is killed; 0: never.
    Node(World& world, Cluster& cluster, Referee& referee, Journal& journal, std::size_t fuse);

    enum class End { not_yet, done, aborted };
    [[nodiscard]] End pass();
    /// False: it says that something may be left.
    bool leave_nothing_behind();
    void is_safe_from_now_on() { fuse_ = 0; }
    [[nodiscard]] const std::string& abort() const { return abort_; }

  private:
    using Kind = SubmitVerdict::Kind;

    void take_over();
    [[nodiscard]] AdoptedSubmission adopt(std::size_t isubmission, const Journal::Submission& written);
    void begin_behind_what_is_done();
    void remove(const std::vector<JobKey>& keys);
    void observe();
    void look_into_work_dir();
    void look_at_chunk(std::size_t ichunk, bool results_first);
    void take_results(std::size_t ichunk);
    void read_exit_records(std::size_t ichunk);
    void look_at_claims();
    void look_at_claim(std::size_t ichunk);
    [[nodiscard]] std::optional<JobKey> seen_claim(std::size_t ichunk) const;
    void free_claims(const std::vector<FreeClaim>& claims);
    void note_tellable();
    void ask_about_missing(Seconds seen_at);
    [[nodiscard]] Decisions decide();
    [[nodiscard]] Achieved measure(const Measure& ended);
    [[nodiscard]] std::pair<std::size_t, std::size_t> find_best_part(std::size_t ichunk) const;
    void write_head(const NewHead& order);
    void carry_out(const Decisions& decisions);
    void submit_all(const std::vector<Submit>& orders);
    [[nodiscard]] Kind submit(const Submit& order);
    void wait(const Decisions& decisions, const Counts& before);
    void step();
    [[nodiscard]] Seconds now() const { return world_.t - zero_; }

    struct OfChunk {
        std::vector<std::optional<Seconds>> read_at;  ///< exit records
        std::size_t best_part = none;
        Seconds measured_at{-1};
    };

    World& world_;
    Cluster& cluster_;
    Referee& referee_;
    Journal& journal_;
    std::size_t fuse_;
    Seconds zero_;
    JobMonitor monitor_;
    Places places_;
    PollingPace pace_;
    Patience patience_;
    std::vector<OfChunk> chunks_;
    std::map<JobKey, Account> accounts_;  ///< that were told
    std::set<JobKey> tellable_;           ///< how these ended could be told before the listing was evaluated
    std::string abort_;
    Seconds looked_at_{0};
    Seconds took_{0};
    PollingPace::Look look_ = PollingPace::Look::news;
    bool has_submitted_ = false;
};

}  // namespace qmr::detail::simulation
