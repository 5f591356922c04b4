// The traps by name, where queue jobs pull.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

using ChunksOfJobs = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE(
    "pull, trap 1: only queue jobs in error state are left, and the map goes on with their successors") {
    DrivenMonitor driven(DrivenMonitor::pulled(2, 2));
    driven.decide_and_accept();
    const Decisions decisions = driven.poll(
        {DrivenMonitor::seen(first_job, JobState::error), DrivenMonitor::seen(second_job, JobState::error)});
    CHECK(decisions.remove == std::vector<JobKey>{first_job, second_job});
    CHECK(decisions.submit.at(0).jobs == ChunksOfJobs{{0}, {1}});
    CHECK_FALSE(decisions.is_done);
}

TEST_CASE("pull, trap 2: a deleted queue job that lingers beside its successor is counted once") {
    DrivenMonitor driven(DrivenMonitor::pulled(1, 1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::seen(first_job, JobState::error)});
    for (int i = 0; i < 3; ++i) {
        CHECK(driven.poll({DrivenMonitor::seen(first_job, JobState::deleting), DrivenMonitor::runs({1, 1})})
                  .submit.empty());
        CHECK(driven.monitor.counts().running == 1);
    }
}

TEST_CASE("pull, trap 3: queue jobs that are not listed yet are neither finished nor asked for again") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 5));
    driven.decide_and_accept();
    for (int i = 0; i < 5; ++i) CHECK(driven.poll({}, Seconds{10}).submit.empty());
}

TEST_CASE("pull, trap 4: a claim and a result that become visible late are waited for") {
    DrivenMonitor driven(DrivenMonitor::pulled(2, 1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::runs(first_job)});
    for (int i = 0; i < 3; ++i) CHECK(driven.poll({}, Seconds{10}).notes.empty());
    driven.monitor.claimed(0, first_job, driven.now);
    CHECK(driven.poll({}, Seconds{1}).free.empty());
    driven.monitor.committed(0, first_job);
    driven.monitor.committed(1, first_job);
    CHECK(driven.decide().is_done);
}

TEST_CASE("pull, trap 4: a claim that shows up after its queue job was taken for gone is waited for") {
    DrivenMonitor driven(DrivenMonitor::pulled(2, 1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.poll({}, Seconds{1});
    CHECK(driven.poll({}, latency).submit.size() == 1);
    driven.monitor.claimed(0, first_job, driven.now);
    driven.poll({DrivenMonitor::runs({1, 1})}, Seconds{1});
    CHECK(driven.poll({DrivenMonitor::runs({1, 1})}, latency / 2).free.empty());
    CHECK(driven.poll({DrivenMonitor::runs({1, 1})}, latency).free == std::vector<FreeClaim>{{0, first_job}});
}

TEST_CASE("pull, trap 6: polls that fail change nothing, however many") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 2));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job)});
    for (int i = 0; i < 100; ++i) {
        driven.now += latency;
        driven.monitor.poll_failed("garbage");
        const Decisions decisions = driven.decide();
        CHECK((decisions.free.empty() && decisions.submit.empty() && decisions.abort.empty()));
    }
}

TEST_CASE("pull, trap 8: a chunk whose queue jobs vanish is tried again, up to the limit") {
    auto options = DrivenMonitor::pulled(1, 1);
    options.max_num_resubmissions = 2;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    Decisions decisions;
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(decisions.give_up.empty());
        driven.monitor.claimed(0, {i, 1}, driven.now);
        driven.poll({DrivenMonitor::runs({i, 1})});
        driven.poll({});
        decisions = driven.poll({}, latency);
    }
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::vanished);
    CHECK(decisions.give_up[0].num_attempts == 3);
    CHECK(decisions.is_done);
}

TEST_CASE("pull, trap 3: a queue job that ended without a chunk counts once, however often it is listed") {
    DrivenMonitor driven(DrivenMonitor::pulled_impatiently(1, 1, 1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.poll({});
    CHECK(driven.poll({}, latency).submit.size() == 1);
    // A listing from before shows it again, and not its successor yet.
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.poll({});
    CHECK(driven.poll({DrivenMonitor::waits({1, 1})}, latency).give_up.empty());
}

TEST_CASE("pull: a chunk that is given up since no queue job takes it keeps what was computed") {
    DrivenMonitor driven(DrivenMonitor::pulled_impatiently(1, 1, 0));
    driven.decide_and_accept();
    driven.achieved[0] = {2, 3, true};
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "the disk is full", true, driven.now);
    CHECK(driven.poll({}).heads.size() == 1);
    const Decisions decisions = driven.poll({DrivenMonitor::seen({1, 1}, JobState::error)});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].num_records == 2);
}
