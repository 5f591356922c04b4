// A map that another process began: what it submitted is adopted, and nothing is submitted twice.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

AdoptedSubmission accepted(std::size_t isubmission, std::vector<std::vector<std::size_t>> jobs) {
    return {isubmission, false, true, DrivenMonitor::number(isubmission), std::move(jobs)};
}

}  // namespace

TEST_CASE("adopt: queue jobs that still run are waited for, and nothing is submitted") {
    DrivenMonitor driven(DrivenMonitor::array_of(3));
    driven.monitor.adopt({accepted(0, {{0}, {1}, {2}})}, driven.now);
    driven.monitor.committed(1, JobKey{0, 2});
    for (int i = 0; i < 200; ++i) {
        const Decisions decisions = driven.poll({driven.runs({0, 1}), driven.waits({0, 3})});
        CHECK(decisions.submit.empty());
        CHECK(decisions.remove.empty());
    }
    driven.monitor.committed(0, JobKey{0, 1});
    driven.monitor.committed(2, JobKey{0, 3});
    CHECK(driven.poll({}).is_done);
}

TEST_CASE("adopt: what is no longer in the queue and has no result is submitted again, once") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.monitor.adopt({accepted(0, {{0}, {1}})}, driven.now);
    CHECK(driven.poll({driven.runs({0, 1})}).submit.empty());
    std::size_t num_submitted = 0;
    for (int i = 0; i < 100; ++i) {
        std::vector<SeenJob> listing{driven.runs({0, 1})};
        if (num_submitted > 0) listing.push_back(driven.runs({1, 1}));
        for (const Submit& submit : driven.poll(listing).submit) {
            CHECK(submit.isubmission == 1);
            CHECK(submit.jobs == std::vector<std::vector<std::size_t>>{{1}});
            ++num_submitted;
        }
    }
    CHECK(num_submitted == 1);
}

TEST_CASE("adopt: what asked for more asks for as much again, and for no less than others do now") {
    auto options = DrivenMonitor::array_of(3);
    options.demand.first = {200, std::chrono::seconds{90}};
    DrivenMonitor driven(options);
    AdoptedSubmission over = accepted(0, {{0}, {1}, {2}});
    over.is_over = true;
    AdoptedSubmission raised = accepted(1, {{1}});
    raised.is_over = true;
    raised.demand = {400, std::chrono::seconds{10}};
    driven.monitor.adopt({over, raised}, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 2);
    CHECK(decisions.submit[0].demand == options.demand.first);
    CHECK(decisions.submit[0].jobs.size() == 2);
    CHECK(decisions.submit[1].demand == Demand{400, std::chrono::seconds{90}});
    CHECK(decisions.submit[1].jobs == std::vector<std::vector<std::size_t>>{{1}});
    CHECK(decisions.submit[1].may_be_refused);
}

TEST_CASE("adopt: a chunk that has a queue job of its own waits for that, or for another one like it") {
    DrivenMonitor driven(DrivenMonitor::pulled(3, 2));
    AdoptedSubmission own = accepted(1, {{1}});
    own.is_only = true;
    own.demand = {400, {}};
    own.is_over = GENERATE(false, true);
    driven.monitor.adopt({accepted(0, {{0, 1, 2}}), own}, driven.now);
    CHECK(driven.monitor.is_reserved(1) == own.is_over);
    CHECK_FALSE(driven.monitor.is_left(1));
    driven.monitor.claimed(0, {0, 1}, driven.now);
    driven.monitor.committed(0, JobKey{0, 1});
    driven.monitor.committed(2, JobKey{0, 1});
    const Decisions decisions = driven.poll({driven.runs({0, 1}), driven.runs({1, 1})});
    if (own.is_over) {
        REQUIRE(decisions.submit.size() == 1);
        CHECK(decisions.submit[0].isubmission == 2);
        CHECK((decisions.submit[0].is_only && decisions.submit[0].has_claims));
        CHECK(decisions.submit[0].demand.memory == 400);
    } else {
        CHECK(decisions.submit.empty());
    }
}

TEST_CASE("adopt: an attempt that comes as far as those of the process before has come no further") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    AdoptedSubmission over = accepted(0, {{0}});
    over.is_over = true;
    driven.monitor.adopt({over}, driven.now);
    driven.monitor.was_done(0, 5);
    CHECK(driven.decide_and_accept().submit.size() == 1);
    driven.achieved[0] = {5, 10, true};
    driven.monitor.attempt_failed({1, 1}, 0, Cause::crash, "dead", true, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.heads.size() == 1);
    CHECK(decisions.heads[0].num_records == 5);
    CHECK(decisions.heads[0].failed);
}

TEST_CASE("adopt: what was left behind clean is submitted at once, under a new number") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    AdoptedSubmission over = accepted(4, {{0}, {1}});
    over.is_over = true;
    driven.monitor.adopt({over}, driven.now);
    driven.monitor.committed(0, JobKey{4, 1});
    const Decisions decisions = driven.decide_and_accept();
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit.front().isubmission == 5);
    CHECK(decisions.submit.front().jobs == std::vector<std::vector<std::size_t>>{{1}});
    driven.monitor.committed(1, JobKey{5, 1});
    CHECK(driven.monitor.num_attempts(1) == 2);
    CHECK(driven.decide().is_done);
}

TEST_CASE("adopt: a submission without an answer is found by its name") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.monitor.adopt({{0, false, false, "", {{0}}}}, driven.now);
    CHECK(driven.monitor.unclear_submissions() == std::vector<std::size_t>{0});
    for (int i = 0; i < 100; ++i) CHECK(driven.poll({driven.runs({0, 1})}).submit.empty());
    CHECK(driven.monitor.JB_job_number(0) == DrivenMonitor::number(0));
    CHECK(driven.monitor.unclear_submissions().empty());
}

