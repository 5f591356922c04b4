// Queue jobs that take chunks by themselves.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

using ChunksOfJobs = std::vector<std::vector<std::size_t>>;

constexpr JobKey first{0, 1};
constexpr JobKey second{0, 2};
constexpr Seconds latency{60};  // of array_of()

}  // namespace

TEST_CASE("queue jobs that pull are as many as may be in the queue, and begin in parts of their own") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 3));
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{0, 1, 2}, {3, 4, 5}, {6, 7, 8, 9}});
    CHECK(driven.decide().submit.empty());
}

TEST_CASE("there are never more queue jobs asked for than chunks are left") {
    DrivenMonitor driven(DrivenMonitor::pulled(2, 1000));
    CHECK(driven.decide_and_accept().submit.at(0).jobs == ChunksOfJobs{{0}, {1}});
}

TEST_CASE("queue jobs that pull are split into arrays as others are") {
    auto options = DrivenMonitor::pulled(10, 5);
    options.max_jobs_per_submission = 2;
    DrivenMonitor driven(options);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 3);
    CHECK(decisions.submit[2].jobs == ChunksOfJobs{{8, 9}});
}

TEST_CASE("a chunk that is claimed is taken, and counts as an attempt") {
    DrivenMonitor driven(DrivenMonitor::pulled(4, 2));
    driven.decide_and_accept();
    CHECK(driven.monitor.is_left(3));
    driven.monitor.claimed(3, first, driven.now);
    driven.monitor.claimed(3, first, driven.now);
    CHECK_FALSE(driven.monitor.is_left(3));
    CHECK(driven.monitor.num_attempts(3) == 1);
    CHECK(driven.monitor.open_chunks(first) == std::vector<std::size_t>{3});
    driven.monitor.committed(3, first);
    CHECK(driven.monitor.open_chunks(first).empty());
}

TEST_CASE("a result whose claim was never seen counts as an attempt, too") {
    DrivenMonitor driven(DrivenMonitor::pulled(4, 2));
    driven.decide_and_accept();
    driven.monitor.committed(3, first);
    CHECK(driven.monitor.num_attempts(3) == 1);
    CHECK(driven.monitor.counts().committed == 1);
}

TEST_CASE("the death of a queue job frees what it had claimed, after the latency, and no sooner") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 2));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first, driven.now);
    driven.monitor.claimed(5, second, driven.now);
    driven.poll({DrivenMonitor::runs(first), DrivenMonitor::runs(second)});
    CHECK(driven.poll({DrivenMonitor::runs(second)}).free.empty());
    CHECK(driven.poll({DrivenMonitor::runs(second)}, latency / 2).free.empty());
    const Decisions decisions = driven.poll({DrivenMonitor::runs(second)}, latency);
    CHECK(decisions.free == std::vector<FreeClaim>{{0, first}});
    CHECK(driven.monitor.is_left(0));
    REQUIRE(decisions.notes.size() == 1);
    CHECK(decisions.notes[0].text == "its queue job left the queue without a result; tried again, 1 of 10");
}

TEST_CASE("a queue job that died with a chunk in its hands is replaced before the chunk is free") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 2));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first, driven.now);
    driven.monitor.claimed(5, second, driven.now);
    driven.poll({DrivenMonitor::runs(first), DrivenMonitor::runs(second)});
    driven.poll({DrivenMonitor::runs(second)});
    const Decisions decisions = driven.poll({DrivenMonitor::runs(second)});
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{1, 2, 3, 4, 6, 7, 8, 9}});
}

TEST_CASE("a queue job that gave its slot back is followed by another one, as long as chunks are left") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first, driven.now);
    driven.poll({DrivenMonitor::runs(first)});
    driven.monitor.committed(0, first);
    CHECK(driven.poll({}).submit.empty());
    CHECK(driven.poll({}).submit.at(0).jobs == ChunksOfJobs{{1, 2}});
    driven.monitor.claimed(1, {1, 1}, driven.now);
    driven.monitor.claimed(2, {1, 1}, driven.now);
    driven.poll({DrivenMonitor::runs({1, 1})});
    driven.poll({});
    CHECK(driven.poll({}).submit.empty());
}

TEST_CASE("queue jobs that wait count against the chunks that are left") {
    DrivenMonitor driven(DrivenMonitor::pulled(4, 4));
    driven.decide_and_accept();
    for (const std::size_t ichunk : {0U, 1U}) driven.monitor.committed(ichunk, first);
    const std::vector<SeenJob> two_wait{DrivenMonitor::waits({0, 3}), DrivenMonitor::waits({0, 4})};
    for (int i = 0; i < 5; ++i) CHECK(driven.poll(two_wait).submit.empty());
}

