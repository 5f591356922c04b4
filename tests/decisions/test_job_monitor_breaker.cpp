// A wrong set-up costs a few queue jobs, not one for each chunk.

#include <algorithm>
#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

/// A batch system with some slots, where each queue job that starts is in error state at the next look.
struct DyingQueue {
    DyingQueue(const MonitorOptions& options, std::size_t max_num_running)
        : driven(options), num_slots(max_num_running) {}

    /// One look at the queue, and what comes of it.
    Decisions pass(bool dies = true) {
        std::vector<SeenJob> listing;
        std::size_t num_running = 0;
        for (const JobKey key : jobs) {
            const bool runs = num_running < num_slots;
            num_running += runs ? 1U : 0U;
            if (runs && std::ranges::find(started, key) == started.end()) started.push_back(key);
            const JobState busy = dies ? JobState::error : JobState::running;
            listing.push_back(DrivenMonitor::seen(key, runs ? busy : JobState::pending));
        }
        Decisions decisions = driven.poll(listing);
        carry_out(decisions);
        return decisions;
    }

    void carry_out(const Decisions& decisions) {
        for (const JobKey key : decisions.remove) std::erase(jobs, key);
        for (const Submit& submit : decisions.submit)
            for (std::uint64_t index = 1; index <= submit.jobs.size(); ++index)
                jobs.push_back({submit.isubmission, index});
        given_up.insert(given_up.end(), decisions.give_up.begin(), decisions.give_up.end());
        warnings.insert(warnings.end(), decisions.warnings.begin(), decisions.warnings.end());
    }

    DrivenMonitor driven;
    std::size_t num_slots;
    std::vector<JobKey> jobs;  ///< in the queue
    std::vector<JobKey> started;
    std::vector<GiveUp> given_up;
    std::vector<std::string> warnings;
};

MonitorOptions many(bool is_pulled) {
    auto options = is_pulled ? DrivenMonitor::pulled(10'000, 1000) : DrivenMonitor::array_of(10'000);
    options.max_jobs_per_submission = 75'000;
    return options;
}

}  // namespace

