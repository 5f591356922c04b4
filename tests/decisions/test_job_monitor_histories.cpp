// Random faulty histories: a model of a batch system that loses, delays and doubles, against the decisions.

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

constexpr std::size_t max_num_idle_jobs = 3;

/// What one queue job of the model does.
struct ModelJob {
    JobKey key;
    std::vector<std::size_t> chunks;  ///< that it works on, or did
    JobState state = JobState::pending;
    bool is_gone = false;
    bool is_killed = false;  ///< without a result
};

class History {
  public:
    History(unsigned seed, bool is_pulled) : random_(seed) {
        MonitorOptions options;
        options.num_chunks = pick(1, 12);
        options.max_num_resubmissions = pick(0, 4);
        options.max_jobs_per_submission = pick(1, 5);
        options.file_system_latency = Seconds{static_cast<double>(pick(0, 20))};
        options.is_pulled = is_pulled_ = is_pulled;
        options.max_num_idle_jobs = max_num_idle_jobs;
        options.max_num_jobs = max_num_jobs_ = pick(1, 6);
        num_chunks_ = options.num_chunks;
        max_attempts_ = 5 * options.max_num_resubmissions + 1;  // for each cause
        fault_rate_ = static_cast<double>(pick(0, 40)) / 100;
        lag_ = pick(0, 3);
        monitor_.emplace(options);
    }

    /// Plays to the end; false when it never comes.
    bool play() {
        for (int step = 0; step < 5000; ++step) {
            now_ += Seconds{1};
            look();
            explain();
            Decisions decisions = monitor_->decide(now_);
            for (const Measure& attempt : decisions.measure)
                monitor_->measured(attempt.ichunk, Achieved{}, now_);
            if (!decisions.measure.empty()) decisions = monitor_->decide(now_);
            if (!decisions.abort.empty()) return true;
            carry_out(decisions);
            if (decisions.is_done) return true;
            advance();
        }
        return false;
    }

    std::size_t num_chunks() const { return num_chunks_; }
    std::size_t max_attempts() const { return max_attempts_; }
    const JobMonitor& monitor() const { return *monitor_; }
    const std::map<std::size_t, int>& given_up() const { return given_up_; }
    bool is_out_visible(std::size_t ichunk) const { return visible_outs_.contains(ichunk); }
    std::size_t num_jobs() const { return num_jobs_; }
    /// Each attempt may come with as many queue jobs that end before they take a chunk, and one for each
    /// slot.
    std::size_t max_num_jobs() const {
        return (num_chunks_ * max_attempts_ + 1) *
               (std::max(max_num_idle_jobs, max_attempts_) + max_num_jobs_);
    }

  private:
    std::size_t pick(std::size_t low, std::size_t high) {
        return std::uniform_int_distribution<std::size_t>(low, high)(random_);
    }
    bool fault() { return std::uniform_real_distribution<double>(0, 1)(random_) < fault_rate_; }

    void look() {
        for (auto& [ichunk, polls_left] : outs_)
            if (polls_left-- <= 0 && visible_outs_.insert({ichunk, true}).second)
                monitor_->committed(ichunk, makers_.at(ichunk));
        // What is known about claims is out of date now and then.
        if (pick(0, 2) > 0) seen_claims_ = claims_;
        for (const auto& [ichunk, key] : seen_claims_)
            if (monitor_->is_left(ichunk)) monitor_->claimed(ichunk, key, now_);
        std::vector<SeenJob> listing;
        for (const ModelJob& job : jobs_)
            if (!job.is_gone)
                listing.push_back({job.key, DrivenMonitor::number(job.key.isubmission), job.state});
        listings_.push_back(listing);
        if (fault() && has_polled_) {
            monitor_->poll_failed("model");
        } else {
            has_polled_ = true;
            const std::size_t shown = listings_.size() > lag_ ? listings_.size() - 1 - lag_ : 0;
            monitor_->polled(listings_[shown], now_);
        }
    }

    static void delete_job(ModelJob& job) {
        if (job.state == JobState::running)
            job.state = JobState::deleting;
        else
            job.is_gone = true;
    }

    void carry_out(const Decisions& decisions) {
        for (const JobKey key : decisions.remove)
            for (ModelJob& job : jobs_)
                if (job.key == key && !fault()) delete_job(job);
        for (const GiveUp& chunk : decisions.give_up) ++given_up_[chunk.ichunk];
        for (const FreeClaim& claim : decisions.free)
            if (const auto found = claims_.find(claim.ichunk);
                found != claims_.end() && found->second == claim.job)
                claims_.erase(found);
        for (const Submit& submit : decisions.submit) {
            if (fault() && pick(0, 1) == 0) {
                meet_a_limit(submit);
                continue;
            }
            const bool is_answer_lost = fault();
            const bool is_queued = !is_answer_lost || pick(0, 1) == 0;
            if (is_queued) start(submit);
            if (is_answer_lost)
                monitor_->submit_unclear(submit.isubmission, "model", now_);
            else
                monitor_->submit_accepted(submit.isubmission, DrivenMonitor::number(submit.isubmission),
                                          now_);
        }
    }

