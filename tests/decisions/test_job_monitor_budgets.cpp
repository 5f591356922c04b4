// Each cause has a limit of its own, and some ask for more the next time.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;
using std::chrono::seconds;

namespace {

using ChunksOfJobs = std::vector<std::vector<std::size_t>>;

MonitorOptions with_demand(MonitorOptions options, const Demand& most = {}) {
    options.demand = {{1000, seconds{60}}, most, 2, 2};
    options.max_num_retries[Cause::out_of_memory] = 3;
    options.max_num_retries[Cause::out_of_time] = 3;
    return options;
}

/// One chunk of ten tasks.
struct ChunkOfTen : DrivenMonitor {
    explicit ChunkOfTen(const MonitorOptions& options) : DrivenMonitor(options) {
        decide_and_accept();
        if (options.is_pulled) monitor.claimed(0, first_job, now);
    }

    /// The last attempt that was submitted ends.
    Decisions dies(Cause cause, std::size_t num_records = 0, bool has_begun = true) {
        achieved[0] = {num_records, 10, has_begun};
        achieved[0].peak_memory = 700;
        monitor.attempt_failed({isubmission++, 1}, 0, cause, "it died", true, now);
        return decide_and_accept();
    }

    std::size_t isubmission = 0;
};

}  // namespace

TEST_CASE("each cause counts for itself") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = 2;
    options.max_num_retries[Cause::vanished] = 1;
    ChunkOfTen driven(options);
    for (const Cause cause : {Cause::error_state, Cause::vanished, Cause::error_state, Cause::worker_failure,
                              Cause::worker_failure, Cause::corrupt_result, Cause::crash})
        REQUIRE(driven.dies(cause, 0, false).submit.size() == 1);
    const Decisions last = driven.dies(Cause::vanished, 0, false);
    REQUIRE(last.give_up.size() == 1);
    CHECK(last.give_up[0].num_attempts == 8);
}

TEST_CASE(
    "what ran out of memory is submitted again with more of it, up to its limit, then a task is to blame") {
    ChunkOfTen driven(with_demand(DrivenMonitor::array_of(1)));
    for (const std::uint64_t memory : {2000U, 4000U, 8000U}) {
        const Decisions decisions = driven.dies(Cause::out_of_memory);
        REQUIRE(decisions.submit.size() == 1);
        CHECK(decisions.submit[0].demand == Demand{memory, seconds{60}});
        CHECK(decisions.submit[0].may_be_refused);
        CHECK_FALSE(decisions.submit[0].has_claims);
    }
    const Decisions blame = driven.dies(Cause::out_of_memory);
    REQUIRE(blame.heads.size() == 1);
    REQUIRE(blame.heads[0].failed);
    // The tasks behind it are as the others again.
    CHECK(blame.submit.at(0).demand == Demand{1000, seconds{60}});
    CHECK_FALSE(blame.submit[0].may_be_refused);
}

TEST_CASE("what came further before it ran out of memory has more of it, too, but only once") {
    ChunkOfTen driven(with_demand(DrivenMonitor::array_of(1)));
    CHECK(driven.dies(Cause::out_of_memory, 3).submit.at(0).demand.memory == 2000);
    CHECK(driven.dies(Cause::out_of_memory, 5).submit.at(0).demand.memory == 2000);
    CHECK(driven.dies(Cause::out_of_memory, 5).submit.at(0).demand.memory == 4000);
}

TEST_CASE("what ran out of time goes on with the same walltime, and with more when it came no further") {
    ChunkOfTen driven(with_demand(DrivenMonitor::array_of(1)));
    CHECK(driven.dies(Cause::out_of_time, 3).submit.at(0).demand.walltime == seconds{60});
    CHECK(driven.dies(Cause::out_of_time, 5).submit.at(0).demand.walltime == seconds{60});
    const Decisions more = driven.dies(Cause::out_of_time, 5);
    CHECK(more.submit.at(0).demand == Demand{1000, seconds{120}});
    CHECK(more.notes.at(0).text == "it died; submitted again with a walltime of 120 s, 1 of 3");
}

