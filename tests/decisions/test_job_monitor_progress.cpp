// How far attempts came that ended without a result, and which task is to blame when they come no further.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

/// Chunks of ten tasks, each of them tried again once for the same reason.
struct ChunksOfTen : DrivenMonitor {
    explicit ChunksOfTen(std::size_t num_chunks = 1, std::size_t max_num_resubmissions = 1)
        : DrivenMonitor(make_options(num_chunks, max_num_resubmissions)) {
        for (std::size_t i = 0; i < num_chunks; ++i) came_to(i, 0, false);
        decide_and_accept();
    }

    static MonitorOptions make_options(std::size_t num_chunks, std::size_t max_num_resubmissions) {
        auto options = array_of(num_chunks);
        options.max_num_resubmissions = max_num_resubmissions;
        return options;
    }

    void came_to(std::size_t ichunk, std::size_t num_records, bool has_begun = true) {
        achieved[ichunk] = {num_records, 10, has_begun};
    }

    /// The attempt that is under way on chunk 0 ends with so many outcomes.
    Decisions dies(std::size_t num_records, Cause cause = Cause::vanished) {
        came_to(0, num_records);
        const JobKey job{num_deaths++, 1};
        monitor.attempt_failed(job, 0, cause, "it died", true, now);
        return decide_and_accept();
    }

    std::size_t num_deaths = 0;
};

}  // namespace

TEST_CASE("how far an attempt came is asked before anything else is decided") {
    ChunksOfTen driven(2);
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "no disk", true, driven.now);
    for (int i = 0; i < 2; ++i) {
        const Decisions decisions = driven.monitor.decide(driven.now);
        REQUIRE(decisions.measure.size() == 1);
        CHECK(decisions.measure[0].ichunk == 0);
        CHECK(decisions.measure[0].job == first_job);
        CHECK(decisions.measure[0].cause == Cause::worker_failure);
        CHECK(decisions.measure[0].message == "no disk");
        CHECK(decisions.submit.empty());
    }
    driven.monitor.measured(0, {0, 10, true}, driven.now);
    CHECK(driven.monitor.decide(driven.now).submit.size() == 1);
}

TEST_CASE("a result that comes before the attempt is measured is what counts") {
    ChunksOfTen driven;
    driven.monitor.attempt_failed(first_job, 0, Cause::worker_failure, "no disk", true, driven.now);
    driven.monitor.committed(0);
    driven.monitor.measured(0, {0, 10, true}, driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.is_done);
    CHECK((decisions.measure.empty() && decisions.submit.empty() && decisions.notes.empty()));
}

TEST_CASE("attempts that bring their chunk further do not count, and the next one begins there") {
    ChunksOfTen driven(1, 0);
    for (const std::size_t num_records : {1U, 2U, 7U, 10U}) {
        const Decisions decisions = driven.dies(num_records, Cause::error_state);
        CHECK(decisions.give_up.empty());
        CHECK(decisions.submit.size() == 1);
        REQUIRE(decisions.heads.size() == 1);
        CHECK(decisions.heads[0].num_records == num_records);
        CHECK_FALSE(decisions.heads[0].failed);
        REQUIRE(decisions.notes.size() == 1);
        CHECK(decisions.notes[0].text == "it died; submitted again behind the " +
                                             std::to_string(num_records) + " of 10 tasks that are done");
    }
    CHECK(driven.dies(10, Cause::error_state).give_up.size() == 1);
}

TEST_CASE(
    "an attempt that comes no further than the one before counts, and the count ends with a task done") {
    ChunksOfTen driven(1, 1);
    CHECK(driven.dies(3, Cause::error_state).heads.size() == 1);
    const Decisions second = driven.dies(3, Cause::error_state);
    CHECK((second.heads.empty() && second.give_up.empty() && second.submit.size() == 1));
    CHECK(driven.dies(4, Cause::error_state).heads.size() == 1);
    CHECK(driven.dies(4, Cause::error_state).give_up.empty());
    const Decisions last = driven.dies(4, Cause::error_state);
    REQUIRE(last.give_up.size() == 1);
    CHECK(last.give_up[0].num_records == 4);
    CHECK(last.give_up[0].num_attempts == 5);
    CHECK(last.submit.empty());
}

TEST_CASE("a task that ends each attempt is to blame, and the others go on behind it, with fresh counts") {
    const Cause cause = GENERATE(Cause::out_of_memory, Cause::out_of_time, Cause::vanished, Cause::crash);
    ChunksOfTen driven(1, 1);
    driven.dies(3, cause);
    driven.dies(3, cause);
    const Decisions blame = driven.dies(3, cause);
    CHECK(blame.give_up.empty());
    CHECK(blame.submit.size() == 1);
    REQUIRE(blame.heads.size() == 1);
    CHECK(blame.heads[0].num_records == 3);
    REQUIRE(blame.heads[0].failed);
    CHECK(blame.heads[0].failed->cause == cause);
    CHECK(blame.heads[0].failed->message == "it died");
    // The outcome of the failed task is in the next part, which is nothing new.
    const Decisions next = driven.dies(4, cause);
    CHECK((next.heads.empty() && next.give_up.empty()));
    CHECK(driven.dies(5, cause).heads.at(0).num_records == 5);
}

