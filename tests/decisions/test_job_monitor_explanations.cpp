// Why queue jobs died: what the batch system says, joined with what the worker itself could tell.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

using Submissions = std::vector<std::size_t>;

DrivenMonitor driven_with(std::size_t num_chunks, std::size_t max_num_resubmissions = 0) {
    auto options = DrivenMonitor::array_of(num_chunks);
    options.max_num_resubmissions = max_num_resubmissions;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    return driven;
}

}  // namespace

TEST_CASE("the batch system is asked about a queue job as soon as it is missing, then more and more seldom") {
    DrivenMonitor driven = driven_with(1);
    driven.poll({DrivenMonitor::seen(first_job, JobState::running)});
    CHECK(driven.monitor.unexplained(driven.now).empty());
    std::vector<double> asked;
    for (int second = 0; second < 40; ++second) {
        driven.poll({});
        if (driven.monitor.unexplained(driven.now) == Submissions{0}) asked.push_back(second);
    }
    CHECK(asked == std::vector<double>{0, 1, 3, 7, 15, 31});
}

TEST_CASE("one question is enough for all missing queue jobs of a submission, and few are asked at a time") {
    DrivenMonitor driven = driven_with(100);
    driven.poll({});
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});

    auto options = DrivenMonitor::array_of(25);
    options.max_jobs_per_submission = 1;
    DrivenMonitor single(options);
    single.decide_and_accept();
    single.poll({});
    CHECK(single.monitor.unexplained(single.now, 0).empty());
    CHECK(single.monitor.unexplained(single.now).size() == 10);
    CHECK(single.monitor.unexplained(single.now).size() == 10);
    CHECK(single.monitor.unexplained(single.now).size() == 5);
    CHECK(single.monitor.unexplained(single.now).empty());
}

TEST_CASE("a queue job is asked about once more before its chunk waits no longer, however late that is") {
    auto options = DrivenMonitor::array_of(1);
    options.file_system_latency = Seconds{GENERATE(0.0, 0.2, 5.0, 50.0, 60.0)};
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.poll({});
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    // Accounting lags behind all other questions.
    const Seconds verdict = driven.now + options.file_system_latency;
    while (driven.now + Seconds{5} < verdict) {
        CHECK(driven.poll({}, Seconds{5}).submit.empty());
        static_cast<void>(driven.monitor.unexplained(driven.now));
    }
    driven.now = verdict;
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    driven.explain(first_job, Cause::out_of_memory, "it used more memory than it may");
    const Decisions decisions = driven.poll({}, Seconds{0});
    REQUIRE(decisions.notes.size() == 1);
    CHECK_THAT(decisions.notes[0].text, Catch::Contains("it used more memory than it may"));
}

TEST_CASE(
    "why a worker was killed is asked until the end of the patience, which begins when its queue job is "
    "gone") {
    DrivenMonitor driven = driven_with(1);
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.monitor.attempt_killed(first_job, 0, "killed by signal 9", driven.now);
    // It is on its way out for long.
    driven.poll({DrivenMonitor::runs(first_job)}, Seconds{19});
    CHECK(driven.poll({}).give_up.empty());
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    for (const double later : {1, 2, 4, 8}) {
        CHECK(driven.poll({}, Seconds{later}).give_up.empty());
        CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    }
    driven.now += Seconds{5};
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    driven.explain(first_job, Cause::out_of_memory, "it used more memory than it may");
    const Decisions decisions = driven.poll({}, Seconds{0});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::out_of_memory);
}

TEST_CASE("a queue job that is explained is not asked about again, nor one that nobody needs") {
    DrivenMonitor driven = driven_with(2);
    driven.monitor.committed(1);
    driven.poll({});
    driven.explain(first_job, Cause::vanished, "it was cancelled");
    CHECK(driven.monitor.unexplained(driven.now).empty());
}