TEST_CASE(
    "10,000 chunks with a wrong set-up cost the slots there are and three probes, and it is told in one "
    "line") {
    const bool is_pulled = GENERATE(false, true);
    DyingQueue queue(many(is_pulled), 100);
    queue.carry_out(queue.driven.decide_and_accept());
    int num_passes = 0;
    while (!queue.pass().is_done) REQUIRE(++num_passes < 100);
    CHECK(queue.started.size() == 103);
    CHECK(queue.driven.now - Seconds{1000} < Seconds{30});
    REQUIRE(queue.given_up.size() == 10'000);
    for (const GiveUp& chunk : queue.given_up) {
        REQUIRE(chunk.cause == Cause::error_state);
        REQUIRE(
            chunk.message ==
            "its queue job went to the error state; so ended 103 queue jobs, and none did anything else, the "
            "last 3 of them with waits in between");
    }
    REQUIRE(queue.warnings.size() == 1);
    CHECK_THAT(queue.warnings[0], Catch::StartsWith("5 queue jobs ended the same way"));
    CHECK(queue.jobs.empty());
}

TEST_CASE(
    "when the breaker opens, what waits is deleted, runs on what runs, and no chunk loses an attempt by it") {
    DyingQueue queue(many(false), 10);
    queue.carry_out(queue.driven.decide_and_accept());
    const Decisions opened = queue.pass();
    CHECK(opened.remove.size() == 10'000);
    CHECK(opened.submit.empty());
    CHECK(queue.driven.monitor.num_attempts(0) == 1);
    CHECK(queue.driven.monitor.num_attempts(9999) == 0);
    CHECK(queue.driven.monitor.is_left(9999));
}

TEST_CASE("a probe is one queue job with the chunk that was tried least") {
    const bool is_pulled = GENERATE(false, true);
    DyingQueue queue(many(is_pulled), 10);
    queue.carry_out(queue.driven.decide_and_accept());
    queue.pass();
    CHECK(queue.pass().submit.empty());
    const Decisions probe = queue.pass();
    REQUIRE(probe.submit.size() == 1);
    REQUIRE(probe.submit[0].jobs.size() == 1);
    CHECK(probe.submit[0].jobs[0] == std::vector<std::size_t>{is_pulled ? 0U : 10U});
}

TEST_CASE("a probe that commits closes the breaker for good, and everything is submitted") {
    DyingQueue queue(many(false), 10);
    queue.carry_out(queue.driven.decide_and_accept());
    for (int i = 0; i < 3; ++i) queue.pass();
    queue.driven.monitor.committed(10, JobKey{1, 1});
    const Decisions decisions = queue.pass(false);
    REQUIRE(decisions.submit.size() == 1);
    CHECK(decisions.submit[0].jobs.size() == 9'999);
    CHECK(queue.warnings.size() == 2);
    // Whatever comes, it does not open again.
    for (int i = 0; i < 3; ++i) CHECK(queue.pass().submit.size() == 1);
}

TEST_CASE("a probe that runs for long closes the breaker, too") {
    DyingQueue queue(many(false), 10);
    queue.carry_out(queue.driven.decide_and_accept());
    for (int i = 0; i < 3; ++i) queue.pass();
    for (int i = 0; i < 10; ++i) CHECK(queue.pass(false).submit.empty());
    CHECK(queue.pass(false).submit.at(0).jobs.size() == 9'999);
}

TEST_CASE("queue jobs that did something before they ended do not open the breaker") {
    DrivenMonitor driven(many(false));
    driven.decide_and_accept();
    for (std::size_t ichunk = 0; ichunk < 20; ++ichunk) {
        const JobKey job{0, ichunk + 1};
        if (ichunk % 4 == 0) driven.achieved[ichunk] = {1, 10, true};
        driven.monitor.attempt_failed(job, ichunk, Cause::worker_failure, "no disk", true, driven.now);
        CHECK(driven.decide_and_accept().submit.size() == 1);
    }
}

TEST_CASE("queue jobs that ran for long before they ended do not open the breaker") {
    DrivenMonitor driven(many(false));
    driven.decide_and_accept();
    for (std::size_t ichunk = 0; ichunk < 20; ++ichunk) {
        if (ichunk % 4 == 0) driven.achieved[ichunk] = {0, 10, true, "host", 10, 0};
        driven.monitor.attempt_failed({0, ichunk + 1}, ichunk, Cause::worker_failure, "no disk", true,
                                      driven.now);
        CHECK(driven.decide_and_accept().submit.size() == 1);
    }
}

TEST_CASE("five chunks end by their own limits") {
    auto options = DrivenMonitor::array_of(5);
    options.max_num_resubmissions = 2;
    DyingQueue queue(options, 10);
    queue.carry_out(queue.driven.decide_and_accept());
    while (!queue.pass().is_done) CHECK(queue.warnings.empty());
    CHECK(queue.started.size() == 15);
}

TEST_CASE("a queue job that still runs when all probes have failed may prove them wrong") {
    auto options = many(false);
    options.max_num_resubmissions = 0;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    std::vector<SeenJob> listing{DrivenMonitor::runs({0, 6})};
    for (std::uint64_t index = 1; index <= 5; ++index)
        listing.push_back(DrivenMonitor::seen({0, index}, JobState::error));
    Decisions decisions = driven.poll(listing);
    CHECK(decisions.give_up.size() == 5);
    CHECK(decisions.submit.empty());
    // Chunks that were never tried deserve a probe, whatever the limits are.
    CHECK(driven.poll({DrivenMonitor::runs({0, 6})}, Seconds{2}).submit.size() == 1);
    decisions = driven.poll({DrivenMonitor::runs({0, 6}), DrivenMonitor::seen({1, 1}, JobState::error)});
    CHECK(decisions.give_up.size() == 1);
    CHECK(decisions.submit.empty());
    driven.monitor.committed(5, JobKey{0, 6});
    decisions = driven.poll({});
    CHECK(decisions.give_up.empty());
    CHECK(decisions.submit.at(0).jobs.size() == 9'993);
}

TEST_CASE("a probe that can not be submitted now is submitted later") {
    DyingQueue queue(many(false), 10);
    queue.carry_out(queue.driven.decide_and_accept());
    queue.pass();
    queue.driven.now += Seconds{2};
    const Decisions probe = queue.driven.decide();
    REQUIRE(probe.submit.size() == 1);
    queue.driven.monitor.submit_busy(probe.submit[0].isubmission, queue.driven.now);
    Decisions decisions = queue.driven.decide();
    CHECK(decisions.submit.empty());
    REQUIRE(decisions.again_at);
    queue.driven.now = *decisions.again_at;
    CHECK(queue.driven.decide().submit.size() == 1);
}

TEST_CASE("a probe whose submission got lost is followed by another one") {
    const bool is_pulled = GENERATE(false, true);
    DyingQueue queue(many(is_pulled), 10);
    queue.carry_out(queue.driven.decide_and_accept());
    queue.pass();
    queue.driven.now += Seconds{2};
    const Decisions probe = queue.driven.decide();
    REQUIRE(probe.submit.size() == 1);
    queue.driven.monitor.submit_unclear(probe.submit[0].isubmission, "no answer", queue.driven.now);
    queue.jobs.clear();
    queue.pass();
    queue.driven.now += Seconds{60};
    queue.pass();
    queue.driven.now += Seconds{60};
    CHECK(queue.pass().submit.size() == 1);
}

TEST_CASE("where the queue is not polled, it is told when to ask again, and what runs is not deleted") {
    auto options = many(false);
    options.is_listed = false;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    driven.monitor.runs({0, 6}, driven.now);
    for (std::uint64_t index = 1; index <= 5; ++index)
        driven.monitor.ended({0, index}, true, "exit code 127", driven.now);
    Decisions decisions = driven.decide();
    CHECK(decisions.remove.size() == 9'994);
    CHECK(std::ranges::find(decisions.remove, JobKey{0, 6}) == decisions.remove.end());
    CHECK(decisions.again_at == driven.now + Seconds{2});
    driven.now += Seconds{2};
    CHECK(driven.decide_and_accept().submit.at(0).jobs.size() == 1);
    driven.monitor.runs({1, 1}, driven.now);
    CHECK(driven.decide().again_at == driven.now + Breaker::long_enough);
    driven.now += Breaker::long_enough;
    driven.monitor.runs({1, 1}, driven.now);
    CHECK(driven.decide().submit.at(0).jobs.size() == 9'998);
}

TEST_CASE("a probe asks for more memory, where that may be all that was wrong") {
    const bool is_pulled = GENERATE(false, true);
    auto options = many(is_pulled);
    options.demand = {{1000, {}}, {}, 2, 2};
    options.max_num_retries[Cause::out_of_memory] = 3;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    std::vector<SeenJob> listing;
    for (std::uint64_t index = 1; index <= 5; ++index) {
        listing.push_back(driven.runs({0, index}));
        if (is_pulled) driven.monitor.claimed(index - 1, {0, index}, driven.now);
    }
    driven.poll(listing);
    for (std::uint64_t index = 1; index <= 5; ++index)
        driven.monitor.attempt_failed({0, index}, index - 1, Cause::out_of_memory, "too large", true,
                                      driven.now);
    CHECK(driven.poll(listing).submit.empty());
    const Decisions probe = driven.poll({}, Seconds{2});
    REQUIRE(probe.submit.size() == 1);
    CHECK(probe.submit[0].demand.memory == 2000);
    CHECK(probe.submit[0].jobs == std::vector<std::vector<std::size_t>>{{0}});
}

TEST_CASE("while the breaker is open, nobody is asked to decide again at a time that is over") {
    auto options = many(false);
    options.is_listed = false;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    for (std::uint64_t index = 1; index <= 5; ++index)
        driven.monitor.ended({0, index}, true, "exit code 127", driven.now);
    driven.decide();
    driven.now += Seconds{2};
    driven.decide_and_accept();
    driven.monitor.runs({1, 1}, driven.now);
    driven.now += Seconds{11};
    CHECK_FALSE(driven.decide().again_at);
}

TEST_CASE("on the local cores a setup() that fails is probed without waits, on a batch system with them") {
    auto options = many(false);
    options.is_listed = GENERATE(false, true);
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    for (std::uint64_t index = 1; index <= 5; ++index) {
        driven.achieved[index - 1].is_by_setup = true;
        driven.monitor.attempt_failed({0, index}, index - 1, Cause::worker_failure, "setup() threw", true,
                                      driven.now);
    }
    const Decisions decisions = driven.decide();
    CHECK(decisions.submit.size() == (options.is_listed ? 0 : 1));
    CHECK(decisions.again_at.has_value() == options.is_listed);
}

TEST_CASE("queue jobs of the process before do not open the breaker") {
    DrivenMonitor driven(many(false));
    std::vector<std::vector<std::size_t>> jobs;
    for (std::size_t ichunk = 0; ichunk < 20; ++ichunk) jobs.push_back({ichunk});
    driven.monitor.adopt({{0, false, true, driven.number(0), jobs}}, driven.now);
    for (std::size_t ichunk = 0; ichunk < 20; ++ichunk)
        driven.monitor.attempt_failed({0, ichunk + 1}, ichunk, Cause::worker_failure, "no disk", true,
                                      driven.now);
    CHECK(driven.decide().warnings.empty());
}

TEST_CASE("breaker: no probe is submitted with a chunk that is given up in the same moment") {
    auto options = DrivenMonitor::pulled(12, 7);
    options.max_num_idle_jobs = options.max_num_resubmissions = 4;
    DrivenMonitor driven(options);
    driven.decide_and_accept();
    const JobKey worker{0, 7};
    driven.monitor.claimed(0, worker, driven.now);
    for (std::uint64_t index = 1; index <= 5; ++index) {
        driven.monitor.attempt_failed({0, index}, index, Cause::binary_changed, "rebuilt", false, driven.now);
        CHECK(driven.poll({DrivenMonitor::waits(worker)}, Seconds{index < 5 ? 11.0 : 1.0}).give_up.empty());
    }
    driven.monitor.attempt_failed(worker, 0, Cause::worker_failure, "full", true, driven.now);
    const Decisions decisions = driven.poll({}, Seconds{5});
    CHECK(decisions.give_up.size() == 12);
    CHECK(decisions.submit.empty());
    CHECK(decisions.is_done);
}
