#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

using ChunksOfJobs = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE("all chunks are submitted as one array, with the array indices from 1") {
    DrivenMonitor driven(DrivenMonitor::array_of(3));
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].isubmission == 0);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{0}, {1}, {2}});
    CHECK_FALSE(decisions.is_done);
}

TEST_CASE("more chunks than an array may have are split") {
    auto options = DrivenMonitor::array_of(5);
    options.max_jobs_per_submission = 2;
    DrivenMonitor driven(options);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 3);
    CHECK(decisions.submit[1].jobs == ChunksOfJobs{{2}, {3}});
    CHECK(decisions.submit[2].jobs == ChunksOfJobs{{4}});
}

TEST_CASE("without arrays each chunk has a submission") {
    auto options = DrivenMonitor::array_of(2);
    options.max_jobs_per_submission = 1;
    DrivenMonitor driven(options);
    CHECK_FALSE(driven.monitor.is_array());
    CHECK(driven.decide().submit.size() == 2);
}

TEST_CASE("a map without chunks is done at once") {
    DrivenMonitor driven(DrivenMonitor::array_of(0));
    const Decisions decisions = driven.decide();
    CHECK(decisions.is_done);
    CHECK(decisions.submit.empty());
}

TEST_CASE("it is done when each chunk is committed") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide_and_accept();
    driven.monitor.committed(1);
    CHECK_FALSE(driven.decide().is_done);
    driven.monitor.committed(0);
    CHECK(driven.decide().is_done);
    CHECK(driven.monitor.counts().committed == 2);
}

TEST_CASE("a result counts once, however often it is reported") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide_and_accept();
    driven.monitor.committed(1);
    driven.monitor.committed(1);
    CHECK(driven.monitor.counts().committed == 1);
    CHECK_FALSE(driven.decide().is_done);
}

TEST_CASE("sparse resubmissions are one array with an index of their own") {
    DrivenMonitor driven(DrivenMonitor::array_of(10));
    driven.decide_and_accept();
    std::vector<SeenJob> listing;
    for (std::uint64_t index = 1; index <= 10; ++index)
        listing.push_back(
            DrivenMonitor::seen({0, index}, index % 4 == 0 ? JobState::error : JobState::running));
    const Decisions decisions = driven.poll(listing);
    CHECK(decisions.remove == std::vector<JobKey>{{0, 4}, {0, 8}});
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{3}, {7}});
}

TEST_CASE("a chunk is resubmitted as often as allowed, then given up with its cause") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = 2;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    for (std::size_t attempt = 0; attempt < 2; ++attempt)
        CHECK(driven.poll({DrivenMonitor::seen({attempt, 1}, JobState::error)}).submit.size() == 1);
    const Decisions last = driven.poll({DrivenMonitor::seen({2, 1}, JobState::error)});
    CHECK(last.submit.empty());
    CHECK(last.remove == std::vector<JobKey>{{2, 1}});
    REQUIRE(last.give_up.size() == 1);
    CHECK(last.give_up[0].cause == Cause::error_state);
    CHECK(last.give_up[0].num_attempts == 3);
    CHECK(last.is_done);
}

TEST_CASE("with no resubmissions allowed, an error state is final") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    const Decisions decisions = driven.poll({DrivenMonitor::seen(first_job, JobState::error)});
    CHECK(decisions.give_up.size() == 1);
    CHECK(decisions.remove.size() == 1);
}

TEST_CASE("a result that comes after its chunk was given up is a result all the same") {
    auto options = DrivenMonitor::array_of(2);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.poll(
        {DrivenMonitor::seen({0, 1}, JobState::error), DrivenMonitor::seen({0, 2}, JobState::running)});
    CHECK(driven.monitor.counts().failed == 1);
    driven.monitor.committed(0);
    CHECK(driven.monitor.counts().failed == 0);
    CHECK(driven.monitor.counts().committed == 1);
    driven.monitor.committed(1);
    CHECK(driven.decide().is_done);
}

TEST_CASE("held, suspended, pending and unknown states are waited for") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    for (const JobState state : {JobState::held, JobState::suspended, JobState::pending, JobState::unknown})
        for (int i = 0; i < 50; ++i) {
            const Decisions decisions = driven.poll({DrivenMonitor::seen(first_job, state)}, Seconds{100});
            CHECK((decisions.submit.empty() && decisions.remove.empty() && decisions.give_up.empty()));
        }
}

TEST_CASE("a queue job that somebody deleted is resubmitted, even when it never leaves the listing") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    CHECK(driven.poll({DrivenMonitor::seen(first_job, JobState::deleting)}).submit.empty());
    CHECK(driven.poll({DrivenMonitor::seen(first_job, JobState::deleting)}, Seconds{61}).submit.size() == 1);
}

TEST_CASE("a failed poll is no news about any queue job") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::seen(first_job, JobState::running)});
    for (int i = 0; i < 1000; ++i) {
        driven.now += Seconds{60};
        driven.monitor.poll_failed("no answer");
        const Decisions decisions = driven.decide();
        CHECK((decisions.submit.empty() && decisions.give_up.empty() && decisions.abort.empty()));
    }
}

TEST_CASE("a batch system that has never answered ends the map") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    std::string abort;
    for (int i = 0; i < 10; ++i) {
        CHECK(abort.empty());
        driven.monitor.poll_failed("Connection refused");
        abort = driven.decide().abort;
    }
    CHECK_THAT(abort, Catch::Contains("Connection refused"));
}

