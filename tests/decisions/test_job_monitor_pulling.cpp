// Queue jobs that take chunks by themselves.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

using ChunksOfJobs = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE("queue jobs that pull are as many as may be in the queue, and begin in parts of their own") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 3));
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{0, 1, 2}, {3, 4, 5}, {6, 7, 8, 9}});
    CHECK(driven.decide().submit.empty());
}

TEST_CASE("where the lowest chunks come first, queue jobs begin with one each of the lowest that are left") {
    auto options = DrivenMonitor::pulled(10, 2);
    options.pull_way = PullWay::ascending;
    DrivenMonitor driven(options);
    CHECK(driven.decide_and_accept().submit.at(0).jobs == ChunksOfJobs{{0}, {1}});
    driven.monitor.claimed(0, first_job, driven.now);
    driven.monitor.claimed(1, second_job, driven.now);
    driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job)});
    driven.poll({DrivenMonitor::runs(second_job)});
    CHECK(driven.poll({DrivenMonitor::runs(second_job)}).submit.at(0).jobs == ChunksOfJobs{{2}});
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
    driven.monitor.claimed(3, first_job, driven.now);
    driven.monitor.claimed(3, first_job, driven.now);
    CHECK_FALSE(driven.monitor.is_left(3));
    CHECK(driven.monitor.num_attempts(3) == 1);
    CHECK(driven.monitor.open_chunks(first_job) == std::vector<std::size_t>{3});
    driven.monitor.committed(3, first_job);
    CHECK(driven.monitor.open_chunks(first_job).empty());
}

TEST_CASE("a result whose claim was never seen counts as an attempt, too") {
    DrivenMonitor driven(DrivenMonitor::pulled(4, 2));
    driven.decide_and_accept();
    driven.monitor.committed(3, first_job);
    CHECK(driven.monitor.num_attempts(3) == 1);
    CHECK(driven.monitor.counts().committed == 1);
}

TEST_CASE("the death of a queue job frees what it had claimed, after the latency, and no sooner") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 2));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.monitor.claimed(5, second_job, driven.now);
    driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job)});
    CHECK(driven.poll({DrivenMonitor::runs(second_job)}).free.empty());
    CHECK(driven.poll({DrivenMonitor::runs(second_job)}, latency / 2).free.empty());
    const Decisions decisions = driven.poll({DrivenMonitor::runs(second_job)}, latency);
    CHECK(decisions.free == std::vector<FreeClaim>{{0, first_job}});
    CHECK(driven.monitor.is_left(0));
    REQUIRE(decisions.notes.size() == 1);
    CHECK(decisions.notes[0].text == "its queue job left the queue without a result; tried again, 1 of 10");
}

TEST_CASE("a queue job that died with a chunk in its hands is replaced before the chunk is free") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 2));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.monitor.claimed(5, second_job, driven.now);
    driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job)});
    driven.poll({DrivenMonitor::runs(second_job)});
    const Decisions decisions = driven.poll({DrivenMonitor::runs(second_job)});
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{1, 2, 3, 4, 6, 7, 8, 9}});
}

TEST_CASE("a queue job that gave its slot back is followed by another one, as long as chunks are left") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.monitor.committed(0, first_job);
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
    for (const std::size_t ichunk : {0U, 1U}) driven.monitor.committed(ichunk, first_job);
    const std::vector<SeenJob> two_wait{DrivenMonitor::waits({0, 3}), DrivenMonitor::waits({0, 4})};
    for (int i = 0; i < 5; ++i) CHECK(driven.poll(two_wait).submit.empty());
}

TEST_CASE("with nothing left, queue jobs that wait are deleted, and those that run end by themselves") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 3));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.monitor.claimed(1, first_job, driven.now);
    driven.monitor.claimed(2, first_job, driven.now);
    const std::vector<SeenJob> listing{DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job),
                                       DrivenMonitor::waits({0, 3})};
    CHECK(driven.poll(listing).remove == std::vector<JobKey>{{0, 3}});
    CHECK(driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job)}, Seconds{29})
              .remove.empty());
    CHECK(driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs(second_job)}, Seconds{2}).remove ==
          std::vector<JobKey>{second_job});
    CHECK(driven.monitor.is_needed(first_job));
    CHECK(driven.monitor.is_ending(second_job));
    CHECK_FALSE(driven.monitor.is_ending(first_job));
}

TEST_CASE("a claim of nobody is taken away, and so is one that was taken away before") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.claimed(0, {7, 1}, driven.now);
    CHECK(driven.decide().free == std::vector<FreeClaim>{{0, {7, 1}}});
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().free == std::vector<FreeClaim>{{0, first_job}});
    driven.monitor.claimed(0, first_job, driven.now);
    CHECK(driven.decide().free == std::vector<FreeClaim>{{0, first_job}});
    CHECK(driven.monitor.is_left(0));
}

TEST_CASE("what a superseded attempt says of its end is of no interest") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 2));
    driven.decide_and_accept();
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "no space left", true, driven.now);
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().notes.size() == 1);
}

TEST_CASE("a worker that could not finish a chunk takes no other, and is followed by another queue job") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().submit.at(0).jobs == ChunksOfJobs{{0, 1, 2}});
}