TEST_CASE("adopt: a submission without an answer that is not in the queue is made again") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.monitor.adopt({{0, false, false, "", {{0}}}}, driven.now);
    std::size_t num_submitted = 0;
    for (int i = 0; i < 100 && num_submitted == 0; ++i) num_submitted += driven.poll({}).submit.size();
    CHECK(num_submitted == 1);
    CHECK(driven.monitor.num_attempts(0) == 1);
}

TEST_CASE("adopt: an older queue job of a chunk is superseded, and deleted where it still is") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.monitor.adopt({accepted(0, {{}}), accepted(1, {{0}})}, driven.now);
    const Decisions decisions = driven.poll({driven.runs({0, 1}), driven.runs({1, 1})});
    CHECK(decisions.remove == std::vector<JobKey>{{0, 1}});
    CHECK(decisions.submit.empty());
}

TEST_CASE("adopt: a chunk that waited to be tried again is submitted at once") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.monitor.adopt({accepted(0, {{0}, {}})}, driven.now);
    const Decisions decisions = driven.poll({driven.runs({0, 1})});
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit.front().jobs == std::vector<std::vector<std::size_t>>{{1}});
}

TEST_CASE("adopt: queue jobs that pull keep their claims, and no more of them are asked for") {
    DrivenMonitor driven(DrivenMonitor::pulled(4, 2));
    driven.monitor.adopt({accepted(0, {{0, 1}, {2, 3}})}, driven.now);
    driven.monitor.claimed(2, {0, 2}, driven.now);
    for (int i = 0; i < 100; ++i)
        CHECK(driven.poll({driven.runs({0, 1}), driven.runs({0, 2})}).submit.empty());
    CHECK_FALSE(driven.monitor.is_left(2));
}

TEST_CASE("adopt: a claim that was taken away before is not believed again") {
    DrivenMonitor driven(DrivenMonitor::pulled(1, 1));
    AdoptedSubmission over = accepted(0, {{0}});
    over.is_over = true;
    driven.monitor.adopt({over}, driven.now);
    driven.monitor.was_freed(0, {0, 1});
    driven.monitor.claimed(0, {0, 1}, driven.now);
    const Decisions decisions = driven.decide_and_accept();
    CHECK(decisions.free == std::vector<FreeClaim>{{0, {0, 1}}});
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit.front().isubmission == 1);
}

TEST_CASE("adopt: numbers of submissions that got lost are not used again") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.monitor.adopt({}, driven.now, 2);
    CHECK(driven.decide().submit.at(0).isubmission == 2);
    DrivenMonitor other(DrivenMonitor::array_of(1));
    other.monitor.adopt({accepted(0, {{}})}, other.now, 3);
    CHECK(other.decide().submit.at(0).isubmission == 3);
}

TEST_CASE("adopt: no chunk waits for a queue job that was to be deleted") {
    AdoptedSubmission adopted = accepted(0, {{0}, {1}});
    adopted.deleted = {2};
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.monitor.adopt({adopted}, driven.now);
    const Decisions decisions = driven.poll({driven.runs({0, 1}), driven.runs({0, 2})});
    CHECK(decisions.submit.at(0).jobs == std::vector<std::vector<std::size_t>>{{1}});
    CHECK(decisions.remove == std::vector<JobKey>{{0, 2}});

    DrivenMonitor pulling(DrivenMonitor::pulled(2, 2));
    pulling.monitor.adopt({adopted}, pulling.now);
    CHECK(pulling.poll({pulling.runs({0, 1}), pulling.runs({0, 2})}).submit.at(0).jobs.size() == 1);
}

TEST_CASE("adopt: an attempt that ended before is not taken for one that ends now") {
    DrivenMonitor driven(DrivenMonitor::pulled(2, 1));
    driven.monitor.adopt({accepted(0, {{0, 1}})}, driven.now);
    driven.monitor.was_freed(1, {0, 1});
    driven.monitor.was_freed(1, {0, 1});
    CHECK(driven.monitor.num_attempts(1) == 1);
    driven.monitor.attempt_failed({0, 1}, 1, Cause::worker_failure, "long ago", true, driven.now);
    CHECK(driven.monitor.is_left(1));
}

TEST_CASE("adopt: what an attempt told that has ended in an earlier life does not count again") {
    auto options = DrivenMonitor::pulled(1, 1);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.monitor.attempt_failed({0, 1}, 0, Cause::worker_failure, "full", true, driven.now);
    const Decisions before = driven.decide();
    REQUIRE(before.give_up.size() == 1);
    CHECK(driven.monitor.has_taken(before.give_up[0].job, 0));

    DrivenMonitor next(options);
    next.monitor.adopt({accepted(0, {{0}})}, next.now);
    next.monitor.was_freed(0, {0, 1});
    next.monitor.was_freed(0, {0, 1});
    CHECK(next.monitor.num_attempts(0) == 1);
    next.monitor.attempt_failed({0, 1}, 0, Cause::worker_failure, "full", true, next.now);
    next.monitor.claimed(0, {0, 1}, next.now);
    const Decisions after = next.poll({});
    CHECK(after.give_up.empty());
    CHECK(after.free == std::vector<FreeClaim>{{0, {0, 1}}});
}

TEST_CASE("a note about a chunk that is tried again tells whose attempt ended") {
    DrivenMonitor driven(DrivenMonitor::pulled(1, 1));
    driven.decide_and_accept();
    driven.monitor.attempt_failed({0, 1}, 0, Cause::out_of_time, "too long", true, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.notes.size() == 1);
    CHECK(decisions.notes[0].job == JobKey{0, 1});
    CHECK(decisions.free.empty());
}