TEST_CASE("no task is to blame for what no task can bring about") {
    const Cause cause =
        GENERATE(Cause::error_state, Cause::worker_failure, Cause::corrupt_result, Cause::binary_changed);
    ChunksOfTen driven(1, 0);
    driven.dies(3, cause);
    const Decisions decisions = driven.dies(3, cause);
    CHECK(decisions.heads.empty());
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == cause);
    CHECK(decisions.give_up[0].num_records == 3);
}

TEST_CASE("no task is to blame when its queue job had not begun") {
    ChunksOfTen driven(1, 0);
    driven.monitor.attempt_failed(first_job, 0, Cause::vanished, "gone", true, driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.heads.empty());
    CHECK(decisions.give_up.size() == 1);
}

TEST_CASE("no task is to blame while nobody has begun behind the one that was before") {
    ChunksOfTen driven(1, 0);
    driven.dies(3);
    REQUIRE(driven.dies(3).heads.at(0).failed);
    const Decisions decisions = driven.dies(3);
    CHECK(decisions.heads.empty());
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].num_records == 4);
}

TEST_CASE("three tasks to blame with none done in between: the chunk is given up") {
    ChunksOfTen driven(1, 0);
    driven.dies(3);
    CHECK(driven.dies(3).heads.size() == 1);
    CHECK(driven.dies(4).heads.size() == 1);
    const Decisions third = driven.dies(5);
    CHECK(third.heads.empty());
    REQUIRE(third.give_up.size() == 1);
    CHECK(third.give_up[0].num_records == 5);

    ChunksOfTen better(1, 0);
    better.dies(3);
    CHECK(better.dies(3).heads.size() == 1);
    CHECK(better.dies(4).heads.size() == 1);
    CHECK(better.dies(6).heads.size() == 1);
    CHECK(better.dies(6).heads.at(0).failed);
    CHECK(better.dies(7).heads.at(0).failed);
    CHECK(better.dies(8).give_up.size() == 1);
}

TEST_CASE("behind the last task of a chunk there is nothing to go on with") {
    ChunksOfTen driven(1, 0);
    driven.dies(9);
    const Decisions decisions = driven.dies(9);
    CHECK(decisions.heads.empty());
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].num_records == 9);
}

TEST_CASE("what can not be tried again is given up, with what it has") {
    ChunksOfTen driven;
    driven.came_to(0, 6);
    driven.monitor.attempt_failed(first_job, 0, Cause::binary_changed, "rebuilt", false, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].num_records == 6);
}

TEST_CASE("pull: the head of a chunk is there before its claim is taken away") {
    DrivenMonitor driven(DrivenMonitor::pulled(10, 2));
    driven.decide_and_accept();
    driven.monitor.claimed(0, first_job, driven.now);
    driven.achieved[0] = {2, 10, true};
    driven.monitor.attempt_failed(first_job, 0, Cause::vanished, "it died", true, driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.heads.size() == 1);
    CHECK(decisions.free == std::vector<FreeClaim>{{0, first_job}});
    CHECK(decisions.notes.at(0).text == "it died; tried again behind the 2 of 10 tasks that are done");
}

TEST_CASE("a task is to blame only when it is known which one ran at the end") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = GENERATE(0U, 1U);
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    Achieved unseen{3, 20, true};
    unseen.is_exact = false;
    unseen.num_outcomes = 14;
    driven.achieved[0] = unseen;
    std::size_t isubmission = 0;
    const auto next = [&] {
        driven.monitor.attempt_failed({isubmission++, 1}, 0, Cause::crash, "it died", true, driven.now);
        const Decisions decisions = driven.decide_and_accept();
        REQUIRE(decisions.give_up.empty());
        REQUIRE(decisions.submit.size() == 1);
        return decisions.heads.empty() ? NewHead() : decisions.heads.at(0);
    };
    CHECK(next().num_records == 3);
    const NewHead in_vain = next();
    CHECK_FALSE(in_vain.failed);
    CHECK(in_vain.alone == Alone{7, 15});
    // An attempt that ends even before the seventh task says nothing of the third one.
    const NewHead once_more = next();
    CHECK_FALSE(once_more.failed);
    CHECK(once_more.alone == Alone{3, 15});
    CHECK((options.max_num_resubmissions == 0 ? next().failed.has_value() : true));
}
