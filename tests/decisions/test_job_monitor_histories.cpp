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

/// What one queue job of the model does.
struct ModelJob {
    JobKey key;
    std::vector<std::size_t> chunks;
    JobState state = JobState::pending;
    bool is_gone = false;
    bool is_killed = false;  ///< without a result
};

class History {
  public:
    explicit History(unsigned seed) : random_(seed) {
        MonitorOptions options;
        options.num_chunks = pick(1, 12);
        options.max_num_resubmissions = pick(0, 4);
        options.max_jobs_per_submission = pick(1, 5);
        options.file_system_latency = Seconds{static_cast<double>(pick(0, 20))};
        num_chunks_ = options.num_chunks;
        max_attempts_ = options.max_num_resubmissions + 1;
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

  private:
    std::size_t pick(std::size_t low, std::size_t high) {
        return std::uniform_int_distribution<std::size_t>(low, high)(random_);
    }
    bool fault() { return std::uniform_real_distribution<double>(0, 1)(random_) < fault_rate_; }

    void look() {
        for (auto& [ichunk, polls_left] : outs_)
            if (polls_left-- <= 0 && visible_outs_.insert({ichunk, true}).second) monitor_->committed(ichunk);
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
        for (const Submit& submit : decisions.submit) {
            if (fault() && pick(0, 1) == 0) {
                meet_a_limit(submit);
                continue;
            }
            const bool is_answer_lost = fault();
            const bool is_queued = !is_answer_lost || pick(0, 1) == 0;
            if (is_queued)
                for (std::size_t i = 0; i < submit.jobs.size(); ++i)
                    jobs_.push_back({{submit.isubmission, i + 1}, submit.jobs[i]});
            if (is_answer_lost)
                monitor_->submit_unclear(submit.isubmission, "model", now_);
            else
                monitor_->submit_accepted(submit.isubmission, DrivenMonitor::number(submit.isubmission),
                                          now_);
        }
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
            if (!job.is_killed || pick(0, 3) != 0) continue;
            if (pick(0, 1) == 0)
                monitor_->attempt_killed(job.key, job.chunks.front(), "model", now_);
            else
                monitor_->explained(job.key, pick(0, 1) == 0 ? Cause::out_of_time : Cause::vanished, "model");
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
                    job.is_gone = true;
                    job.is_killed = fault();
                    if (job.is_killed) break;
                    for (const std::size_t ichunk : job.chunks)
                        outs_.insert({ichunk, static_cast<int>(pick(0, 3))});
                    break;
                case JobState::deleting:
                    job.is_gone = true;
                    break;
                default:
                    break;
            }
        }
    }

    std::mt19937 random_;
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
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        History history(seed);
        const bool has_ended = history.play();
        INFO("seed " << seed);
        REQUIRE(has_ended);
        const Counts counts = history.monitor().counts();
        for (std::size_t ichunk = 0; ichunk < history.num_chunks(); ++ichunk) {
            REQUIRE(history.monitor().num_attempts(ichunk) <= history.max_attempts());
            // A chunk is committed when its result was seen, and given up at most once otherwise.
            if (history.monitor().is_committed(ichunk)) REQUIRE(history.is_out_visible(ichunk));
            if (history.given_up().contains(ichunk)) REQUIRE(history.given_up().at(ichunk) == 1);
        }
        REQUIRE(counts.committed + counts.failed <= history.num_chunks());
    }
}