    void start(const Submit& submit) {
        num_jobs_ += submit.jobs.size();
        for (std::size_t i = 0; i < submit.jobs.size(); ++i)
            jobs_.push_back(
                {{submit.isubmission, i + 1}, is_pulled_ ? std::vector<std::size_t>{} : submit.jobs[i]});
    }

    void meet_a_limit(const Submit& submit) {
        if (submit.jobs.size() > 1 && pick(0, 1) == 0)
            monitor_->submit_too_large(submit.isubmission, pick(0, submit.jobs.size() - 1));
        else if (pick(0, 1) == 0)
            monitor_->submit_unclear(submit.isubmission, "model", now_, true);
        else
            monitor_->submit_busy(submit.isubmission, now_);
    }

    // The worker tells of its end, or the batch system does; both late, or never.
    void explain() {
        for (const ModelJob& job : jobs_) {
            if (!job.is_killed || job.chunks.empty() || pick(0, 3) != 0) continue;
            if (pick(0, 1) == 0)
                monitor_->attempt_killed(job.key, job.chunks.back(), "model", now_);
            else if (pick(0, 1) == 0)
                monitor_->attempt_failed(job.key, job.chunks.back(), Cause::worker_failure, "model", true,
                                         now_);
            else
                monitor_->explained(
                    job.key, {pick(0, 1) == 0 ? Cause::out_of_memory : Cause::vanished, "model"}, now_);
        }
        static_cast<void>(monitor_->unexplained(now_));
    }

    void advance() {
        for (ModelJob& job : jobs_) {
            if (job.is_gone || pick(0, 2) == 0) continue;
            switch (job.state) {
                case JobState::pending:
                    job.state = fault() ? JobState::error : JobState::running;
                    break;
                case JobState::running:
                    run(job);
                    break;
                case JobState::deleting:
                    job.is_gone = true;
                    break;
                default:
                    break;
            }
        }
    }

    // A queue job that pulls ends when it is killed, when nothing is left, or when its time is over.
    void run(ModelJob& job) {
        job.is_killed = fault();
        job.is_gone = job.is_killed || !is_pulled_;
        if (job.is_killed) return;
        if (!job.chunks.empty() && outs_.insert({job.chunks.back(), static_cast<int>(pick(0, 3))}).second)
            makers_.insert({job.chunks.back(), job.key});
        if (!is_pulled_) return;
        const auto ichunk = chunk_to_take();
        job.is_gone = !ichunk || (!job.chunks.empty() && pick(0, 9) == 0);
        if (job.is_gone) return;
        claims_.insert({*ichunk, job.key});
        job.chunks.push_back(*ichunk);
    }

    std::optional<std::size_t> chunk_to_take() {
        std::vector<std::size_t> unclaimed;
        for (std::size_t ichunk = 0; ichunk < num_chunks_; ++ichunk)
            if (!claims_.contains(ichunk)) unclaimed.push_back(ichunk);
        if (unclaimed.empty()) return std::nullopt;
        return unclaimed[pick(0, unclaimed.size() - 1)];
    }

    std::mt19937 random_;
    bool is_pulled_ = false;
    std::size_t max_num_jobs_ = 0;
    std::size_t num_jobs_ = 0;
    std::map<std::size_t, JobKey> claims_;
    std::map<std::size_t, JobKey> seen_claims_;
    std::map<std::size_t, JobKey> makers_;
    std::optional<JobMonitor> monitor_;
    std::size_t num_chunks_ = 0;
    std::size_t max_attempts_ = 0;
    double fault_rate_ = 0;
    std::size_t lag_ = 0;
    Seconds now_{0};
    bool has_polled_ = false;
    std::vector<ModelJob> jobs_;
    std::vector<std::vector<SeenJob>> listings_;
    std::map<std::size_t, int> outs_;
    std::map<std::size_t, bool> visible_outs_;
    std::map<std::size_t, int> given_up_;
};

}  // namespace

TEST_CASE("each of 20,000 faulty histories ends with every chunk settled, once, within its attempts") {
    const bool is_pulled = GENERATE(false, true);
    CAPTURE(is_pulled);
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        History history(seed, is_pulled);
        const bool has_ended = history.play();
        INFO("seed " << seed);
        REQUIRE(has_ended);
        const Counts counts = history.monitor().counts();
        if (is_pulled) REQUIRE(history.num_jobs() <= history.max_num_jobs());
        for (std::size_t ichunk = 0; ichunk < history.num_chunks(); ++ichunk) {
            REQUIRE(history.monitor().num_attempts(ichunk) <= history.max_attempts());
            // A chunk is committed when its result was seen, and given up at most once otherwise.
            if (history.monitor().is_committed(ichunk)) REQUIRE(history.is_out_visible(ichunk));
            if (history.given_up().contains(ichunk)) REQUIRE(history.given_up().at(ichunk) == 1);
        }
        REQUIRE(counts.committed + counts.failed <= history.num_chunks());
    }
}