TEST_CASE(
    "a worker that can run no chunk counts as a queue job without one, and its chunk is none the worse") {
    DrivenMonitor driven(DrivenMonitor::pulled_impatiently(3, 1, 2));
    driven.decide_and_accept();
    Decisions decisions;
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(decisions.give_up.empty());
        driven.monitor.claimed(0, {i, 1}, driven.now);
        driven.monitor.attempt_failed({i, 1}, 0, Cause::binary_changed, "rebuilt", false, driven.now);
        decisions = driven.decide_and_accept();
        CHECK(decisions.free == std::vector<FreeClaim>{{0, {i, 1}}});
    }
    CHECK(decisions.submit.empty());
    driven.poll({}, Seconds{1});
    decisions = driven.decide();
    CHECK(driven.monitor.counts().failed == 3);
    CHECK(decisions.is_done);
}

TEST_CASE("many queue jobs that meet with the same accident count as one") {
    auto options = DrivenMonitor::pulled(50, 20);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.monitor.committed(49);
    driven.decide_and_accept();
    std::vector<SeenJob> listing;
    for (std::uint64_t index = 1; index <= 20; ++index)
        listing.push_back(index <= 16 ? DrivenMonitor::seen({0, index}, JobState::error)
                                      : DrivenMonitor::waits({0, index}));
    const Decisions decisions = driven.poll(listing);
    CHECK(decisions.remove.size() == 16);
    CHECK(decisions.give_up.empty());
    CHECK(decisions.submit.at(0).jobs.size() == 16);
}

TEST_CASE("queue jobs of one array that end without a chunk one after the other do not count as one") {
    DrivenMonitor driven(DrivenMonitor::pulled_impatiently(50, 20, 3));
    driven.decide_and_accept();
    std::size_t num_submissions = 1;
    for (std::uint64_t index = 1; index <= 5; ++index)
        num_submissions +=
            driven.poll({DrivenMonitor::seen({0, index}, JobState::error)}, Seconds{11}).submit.size();
    CHECK(num_submissions == 4);
}

TEST_CASE("a chunk that was begun too late in a queue job gets one of its own, and that does not count") {
    auto options = DrivenMonitor::pulled(3, 1);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.monitor.committed(0, first_job);
    driven.monitor.claimed(1, first_job, driven.now);
    driven.monitor.claimed(2, first_job, driven.now);
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.monitor.committed(1, first_job);
    driven.poll({});
    driven.explain(first_job, Cause::out_of_time, "killed for its walltime");
    const Decisions late = driven.poll({}, latency);
    CHECK(late.give_up.empty());
    CHECK(late.free.empty());
    REQUIRE(late.submit.size() == 1);
    CHECK(late.submit[0].jobs == ChunksOfJobs{{2}});
    CHECK((late.submit[0].is_only && late.submit[0].has_claims && !late.submit[0].may_be_refused));
    driven.poll({DrivenMonitor::runs({1, 1})});
    driven.poll({});
    driven.explain({1, 1}, Cause::out_of_time, "killed for its walltime");
    CHECK(driven.poll({}, latency).give_up.size() == 1);
}

TEST_CASE("a submission that only a claim tells of is looked for by its name") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide();
    driven.monitor.submit_unclear(0, "no answer", driven.now);
    driven.monitor.claimed(0, first_job, driven.now);
    CHECK(driven.monitor.unclear_submissions() == std::vector<std::size_t>{0});
    CHECK(driven.monitor.live_jobs().empty());
    CHECK(driven.poll({DrivenMonitor::runs(first_job)}).submit.empty());
    CHECK(driven.monitor.unclear_submissions().empty());
    CHECK(driven.monitor.live_jobs() == std::vector<JobKey>{first_job});
}

TEST_CASE("queue jobs that end without a chunk, one after the other, are not submitted without end") {
    DrivenMonitor driven(DrivenMonitor::pulled_impatiently(50, 1, 3));
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
    CHECK(decisions.give_up[49].num_attempts == 0);
    CHECK(decisions.is_done);
}

TEST_CASE("when queue jobs end without a chunk, those that wait are not started, and those that run go on") {
    DrivenMonitor driven(DrivenMonitor::pulled_impatiently(50, 10, 3));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    std::vector<SeenJob> well{DrivenMonitor::runs(first_job)};
    for (std::uint64_t index = 2; index <= 9; ++index) well.push_back(DrivenMonitor::waits({0, index}));
    Decisions decisions;
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(decisions.remove.size() <= 1);
        std::vector<SeenJob> listing = well;
        listing.push_back(DrivenMonitor::seen(i == 0 ? JobKey{0, 10} : JobKey{i, 1}, JobState::error));
        decisions = driven.poll(listing);
    }
    decisions = driven.poll(well);
    CHECK(decisions.remove.size() == 8);
    CHECK(decisions.submit.empty());
    CHECK(decisions.give_up.empty());
    // A result: what was in doubt is not.
    driven.monitor.committed(0, first_job);
    CHECK(driven.poll({DrivenMonitor::runs(first_job)}).submit.at(0).jobs.size() == 9);
}

TEST_CASE("a queue job that is known to have ended with a chunk in its hands is replaced at once") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 1));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.monitor.ended(first_job, true, "killed by signal 9", driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.free == std::vector<FreeClaim>{{0, first_job}});
    CHECK(decisions.submit.at(0).jobs == ChunksOfJobs{{0, 1, 2}});
    CHECK(decisions.notes.at(0).text == "killed by signal 9; tried again, 1 of 10");
}

TEST_CASE("one that ended for want of work counts against nothing, one that failed before its first does") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 2));
    driven.decide_and_accept();
    driven.monitor.ended(first_job, false, "exit code 0", driven.now);
    CHECK(driven.decide().notes.empty());
    driven.monitor.ended(second_job, true, "exit code 127", driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.notes.at(0).text == "exit code 127; submitted again, 1 of 10");
    CHECK_FALSE(decisions.notes.at(0).ichunk);
}