TEST_CASE("a chunk that is given up has the cause and the words of the batch system") {
    DrivenMonitor driven = driven_with(1);
    driven.poll({});
    driven.explain(first_job, Cause::out_of_time, "it ran longer than h_rt");
    const Decisions decisions = driven.poll({}, Seconds{60});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::out_of_time);
    CHECK(decisions.give_up[0].message ==
          "its queue job left the queue without a result: it ran longer than h_rt");
}

TEST_CASE("a worker that was killed is not waited for longer than its explanation takes") {
    DrivenMonitor driven = driven_with(1);
    driven.monitor.attempt_killed({0, 1}, 0, "killed by signal 9 while task 0 ran", driven.now);
    CHECK(driven.decide().give_up.empty());
    driven.poll({});
    driven.explain(first_job, Cause::out_of_memory, "it used more memory than it may");
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::out_of_memory);
    CHECK(decisions.give_up[0].message ==
          "it used more memory than it may; killed by signal 9 while task 0 ran");
}

TEST_CASE("a worker that was killed, and of which the batch system knows nothing, has crashed") {
    for (const bool is_listed : {true, false}) {
        DrivenMonitor driven = driven_with(1);
        driven.monitor.attempt_killed({0, 1}, 0, "killed by signal 9 while task 0 ran", driven.now);
        const std::vector<SeenJob> listing =
            is_listed ? std::vector{DrivenMonitor::seen(first_job, JobState::running)}
                      : std::vector<SeenJob>{};
        CHECK(driven.poll(listing, Seconds{is_listed ? 1 : 0}).give_up.empty());
        CHECK(driven.poll(listing, Seconds{is_listed ? 18 : 19}).give_up.empty());
        const Decisions decisions = driven.poll(listing, Seconds{1});
        REQUIRE(decisions.give_up.size() == 1);
        CHECK(decisions.give_up[0].cause == Cause::crash);
        CHECK(decisions.give_up[0].message == "killed by signal 9 while task 0 ran");
    }
}

TEST_CASE("that a worker was killed is known also where a missing queue job is not waited for as long") {
    auto options = DrivenMonitor::array_of(1);
    options.max_num_resubmissions = 0;
    options.file_system_latency = Seconds{5};
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.monitor.attempt_killed(first_job, 0, "killed by signal 9 while task 0 ran", driven.now);
    CHECK(driven.poll({}).give_up.empty());
    const Decisions decisions = driven.poll({}, Seconds{5});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::crash);
    CHECK(decisions.give_up[0].message == "killed by signal 9 while task 0 ran");
}

TEST_CASE("an ordinary end of a queue job does not explain why its tasks were killed") {
    DrivenMonitor driven = driven_with(1);
    driven.monitor.attempt_killed({0, 1}, 0, "killed by signal 9 while task 0 ran", driven.now);
    driven.poll({});
    driven.explain(first_job, Cause::vanished, "exit_status 1");
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::crash);
    CHECK(decisions.give_up[0].message == "killed by signal 9 while task 0 ran");
}

TEST_CASE("an explanation of an attempt that is superseded is of no interest") {
    DrivenMonitor driven = driven_with(1, 1);
    driven.poll({DrivenMonitor::seen(first_job, JobState::error)});
    driven.monitor.attempt_killed({0, 1}, 0, "killed by signal 9", driven.now);
    driven.explain(first_job, Cause::out_of_time, "too late");
    driven.explain({7, 1}, Cause::out_of_time, "never submitted");
    driven.explain({0, 2}, Cause::out_of_time, "never submitted");
    const Decisions decisions = driven.decide();
    CHECK((decisions.give_up.empty() && decisions.notes.empty() && decisions.submit.empty()));
}

TEST_CASE("a queue job that never ran a chunk, as its exit code tells, is not waited for") {
    const int exit_code = GENERATE(2, 3, 126, 127);
    auto options = DrivenMonitor::array_of(1);
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.poll({DrivenMonitor::runs(first_job)});
    driven.poll({});
    driven.monitor.explained(first_job, {Cause::vanished, "exit code", exit_code}, driven.now);
    const Decisions decisions = driven.decide();
    CHECK(decisions.submit.size() == 1);
    CHECK_THAT(
        decisions.notes.at(0).text,
        Catch::StartsWith("its queue job left the queue without a result: exit code; submitted again"));
}