TEST_CASE("with nothing left, queue jobs that wait are deleted, and those that run end by themselves") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 3));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first, driven.now);
    driven.monitor.claimed(1, first, driven.now);
    driven.monitor.claimed(2, first, driven.now);
    const std::vector<SeenJob> listing{DrivenMonitor::runs(first), DrivenMonitor::runs(second),
                                       DrivenMonitor::waits({0, 3})};
    CHECK(driven.poll(listing).remove == std::vector<JobKey>{{0, 3}});
    CHECK(driven.poll({DrivenMonitor::runs(first), DrivenMonitor::runs(second)}, Seconds{29}).remove.empty());
    CHECK(driven.poll({DrivenMonitor::runs(first), DrivenMonitor::runs(second)}, Seconds{2}).remove ==
          std::vector<JobKey>{second});
    CHECK(driven.monitor.is_needed(first));
    CHECK(driven.monitor.is_ending(second));
    CHECK_FALSE(driven.monitor.is_ending(first));
}

TEST_CASE("a claim of nobody is taken away, and so is one that was taken away before") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.claimed(0, {7, 1}, driven.now);
    CHECK(driven.decide().free == std::vector<FreeClaim>{{0, {7, 1}}});
    driven.monitor.attempt_failed(first, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().free == std::vector<FreeClaim>{{0, first}});
    driven.monitor.claimed(0, first, driven.now);
    CHECK(driven.decide().free == std::vector<FreeClaim>{{0, first}});
    CHECK(driven.monitor.is_left(0));
}

TEST_CASE("what a superseded attempt says of its end is of no interest") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 2));
    driven.decide_and_accept();
    driven.monitor.attempt_failed(first, 0, Cause::worker_failure, "no space left", true, driven.now);
    driven.monitor.attempt_failed(first, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().notes.size() == 1);
}

TEST_CASE("a worker that could not finish a chunk takes no other, and is followed by another queue job") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.attempt_failed(first, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().submit.at(0).jobs == ChunksOfJobs{{0, 1, 2}});
}

TEST_CASE("a worker that refuses all chunks does so in one queue job") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    for (const std::size_t ichunk : {0U, 1U, 2U})
        driven.monitor.attempt_failed(first, ichunk, Cause::binary_changed, "rebuilt", false, driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.submit.empty());
    CHECK(decisions.give_up.size() == 3);
    CHECK(decisions.free.empty());
    CHECK(decisions.is_done);
}

TEST_CASE("queue jobs that end without a chunk, one after the other, are not submitted without end") {
    auto options = DrivenMonitor::pulled(50, 1);
    options.max_num_idle_jobs = 3;
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    Decisions decisions;
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(decisions.give_up.empty());
        decisions = driven.poll({DrivenMonitor::seen({i, 1}, JobState::error)});
        CHECK(decisions.remove == std::vector<JobKey>{{i, 1}});
    }
    CHECK(decisions.submit.empty());
    REQUIRE(decisions.give_up.size() == 50);
    CHECK(decisions.give_up[49].ichunk == 49);
    CHECK(decisions.give_up[49].cause == Cause::error_state);
    CHECK(decisions.give_up[49].num_attempts == 4);
    CHECK(decisions.is_done);
}

TEST_CASE("when queue jobs end without a chunk, those that wait are not started, and those that run go on") {
    auto options = DrivenMonitor::pulled(50, 10);
    options.max_num_idle_jobs = 3;
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.monitor.claimed(0, first, driven.now);
    std::vector<SeenJob> listing{DrivenMonitor::runs(first)};
    for (std::uint64_t index = 2; index <= 5; ++index)
        listing.push_back(DrivenMonitor::seen({0, index}, JobState::error));
    for (std::uint64_t index = 6; index <= 10; ++index) listing.push_back(DrivenMonitor::waits({0, index}));
    const Decisions decisions = driven.poll(listing);
    CHECK(decisions.remove.size() == 9);
    CHECK(decisions.submit.empty());
    CHECK(decisions.give_up.empty());
    // It takes another chunk: what was in doubt is not.
    driven.monitor.claimed(1, first, driven.now);
    CHECK(driven.poll({DrivenMonitor::runs(first)}).submit.at(0).jobs.size() == 9);
}

TEST_CASE("a queue job that is known to have ended with a chunk in its hands is replaced at once") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first, driven.now);
    driven.monitor.ended(first, true, "killed by signal 9");
    const Decisions decisions = driven.decide();
    CHECK(decisions.free == std::vector<FreeClaim>{{0, first}});
    CHECK(decisions.submit.at(0).jobs == ChunksOfJobs{{0, 1, 2}});
    CHECK(decisions.notes.at(0).text == "killed by signal 9; tried again, 1 of 10");
}

TEST_CASE("one that ended for want of work counts against nothing, one that failed before its first does") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 2));
    driven.decide_and_accept();
    driven.monitor.ended(first, false, "exit code 0");
    CHECK(driven.decide().notes.empty());
    driven.monitor.ended(second, true, "exit code 127");
    const Decisions decisions = driven.decide();
    CHECK(decisions.notes.at(0).text == "exit code 127; submitted again, 1 of 10");
    CHECK_FALSE(decisions.notes.at(0).ichunk);
}
