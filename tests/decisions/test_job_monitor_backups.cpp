// The last chunks, where they take far longer than the others, have two queue jobs.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

constexpr JobKey straggler{0, 5};
constexpr JobKey backup{1, 1};
constexpr std::size_t late = 4;

MonitorOptions with_backups(bool is_pulled) {
    auto options = is_pulled ? DrivenMonitor::pulled(5, 10) : DrivenMonitor::array_of(5);
    options.backup_factor = 3;
    return options;
}

/// Five chunks, four of which took 2 to 5 s; the last one has been running since it was seen at 0 s.
struct OneIsLate : DrivenMonitor {
    explicit OneIsLate(bool is_pulled, MonitorOptions options) : DrivenMonitor(options) {
        decide_and_accept();
        for (std::uint64_t index = 1; index <= 5; ++index)
            if (is_pulled) monitor.claimed(index - 1, {0, index}, now);
        poll({runs(straggler)}, Seconds{0});
        for (std::uint64_t index = 1; index <= 4; ++index)
            monitor.committed(index - 1, JobKey{0, index}, "node", Seconds{1.0 + static_cast<double>(index)});
    }
    explicit OneIsLate(bool is_pulled) : OneIsLate(is_pulled, with_backups(is_pulled)) {}

    /// Has the second queue job submitted, and lets both run.
    void back_up() {
        const Decisions decisions = poll({runs(straggler)}, Seconds{20});
        REQUIRE(decisions.submit.size() == 1);
        REQUIRE(poll({runs(straggler), runs(backup)}).remove.empty());
    }
};

}  // namespace

TEST_CASE("a chunk that takes more than so many times the median is submitted once more, once") {
    const bool is_pulled = GENERATE(false, true);
    OneIsLate driven(is_pulled);
    CHECK(driven.poll({driven.runs(straggler)}, Seconds{12}).submit.empty());
    const Decisions decisions = driven.poll({driven.runs(straggler)});
    REQUIRE(decisions.submit.size() == 1);
    const Submit& submit = decisions.submit[0];
    CHECK(submit.jobs == std::vector<std::vector<std::size_t>>{{late}});
    CHECK(submit.is_only == is_pulled);
    CHECK_FALSE(submit.has_claims);
    CHECK(decisions.remove.empty());
    REQUIRE(decisions.warnings.size() == 1);
    CHECK(decisions.warnings[0] ==
          "1 of the last chunks takes more than 3 times as long as the median of 4 s; submitted once more");
    for (int i = 0; i < 100; ++i)
        CHECK(driven.poll({driven.runs(straggler), driven.runs(backup)}, Seconds{10}).submit.empty());
    CHECK(driven.monitor.num_attempts(late) == 2);
}

TEST_CASE("without a factor, nothing is submitted twice") {
    const bool is_pulled = GENERATE(false, true);
    auto options = with_backups(is_pulled);
    options.backup_factor = 0;
    OneIsLate driven(is_pulled, options);
    CHECK(driven.poll({driven.runs(straggler)}, Seconds{1000}).submit.empty());
}

TEST_CASE("the first result counts, and the other queue job is deleted at once") {
    const bool is_pulled = GENERATE(false, true);
    const bool is_backup_first = GENERATE(false, true);
    OneIsLate driven(is_pulled);
    driven.back_up();
    driven.monitor.committed(late, is_backup_first ? backup : straggler);
    const Decisions decisions = driven.poll({driven.runs(straggler), driven.runs(backup)});
    CHECK(decisions.is_done);
    CHECK(decisions.remove == std::vector{is_backup_first ? straggler : backup});
}

TEST_CASE("when one of both fails, the other goes on, and nothing is counted") {
    const bool is_pulled = GENERATE(false, true);
    const bool is_backup_lost = GENERATE(false, true);
    auto options = with_backups(is_pulled);
    options.max_num_resubmissions = 0;
    OneIsLate driven(is_pulled, options);
    driven.back_up();
    const JobKey lost = is_backup_lost ? backup : straggler;
    const JobKey left = is_backup_lost ? straggler : backup;
    driven.monitor.attempt_failed(lost, late, Cause::worker_failure, "no disk", true, driven.now);
    for (int i = 0; i < 100; ++i) {
        const Decisions decisions = driven.poll({driven.runs(left)}, Seconds{10});
        CHECK((decisions.submit.empty() && decisions.give_up.empty() && decisions.remove.empty()));
    }
    // Now the other one fails as well, and that counts.
    driven.monitor.attempt_failed(left, late, Cause::worker_failure, "no disk, either", true, driven.now);
    const Decisions decisions = driven.poll({});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].message == "no disk, either");
    CHECK(decisions.give_up[0].job == left);
}

TEST_CASE("a chunk that is tried again after both failed has its claim freed, and may have a backup again") {
    OneIsLate driven(true);
    driven.back_up();
    driven.monitor.attempt_failed(straggler, late, Cause::worker_failure, "no disk", true, driven.now);
    driven.monitor.attempt_failed(backup, late, Cause::worker_failure, "no disk", true, driven.now);
    const Decisions decisions = driven.poll({});
    REQUIRE(decisions.free.size() == 1);
    CHECK(decisions.free[0] == FreeClaim{late, straggler});
    REQUIRE(decisions.submit.size() == 1);
    const JobKey third{2, 1};
    driven.monitor.claimed(late, third, driven.now);
    driven.poll({driven.runs(third)});
    CHECK(driven.poll({driven.runs(third)}, Seconds{20}).submit.size() == 1);
}