TEST_CASE("with all that may be asked for, a task that comes no further is to blame at once") {
    ChunkOfTen driven(with_demand(DrivenMonitor::array_of(1), {1500, seconds{60}}));
    CHECK(driven.dies(Cause::out_of_memory).submit.at(0).demand.memory == 1500);
    CHECK(driven.dies(Cause::out_of_memory).heads.at(0).failed);
    CHECK(driven.dies(Cause::out_of_time, 1).heads.at(0).failed);
}

TEST_CASE("where no memory was asked for, what was used tells how much is") {
    auto options = with_demand(DrivenMonitor::array_of(1));
    options.demand.first = {};
    ChunkOfTen driven(options);
    const Decisions decisions = driven.dies(Cause::out_of_memory);
    CHECK(decisions.submit.at(0).demand == Demand{1400, seconds{0}});
}

TEST_CASE("chunks that ask for the same are one array, and others another") {
    DrivenMonitor driven(with_demand(DrivenMonitor::array_of(4)));
    driven.decide_and_accept();
    for (const std::size_t ichunk : {0U, 1U, 3U}) {
        const Cause cause = ichunk == 1 ? Cause::error_state : Cause::out_of_memory;
        driven.monitor.attempt_failed({0, ichunk + 1}, ichunk, cause, "it died", true, driven.now);
    }
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 2);
    CHECK(decisions.submit[0].jobs == ChunksOfJobs{{1}});
    CHECK_FALSE(decisions.submit[0].may_be_refused);
    CHECK(decisions.submit[1].jobs == ChunksOfJobs{{0}, {3}});
    CHECK(decisions.submit[1].may_be_refused);
}

TEST_CASE("a batch system that refuses more ends no map: the task fails, with both reasons") {
    ChunkOfTen driven(with_demand(DrivenMonitor::array_of(1)));
    driven.achieved[0] = {2, 10, true};
    driven.dies(Cause::out_of_memory, 2);
    driven.monitor.attempt_failed({1, 1}, 0, Cause::out_of_memory, "too much", true, driven.now);
    const Decisions raised = driven.decide();
    REQUIRE(raised.submit.at(0).may_be_refused);
    driven.monitor.submit_refused(2, "no node has that");
    const Decisions decisions = driven.decide();
    CHECK(decisions.give_up.empty());
    REQUIRE(decisions.heads.size() == 1);
    CHECK(decisions.heads[0].num_records == 2);
    REQUIRE(decisions.heads[0].failed);
    CHECK(decisions.heads[0].failed->cause == Cause::out_of_memory);
    CHECK(decisions.heads[0].failed->message == "too much; more was refused: no node has that");
    CHECK(decisions.submit.at(0).jobs == ChunksOfJobs{{0}});
    CHECK(driven.monitor.num_attempts(0) == 3);
}

TEST_CASE("what came further goes on with what it had when more is refused, and no task is to blame yet") {
    ChunkOfTen driven(with_demand(DrivenMonitor::array_of(1)));
    const auto dies_and_is_refused = [&](std::size_t num_records) {
        driven.achieved[0] = {num_records, 10, true};
        driven.monitor.attempt_failed({driven.isubmission, 1}, 0, Cause::out_of_memory, "too much", true,
                                      driven.now);
        const Decisions raised = driven.decide();
        REQUIRE(raised.submit.at(0).may_be_refused);
        driven.monitor.submit_refused(raised.submit[0].isubmission, "no node has that");
        Decisions decisions = driven.decide_and_accept();
        driven.isubmission = decisions.submit.at(0).isubmission;
        CHECK(decisions.submit[0].demand == Demand{1000, seconds{60}});
        return decisions;
    };
    for (const std::size_t num_records : {2U, 5U}) {
        const Decisions decisions = dies_and_is_refused(num_records);
        CHECK((decisions.heads.empty() && decisions.give_up.empty()));
        CHECK_THAT(decisions.notes.at(0).text,
                   Catch::StartsWith("too much; more was refused: no node has that; submitted again behind"));
    }
    const Decisions blame = dies_and_is_refused(5);
    CHECK(blame.heads.at(0).num_records == 5);
    CHECK(blame.heads[0].failed);
    CHECK(driven.monitor.num_attempts(0) == 4);
}