TEST_CASE("after a busy answer the same chunks are submitted later, and later again") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide();
    driven.monitor.submit_busy(0, driven.now);
    CHECK(driven.decide().submit.empty());
    driven.now += Seconds{2};
    const Decisions second = driven.decide();
    REQUIRE(second.submit.size() == 1);
    CHECK(second.submit[0].isubmission == 1);
    CHECK(second.submit[0].jobs == ChunksOfJobs{{0}, {1}});
    driven.monitor.submit_busy(1, driven.now);
    driven.now += Seconds{3};
    CHECK(driven.decide().submit.empty());
    driven.now += Seconds{1};
    CHECK(driven.decide_and_accept().submit.size() == 1);
    // A wait for the batch system is no attempt of the chunk.
    CHECK(driven.monitor.num_attempts(0) == 1);
}

TEST_CASE("a submission whose answer got lost is adopted when it is listed") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide();
    driven.monitor.submit_unclear(0, "got read error", driven.now);
    CHECK(driven.monitor.unclear_submissions() == std::vector<std::size_t>{0});
    CHECK(driven.poll({}).submit.empty());
    const Decisions decisions = driven.poll(
        {DrivenMonitor::seen({0, 1}, JobState::pending), DrivenMonitor::seen({0, 2}, JobState::pending)});
    CHECK((decisions.submit.empty() && decisions.remove.empty()));
    CHECK(driven.monitor.JB_job_number(0) == "100");
    CHECK(driven.monitor.unclear_submissions().empty());
}

TEST_CASE("a submission that is not found by name is made again, and no attempt of its chunks is lost") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide();
    driven.monitor.submit_unclear(0, "got send error", driven.now);
    CHECK(driven.poll({}).submit.empty());
    const Decisions decisions = driven.poll({}, Seconds{60});
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{0}, {1}});
    CHECK(driven.monitor.num_attempts(1) == 1);
}

TEST_CASE("a submission that shows up after it was made again is deleted") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide();
    driven.monitor.submit_unclear(0, "got send error", driven.now);
    driven.poll({});
    driven.poll({}, Seconds{60});
    const Decisions decisions = driven.poll(
        {DrivenMonitor::seen({0, 1}, JobState::pending), DrivenMonitor::seen({1, 1}, JobState::pending)});
    CHECK(decisions.remove == std::vector<JobKey>{{0, 1}});
    CHECK(decisions.submit.empty());
}

TEST_CASE("submissions that get lost again and again end the map") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    Decisions decisions = driven.decide();
    for (int i = 0; i < 10; ++i) {
        REQUIRE(decisions.abort.empty());
        REQUIRE(decisions.submit.size() == 1);
        driven.monitor.submit_unclear(decisions.submit[0].isubmission, "got send error", driven.now);
        driven.now += Seconds{1};
        driven.monitor.polled({}, driven.now);
        driven.now += Seconds{60};
        driven.monitor.polled({}, driven.now);
        decisions = driven.decide();
    }
    CHECK_THAT(decisions.abort, Catch::Contains("got send error"));
}

TEST_CASE("an attempt that says itself that it failed is not waited for") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide_and_accept();
    driven.monitor.attempt_failed({0, 1}, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide_and_accept().submit.size() == 1);
    // Told again, or of an attempt that is superseded: nothing new.
    driven.monitor.attempt_failed({0, 1}, 0, Cause::worker_failure, "no space left", true, driven.now);
    CHECK(driven.decide().submit.empty());
}

TEST_CASE("an attempt that must not be tried again is given up at once") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.monitor.attempt_failed({0, 1}, 0, Cause::binary_changed, "rebuilt", false, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::binary_changed);
    CHECK(decisions.is_done);
}

TEST_CASE("a result that can not be read is computed again") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.monitor.rejected(0, "the checksum of a record is wrong");
    const Decisions decisions = driven.decide();
    CHECK(decisions.submit.size() == 1);
    CHECK(decisions.notes.size() == 1);
}

TEST_CASE("a queue job whose result is there may end by itself, but not linger for long") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide_and_accept();
    driven.poll(
        {DrivenMonitor::seen({0, 1}, JobState::running), DrivenMonitor::seen({0, 2}, JobState::pending)});
    driven.monitor.committed(0);
    CHECK(driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)}).remove.empty());
    CHECK(driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)}, Seconds{29}).remove.empty());
    CHECK(driven.poll({DrivenMonitor::seen({0, 1}, JobState::running)}, Seconds{2}).remove.size() == 1);
}

TEST_CASE("a queue job that is no longer listed neither waits nor runs") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide_and_accept();
    driven.poll(
        {DrivenMonitor::seen({0, 1}, JobState::running), DrivenMonitor::seen({0, 2}, JobState::pending)});
    CHECK(driven.monitor.counts().running == 1);
    CHECK(driven.monitor.counts().pending == 1);
    driven.poll({});
    CHECK(driven.monitor.counts().running == 0);
    CHECK(driven.monitor.counts().pending == 0);
}

TEST_CASE("queue jobs that were never submitted are not believed in") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    const Decisions decisions = driven.poll({DrivenMonitor::seen({7, 1}, JobState::error),
                                             DrivenMonitor::seen({0, 2}, JobState::error),
                                             DrivenMonitor::seen({0, 0}, JobState::error)});
    CHECK((decisions.remove.empty() && decisions.submit.empty()));
}