TEST_CASE("a chunk that both refused, since the executable is another one, has no second backup") {
    OneIsLate driven(true);
    driven.back_up();
    for (const JobKey key : {backup, straggler})
        driven.monitor.attempt_failed(key, late, Cause::binary_changed, "rebuilt", false, driven.now);
    REQUIRE(driven.poll({}).submit.size() == 1);
    const JobKey third{2, 1};
    driven.monitor.claimed(late, third, driven.now);
    driven.poll({driven.runs(third)});
    CHECK(driven.poll({driven.runs(third)}, Seconds{20}).submit.empty());
}

TEST_CASE("of two queue jobs that are killed, each has its own reason") {
    OneIsLate driven(false);
    driven.back_up();
    driven.monitor.attempt_killed(straggler, late, "killed by signal 9", driven.now);
    driven.explain(straggler, Cause::out_of_memory, "too much");
    CHECK(driven.poll({driven.runs(backup)}).submit.empty());
    driven.monitor.attempt_killed(backup, late, "killed by signal 15", driven.now);
    driven.explain(backup, Cause::out_of_time, "too long");
    const Decisions decisions = driven.poll({});
    REQUIRE(decisions.notes.size() == 1);
    CHECK_THAT(decisions.notes[0].text, Catch::StartsWith("too long; killed by signal 15"));
}

TEST_CASE("of two queue jobs that were killed at the same time, none is forgotten") {
    OneIsLate driven(false);
    driven.back_up();
    driven.monitor.attempt_killed(straggler, late, "killed by signal 9", driven.now);
    driven.monitor.attempt_killed(backup, late, "killed by signal 15", driven.now);
    driven.explain(backup, Cause::out_of_time, "too long");
    CHECK(driven.poll({}).notes.empty());
    const Decisions decisions = driven.poll({}, Seconds{20});
    REQUIRE(decisions.notes.size() == 1);
    CHECK_THAT(decisions.notes[0].text, Catch::StartsWith("killed by signal 9"));
}

TEST_CASE("a backup is deleted also when the first one was taken for lost before it brought its result") {
    OneIsLate driven(false);
    driven.back_up();
    CHECK(driven.poll({driven.runs(backup)}).warnings.empty());
    CHECK(driven.poll({driven.runs(backup)}, Seconds{60}).warnings.size() == 1);
    driven.monitor.committed(late, straggler, "node", Seconds{100});
    CHECK(driven.poll({driven.runs(backup)}).remove == std::vector{backup});
}

TEST_CASE("a backup that can not be submitted now is submitted later") {
    const bool is_pulled = GENERATE(false, true);
    OneIsLate driven(is_pulled);
    driven.now += Seconds{20};
    driven.monitor.polled({driven.runs(straggler)}, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 1);
    driven.monitor.submit_busy(decisions.submit[0].isubmission, driven.now);
    CHECK(driven.poll({driven.runs(straggler)}).submit.empty());
    CHECK(driven.poll({driven.runs(straggler)}, Seconds{10}).submit.size() == 1);
    CHECK(driven.monitor.num_attempts(late) == 2);
}

TEST_CASE("a backup that is refused costs nothing, and no other is tried") {
    const bool is_pulled = GENERATE(false, true);
    OneIsLate driven(is_pulled);
    driven.now += Seconds{20};
    driven.monitor.polled({driven.runs(straggler)}, driven.now);
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].may_be_refused);
    driven.monitor.submit_refused(decisions.submit[0].isubmission, "no");
    const Decisions after = driven.poll({driven.runs(straggler)}, Seconds{100});
    CHECK((after.submit.empty() && after.give_up.empty()));
    driven.monitor.committed(late, straggler);
    CHECK(driven.decide().is_done);
}

TEST_CASE("what waits for a slot, is on its way out, or is not alone in being late has no backup") {
    OneIsLate driven(false);
    CHECK(driven.poll({}, Seconds{20}).submit.empty());
    OneIsLate killed(false);
    killed.monitor.attempt_killed(straggler, late, "killed by signal 9", killed.now);
    CHECK(killed.poll({killed.runs(straggler)}, Seconds{19}).submit.empty());
    // Three of five are not the last ones.
    DrivenMonitor early(with_backups(false));
    early.decide_and_accept();
    const std::vector<SeenJob> listing{early.runs({0, 3}), early.runs({0, 4}), early.runs({0, 5})};
    early.poll(listing);
    for (std::uint64_t index = 1; index <= 2; ++index)
        early.monitor.committed(index - 1, JobKey{0, index}, "node", Seconds{2});
    CHECK(early.poll(listing, Seconds{100}).submit.empty());
}

TEST_CASE("a result that can not be read ends the work of both") {
    OneIsLate driven(false);
    driven.back_up();
    driven.monitor.rejected(late, "torn");
    const Decisions decisions = driven.poll({driven.runs(straggler), driven.runs(backup)});
    CHECK(decisions.submit.size() == 1);
    CHECK(decisions.remove.size() == 2);
}

TEST_CASE("adopt: of two queue jobs that work on a chunk, the first result counts") {
    DrivenMonitor driven(with_backups(false));
    AdoptedSubmission first{0, false, true, driven.number(0), {{0}, {1}, {2}, {3}, {4}}};
    AdoptedSubmission second{1, false, true, driven.number(1), {{late}}};
    driven.monitor.adopt({first, second}, driven.now);
    for (std::size_t ichunk = 0; ichunk < 4; ++ichunk)
        driven.monitor.committed(ichunk, JobKey{0, ichunk + 1});
    const Decisions decisions = driven.poll({driven.runs(straggler), driven.runs(backup)});
    CHECK((decisions.remove.empty() && decisions.submit.empty()));
    driven.monitor.committed(late, straggler);
    CHECK(driven.poll({driven.runs(straggler), driven.runs(backup)}).remove == std::vector{backup});
}