TEST_CASE("pull: what needs more gets a queue job of its own, which has its claim before it is submitted") {
    ChunkOfTen driven(with_demand(DrivenMonitor::pulled(4, 2)));
    const Decisions decisions = driven.dies(Cause::out_of_memory, 1);
    CHECK(decisions.free.empty());
    REQUIRE(decisions.submit.size() == 1);
    const Submit& submit = decisions.submit[0];
    CHECK(submit.jobs == ChunksOfJobs{{0}});
    CHECK((submit.is_only && submit.has_claims && submit.may_be_refused));
    CHECK_FALSE(driven.monitor.is_left(0));
    // Another cause: it needs as much as before.
    const Decisions again = driven.dies(Cause::worker_failure, 1);
    CHECK(again.free.empty());
    CHECK((again.submit.at(0).is_only && again.submit.at(0).demand.memory == 2000));
    // Once the task is to blame, the rest is for everybody.
    for (int i = 0; i < 3; ++i) CHECK(driven.dies(Cause::out_of_memory, 1).free.empty());
    const Decisions blame = driven.dies(Cause::out_of_memory, 1);
    CHECK(blame.heads.at(0).failed);
    CHECK(blame.free == std::vector<FreeClaim>{{0, {5, 1}}});
}

TEST_CASE("pull: a queue job for one chunk takes no other, and counts as one of those in the queue") {
    DrivenMonitor driven(with_demand(DrivenMonitor::pulled(10, 2)));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.monitor.claimed(5, {0, 2}, driven.now);
    driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::runs({0, 2})});
    driven.monitor.attempt_failed(first_job, 0, Cause::out_of_memory, "it died", true, driven.now);
    REQUIRE(driven.decide_and_accept().submit.at(0).is_only);
    CHECK(driven.decide().submit.empty());
    driven.monitor.committed(0, JobKey{1, 1});
    CHECK(driven.decide().submit.at(0).jobs.size() == 1);
}

TEST_CASE("pull: a queue job of its own that could not be submitted is tried again as such") {
    ChunkOfTen driven(with_demand(DrivenMonitor::pulled(4, 1)));
    driven.achieved[0] = {0, 10, true};
    driven.monitor.attempt_failed(first_job, 0, Cause::out_of_time, "it died", true, driven.now);
    REQUIRE(driven.decide().submit.at(0).is_only);
    driven.monitor.submit_busy(1, driven.now);
    CHECK(driven.decide().submit.empty());
    CHECK_FALSE(driven.monitor.is_left(0));
    driven.now += Seconds{10};
    const Decisions decisions = driven.decide();
    CHECK(decisions.submit.at(0).jobs == ChunksOfJobs{{0}});
    CHECK(decisions.submit.at(0).is_only);
    CHECK(driven.monitor.num_attempts(0) == 2);
}

TEST_CASE("hosts where one chunk after the other fails early are left out of further submissions, and told") {
    DrivenMonitor driven(DrivenMonitor::array_of(10));
    driven.decide_and_accept();
    driven.monitor.committed(9, JobKey{0, 10}, "good");
    Decisions decisions;
    for (std::size_t ichunk = 0; ichunk < 3; ++ichunk) {
        CHECK(decisions.warnings.empty());
        driven.achieved[ichunk] = {0, 10, true, "bad", 1, 0};
        driven.monitor.attempt_failed({0, ichunk + 1}, ichunk, Cause::worker_failure, "no disk", true,
                                      driven.now);
        decisions = driven.decide_and_accept();
    }
    CHECK(decisions.submit.at(0).excluded_hosts == std::vector<std::string>{"bad"});
    REQUIRE(decisions.warnings.size() == 1);
    CHECK(decisions.warnings[0] ==
          "no more queue jobs are sent to bad, where one chunk after the other fails: no disk");
    driven.monitor.committed(8, JobKey{0, 9}, "bad");
    driven.monitor.attempt_failed({0, 4}, 3, Cause::worker_failure, "no disk", true, driven.now);
    decisions = driven.decide_and_accept();
    CHECK(decisions.submit.at(0).excluded_hosts.empty());
    CHECK(decisions.warnings == std::vector<std::string>{"queue jobs are sent to bad again"});
}