TEST_CASE("an exit code of the worker, a signal or none at all does not mean that no result is on its way") {
    const std::optional<int> exit_code = GENERATE(std::optional<int>(), 0, 1, 4, 5, 99, 100, 137);
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.poll({});
    driven.monitor.explained(first_job, {Cause::vanished, "exit code", exit_code}, driven.now);
    CHECK(driven.decide().submit.empty());
}

TEST_CASE("a queue job in error state is told with the reason that the batch system gave") {
    DrivenMonitor driven = driven_with(1);
    SeenJob seen = DrivenMonitor::seen(first_job, JobState::error);
    seen.reason = "can't chdir to /no/such/dir";
    const Decisions decisions = driven.poll({seen});
    REQUIRE(decisions.give_up.size() == 1);
    CHECK(decisions.give_up[0].cause == Cause::error_state);
    CHECK(decisions.give_up[0].message ==
          "its queue job went to the error state: can't chdir to /no/such/dir");
}

TEST_CASE(
    "a worker that was told to leave on its queue job's way to the error state: that state is the reason") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide_and_accept();
    driven.poll({driven.runs({0, 1})});
    driven.monitor.attempt_killed({0, 1}, 0, "told to leave by signal 15 (SIGTERM)", driven.now);
    SeenJob seen = driven.seen({0, 1}, JobState::error);
    seen.reason = "SpecialExit";
    const Decisions decisions = driven.poll({seen});
    REQUIRE(decisions.notes.size() == 1);
    CHECK_THAT(decisions.notes.front().text, Catch::Contains("error state: SpecialExit"));
}

TEST_CASE("an error state that somebody has cleared explains no later end") {
    DrivenMonitor driven(DrivenMonitor::pulled(1, 1));
    driven.decide_and_accept();
    driven.poll({{first_job, "100", JobState::error, "no such directory"}});
    // The successor waits, and the deletion had no effect.
    driven.poll({DrivenMonitor::runs(first_job), DrivenMonitor::waits({1, 1})});
    driven.monitor.claimed(0, first_job, driven.now);
    driven.poll({DrivenMonitor::waits({1, 1})});
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    const Decisions decisions = driven.poll({DrivenMonitor::waits({1, 1})}, Seconds{60});
    REQUIRE(decisions.notes.size() == 1);
    CHECK(decisions.notes[0].text.find("no such directory") == std::string::npos);
}

TEST_CASE("a queue job that claims a chunk is in no error state") {
    DrivenMonitor driven(DrivenMonitor::pulled(1, 1));
    driven.decide_and_accept();
    driven.poll({{first_job, "100", JobState::error, "no such directory"}});
    driven.monitor.attempt_killed(first_job, 0, "killed", driven.now);
    CHECK(driven.poll({DrivenMonitor::waits({1, 1})}).notes.empty());
    CHECK(driven.monitor.unexplained(driven.now) == Submissions{0});
    driven.explain(first_job, Cause::out_of_memory, "too much memory");
    const Decisions decisions = driven.decide();
    REQUIRE(decisions.notes.size() == 1);
    CHECK(decisions.notes[0].text.find("too much memory; killed") == 0);
}

TEST_CASE("a queue job that tells of its end was in the queue, though its submission was unclear") {
    DrivenMonitor driven(DrivenMonitor::array_of(1));
    driven.decide();
    driven.monitor.submit_unclear(0, "no answer", driven.now);
    driven.monitor.attempt_killed(first_job, 0, "killed", driven.now);
    driven.poll({});
    const Decisions decisions = driven.poll({}, Seconds{60});
    REQUIRE(decisions.notes.size() == 1);
    CHECK(decisions.notes[0].text.find("killed") == 0);
    REQUIRE(decisions.submit.size() == 1);
    // The next attempt is another one.
    const JobKey second_job{decisions.submit[0].isubmission, 1};
    CHECK(driven.poll({DrivenMonitor::runs(second_job)}, Seconds{60}).notes.empty());
}
