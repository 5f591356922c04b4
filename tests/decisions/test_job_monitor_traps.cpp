// The traps that the first tools of this kind fell into, on the decisions alone.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

TEST_CASE("trap 1: only queue jobs in error state are left, and the map goes on with their successors") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide_and_accept();
    driven.monitor.committed(0);
    const Decisions decisions = driven.poll({DrivenMonitor::seen({0, 2}, JobState::error)});
    CHECK(decisions.submit.size() == 1);
    CHECK_FALSE(decisions.is_done);
    CHECK_FALSE(driven.poll({DrivenMonitor::seen({1, 1}, JobState::pending)}).is_done);
    driven.monitor.committed(1);
    CHECK(driven.decide().is_done);
}

TEST_CASE("trap 2: a deleted queue job that lingers beside its successor is counted once") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::seen({0, 1}, JobState::error)});
    for (int i = 0; i < 20; ++i) {
        const Decisions decisions = driven.poll(
            {DrivenMonitor::seen({0, 1}, JobState::error), DrivenMonitor::seen({1, 1}, JobState::running)});
        CHECK(decisions.submit.empty());
        CHECK(decisions.give_up.empty());
        CHECK(driven.monitor.counts().in_error == 0);
        CHECK(driven.monitor.counts().running == 1);
    }
    CHECK(driven.monitor.num_attempts(0) == 2);
}

TEST_CASE("trap 2: a deletion without effect is asked for again, after some patience") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    const SeenJob old = DrivenMonitor::seen({0, 1}, JobState::error);
    const SeenJob successor = DrivenMonitor::seen({1, 1}, JobState::running);
    CHECK(driven.poll({old}).remove.size() == 1);
    CHECK(driven.poll({old, successor}).remove.empty());
    CHECK(driven.poll({old, successor}, Seconds{30}).remove.size() == 1);
}

TEST_CASE("trap 3: a queue job that is not listed yet is not taken for finished") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    for (int i = 0; i < 30; ++i) {
        const Decisions decisions = driven.poll({});
        CHECK((decisions.submit.empty() && decisions.give_up.empty() && !decisions.is_done));
    }
    CHECK(driven.poll({DrivenMonitor::seen({0, 1}, JobState::pending)}).submit.empty());
    CHECK(driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)}, Seconds{300}).submit.empty());
}

TEST_CASE("trap 4: a queue job that has left the queue is waited for until its result is visible") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)});
    for (int i = 0; i < 59; ++i) CHECK(driven.poll({}).submit.empty());
    driven.monitor.committed(0);
    CHECK(driven.poll({}).is_done);
    CHECK(driven.monitor.num_attempts(0) == 1);
}

TEST_CASE("trap 5: deleting a queue job that is already gone is no reason to do anything") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    CHECK(driven.poll({DrivenMonitor::seen({0, 1}, JobState::error)}).remove.size() == 1);
    for (int i = 0; i < 5; ++i)
        CHECK(driven.poll({DrivenMonitor::seen({1, 1}, JobState::running)}, Seconds{100}).remove.empty());
    CHECK(driven.monitor.live_jobs() == std::vector<JobKey>{{1, 1}});
}

TEST_CASE("trap 6: polls that fail for whatever reason change nothing, however many") {
    DrivenMonitor driven(DrivenMonitor::array_of(3));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)});
    const Counts before = driven.monitor.counts();
    for (int i = 0; i < 100; ++i) driven.monitor.poll_failed("<garbage/>");
    driven.now += Seconds{1e6};
    const Decisions decisions = driven.decide();
    CHECK((decisions.submit.empty() && decisions.remove.empty() && decisions.give_up.empty()));
    CHECK(driven.monitor.counts() == before);
}

// Trap 7, names that collide, is about names alone: tests/vocabulary/test_job_name.cpp.

TEST_CASE("trap 8: a queue job that vanished without a result is submitted again, up to the limit") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = 2;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    for (std::size_t attempt = 0; attempt < 2; ++attempt) {
        driven.poll({DrivenMonitor::seen({attempt, 1}, JobState::running)});
        CHECK(driven.poll({}).submit.empty());
        CHECK(driven.poll({}, Seconds{60}).submit.size() == 1);
    }
    driven.poll({DrivenMonitor::seen({2, 1}, JobState::running)});
    driven.poll({});
    const Decisions decisions = driven.poll({}, Seconds{60});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::vanished);
    CHECK(decisions.is_done);
}

TEST_CASE("trap 8: one listing that lacks a queue job is not enough, however much time has passed") {
    auto options = DrivenMonitor::array_of(1);
    options.file_system_latency = Seconds{0};
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)});
    CHECK(driven.poll({}, Seconds{1000}).submit.empty());
    CHECK(driven.poll({}, Seconds{1}).submit.size() == 1);
}