TEST_CASE("what comes late, or may be the fault of a task, is not the fault of a host") {
    struct Case {
        Cause cause;
        double seconds;
    };
    const auto given =
        GENERATE(Case{Cause::worker_failure, 31}, Case{Cause::worker_failure, 0},
                 Case{Cause::out_of_memory, 1}, Case{Cause::out_of_time, 1}, Case{Cause::corrupt_result, 1});
    DrivenMonitor driven(DrivenMonitor::array_of(10));
    driven.decide_and_accept();
    driven.monitor.committed(9, JobKey{0, 10}, "good");
    for (std::size_t ichunk = 0; ichunk < 5; ++ichunk) {
        driven.achieved[ichunk] = {0, 10, true, "bad", given.seconds, 0};
        driven.monitor.attempt_failed({0, ichunk + 1}, ichunk, given.cause, "no disk", true, driven.now);
        CHECK(driven.decide_and_accept().submit.at(0).excluded_hosts.empty());
    }
}

TEST_CASE(
    "that a queue job had no time left after a chunk counts for nothing, though its claim was never seen") {
    auto options = with_demand(DrivenMonitor::pulled(2, 1), {1000, seconds{60}});
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.monitor.committed(0, first_job);
    driven.monitor.claimed(1, first_job, driven.now);
    driven.monitor.attempt_failed(first_job, 1, Cause::out_of_time, "too long", true, driven.now);
    const Decisions decisions = driven.decide();
    CHECK((decisions.give_up.empty() && decisions.heads.empty()));
    CHECK(decisions.submit.at(0).is_only);
}

TEST_CASE("when it is refused to leave hosts out, none is left out any more") {
    DrivenMonitor driven(DrivenMonitor::array_of(5));
    driven.decide_and_accept();
    driven.monitor.committed(0, first_job, "good");
    for (std::size_t ichunk = 1; ichunk <= 3; ++ichunk) {
        driven.achieved[ichunk] = {0, 1, true, "bad", 1, 0};
        driven.monitor.attempt_failed({0, ichunk + 1}, ichunk, Cause::worker_failure, "no disk", true,
                                      driven.now);
    }
    const Decisions without = driven.decide();
    REQUIRE(without.submit.size() == 1);
    CHECK(without.submit[0].excluded_hosts == std::vector<std::string>{"bad"});
    driven.monitor.submit_refused(without.submit[0].isubmission, "Invalid node name");
    const Decisions with = driven.decide_and_accept();
    REQUIRE(with.submit.size() == 1);
    CHECK(with.submit[0].excluded_hosts.empty());
    CHECK(with.submit[0].jobs.size() == 3);
    CHECK(with.warnings.at(0) == "no host is left out any more, since that was refused: Invalid node name");
}

TEST_CASE("what was put off leaves nothing behind, however often that is") {
    DrivenMonitor driven(DrivenMonitor::array_of(1000));
    for (int i = 0; i < 100; ++i) {
        const Decisions decisions = driven.decide();
        REQUIRE(decisions.submit.size() == 1);
        driven.monitor.submit_busy(decisions.submit[0].isubmission, driven.now);
        CHECK(driven.monitor.num_jobs(decisions.submit[0].isubmission) == 0);
        driven.now += Seconds{60};
    }
}
