#include <catch2/catch.hpp>

#include "decisions/breaker.hpp"

using namespace qmr;
using namespace qmr::detail;
using State = Breaker::State;

namespace {

constexpr std::size_t many_chunks = 100;

/// A breaker to which one queue job after the other fails.
struct Failing {
    Breaker breaker{many_chunks, 3, Seconds{2}};
    Seconds now{1000};
    std::size_t num_jobs = 0;

    void fail(std::size_t count, const std::string& message = "exit code 127",
              Cause cause = Cause::vanished) {
        for (std::size_t i = 0; i < count; ++i) breaker.failed({num_jobs++, 1}, cause, message, now);
    }
    void fail_probe(const std::string& message = "exit code 127") {
        now = breaker.next_probe();
        REQUIRE(breaker.is_probe_due(now));
        breaker.probes({num_jobs, 1});
        CHECK(breaker.state() == State::probing);
        fail(1, message);
    }
};

}  // namespace

TEST_CASE("five queue jobs that end the same way, digits aside, open the breaker") {
    Failing failing;
    for (int i = 0; i < 4; ++i)
        failing.fail(1, "job " + std::to_string(i) + " died on node" + std::to_string(17 * i));
    CHECK(failing.breaker.state() == State::closed);
    failing.fail(1, "job 5 died on node9");
    CHECK(failing.breaker.state() == State::waiting);
}

TEST_CASE("one queue job counts once") {
    Breaker breaker(many_chunks, 3, Seconds{2});
    for (int i = 0; i < 10; ++i) breaker.failed({0, 1}, Cause::vanished, "gone", Seconds{0});
    CHECK(breaker.state() == State::closed);
}

TEST_CASE("other ends begin a new count, and something done ends it") {
    Failing failing;
    failing.fail(4, "one way");
    failing.fail(4, "another way");
    failing.fail(4, "another way", Cause::error_state);
    CHECK(failing.breaker.state() == State::closed);
    failing.breaker.went_well();
    failing.fail(4, "another way", Cause::error_state);
    CHECK(failing.breaker.state() == State::closed);
    failing.fail(1, "another way", Cause::error_state);
    CHECK(failing.breaker.state() == State::waiting);
}

TEST_CASE("an end that is explained is the same as one of which nothing more is told") {
    Failing failing;
    failing.fail(2, "it left");
    failing.fail(2, "it left: no launcher");
    failing.fail(1, "it left");
    CHECK(failing.breaker.state() == State::waiting);
}

TEST_CASE("ends with different explanations differ") {
    Failing failing;
    failing.fail(2, "it left");
    failing.fail(2, "it left: no launcher");
    failing.fail(1, "it left: no disk");
    CHECK(failing.breaker.state() == State::closed);
}

TEST_CASE("once there is a result, it never opens") {
    Failing failing;
    failing.breaker.committed();
    failing.fail(100);
    CHECK(failing.breaker.state() == State::closed);
}

TEST_CASE("the few chunks of a small map end by their own limits") {
    Breaker breaker(5, 3, Seconds{2});
    for (std::size_t i = 0; i < 50; ++i) breaker.failed({i, 1}, Cause::vanished, "gone", Seconds{0});
    CHECK(breaker.state() == State::closed);
}

TEST_CASE("probes come after longer and longer waits, and three that fail are enough") {
    Failing failing;
    failing.fail(5);
    CHECK_FALSE(failing.breaker.is_probe_due(failing.now));
    std::vector<double> waits;
    while (failing.breaker.state() == State::waiting) {
        waits.push_back((failing.breaker.next_probe() - failing.now).count());
        failing.fail_probe();
    }
    CHECK(waits == std::vector<double>{2, 4, 8});
    CHECK(failing.breaker.state() == State::spent);
    CHECK(
        failing.breaker.verdict() ==
        "exit code 127; so ended 8 queue jobs, and none did anything else, the last 3 of them with waits in "
        "between");
}

TEST_CASE("without probes allowed, it is over at once") {
    Breaker breaker(many_chunks, 0, Seconds{2});
    for (std::size_t i = 0; i < 5; ++i) breaker.failed({i, 1}, Cause::vanished, "gone", Seconds{0});
    CHECK(breaker.state() == State::spent);
    CHECK(breaker.verdict() == "gone; so ended 5 queue jobs, and none did anything else");
}

TEST_CASE("a probe that does something, or ends in another way, closes the breaker") {
    Failing failing;
    failing.fail(5);
    failing.breaker.probes({77, 1});
    failing.breaker.went_well();
    CHECK(failing.breaker.state() == State::closed);
    failing.fail(5);
    failing.fail_probe("quite another reason");
    CHECK(failing.breaker.state() == State::closed);
    // Its count begins anew, and so do the waits.
    failing.fail(4, "quite another reason");
    CHECK(failing.breaker.state() == State::waiting);
    CHECK(failing.breaker.next_probe() - failing.now == Seconds{2});
}

TEST_CASE("what was under way when it opened makes no difference, whichever way it ends") {
    Failing failing;
    failing.fail(5);
    failing.fail(20);
    failing.fail(20, "another way");
    CHECK(failing.breaker.state() == State::waiting);
    CHECK(failing.breaker.next_probe() == failing.now + Seconds{2});
    failing.now += Seconds{2};
    failing.breaker.probes({1000, 1});
    failing.fail(20);
    failing.fail(20, "another way");
    CHECK(failing.breaker.state() == State::probing);
}

TEST_CASE("a probe that tells nothing is followed by another, later, and is no failure") {
    Failing failing;
    failing.fail(5);
    for (int i = 0; i < 10; ++i) {
        failing.breaker.probes({1000, 1});
        failing.breaker.probe_lost(failing.now);
        CHECK(failing.breaker.state() == State::waiting);
    }
    CHECK(failing.breaker.next_probe() == failing.now + Seconds{60});
}

TEST_CASE("where queue jobs end makes no difference, nor do figures") {
    Breaker breaker(many_chunks, 3, Seconds{2});
    const char* const hosts[]{"alpha", "beta", "gamma", "delta", "epsilon"};
    std::size_t isubmission = 0;
    for (const std::string host : hosts) {
        const std::string seconds = "1." + std::to_string(++isubmission);
        breaker.failed({isubmission, 1}, Cause::worker_failure, "no disk after " + seconds + " s on " + host,
                       Seconds{0}, host);
    }
    CHECK(breaker.state() == State::waiting);
}

TEST_CASE("what can not pass is probed at once, with no waits to tell of") {
    Breaker breaker(many_chunks, 3, Seconds{2});
    const Seconds now{1000};
    for (std::size_t i = 0; i < 5; ++i)
        breaker.failed({i, 1}, Cause::worker_failure, "setup() threw", now, {}, false);
    for (std::size_t i = 5; i < 8; ++i) {
        REQUIRE(breaker.is_probe_due(now));
        breaker.probes({i, 1});
        breaker.failed({i, 1}, Cause::worker_failure, "setup() threw", now, {}, false);
    }
    CHECK(breaker.state() == State::spent);
    CHECK_THAT(breaker.verdict(), Catch::Contains("so ended 8 queue jobs") && !Catch::Contains("wait"));
}

TEST_CASE("waits begin when what is wrong may pass after all") {
    Failing failing;
    for (std::size_t i = 0; i < 5; ++i)
        failing.breaker.failed({100 + i, 1}, Cause::vanished, "exit code 127", failing.now, {}, false);
    failing.fail_probe();
    CHECK(failing.breaker.next_probe() == failing.now + Seconds{2});
}
