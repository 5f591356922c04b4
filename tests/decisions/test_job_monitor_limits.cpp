// Limits of a batch system: they are met by waiting, or by smaller arrays, and cost no attempt.

#include <catch2/catch.hpp>

#include "decisions/driven_monitor.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

std::vector<std::size_t> sizes(const Decisions& decisions) {
    std::vector<std::size_t> all;
    for (const Submit& submit : decisions.submit) all.push_back(submit.jobs.size());
    return all;
}

}  // namespace

TEST_CASE("an array that is too large for good is cut to what is allowed, at once and from then on") {
    DrivenMonitor driven(DrivenMonitor::array_of(26));
    driven.monitor.committed(25);  // so that it is no wrong set-up that makes the others fail
    driven.decide();
    driven.monitor.submit_too_large(0, 10);
    const Decisions decisions = driven.decide_and_accept();
    CHECK(sizes(decisions) == std::vector<std::size_t>{10, 10, 5});
    CHECK(decisions.submit[0].isubmission == 1);
    CHECK(driven.monitor.num_attempts(24) == 1);
    // All of them fail: the next submissions know the limit.
    std::vector<SeenJob> listing;
    for (const Submit& submit : decisions.submit)
        for (std::uint64_t index = 1; index <= submit.jobs.size(); ++index)
            listing.push_back(DrivenMonitor::seen({submit.isubmission, index}, JobState::error));
    CHECK(sizes(driven.poll(listing)) == std::vector<std::size_t>{10, 10, 5});
}

TEST_CASE("an array that is too large for now is halved until it fits, and grows again afterwards") {
    auto options = DrivenMonitor::array_of(12);
    DrivenMonitor driven(options);
    driven.decide();
    driven.monitor.submit_too_large(0, 0);
    Decisions decisions = driven.decide();
    CHECK(sizes(decisions) == std::vector<std::size_t>{6, 6});
    driven.monitor.submit_too_large(1, 0);
    driven.monitor.submit_put_off(2);
    decisions = driven.decide();
    CHECK(sizes(decisions) == std::vector<std::size_t>{3, 3, 3, 3});
    driven.monitor.submit_accepted(3, "100", driven.now);
    for (const std::size_t isubmission : {4U, 5U, 6U}) driven.monitor.submit_put_off(isubmission);
    CHECK(sizes(driven.decide_and_accept()) == std::vector<std::size_t>{6, 3});
    for (std::size_t ichunk = 0; ichunk < 12; ++ichunk) CHECK(driven.monitor.num_attempts(ichunk) == 1);
}

TEST_CASE("arrays that shrink to one queue job are arrays still") {
    DrivenMonitor driven(DrivenMonitor::array_of(2));
    driven.decide();
    driven.monitor.submit_too_large(0, 1);
    CHECK(sizes(driven.decide()) == std::vector<std::size_t>{1, 1});
    CHECK(driven.monitor.is_array());
}

TEST_CASE("a submission that was put off because one before it was, is made without a wait of its own") {
    auto options = DrivenMonitor::array_of(3);
    options.max_jobs_per_submission = 1;
    DrivenMonitor driven(options);
    driven.decide();
    driven.monitor.submit_busy(0, driven.now);
    driven.monitor.submit_put_off(1);
    driven.monitor.submit_put_off(2);
    CHECK(driven.decide().submit.empty());
    driven.now += Seconds{2};
    CHECK(driven.decide().submit.size() == 3);
}

TEST_CASE("submissions that got lost while the batch system was away count as one") {
    auto options = DrivenMonitor::array_of(100);
    options.max_jobs_per_submission = 1;
    DrivenMonitor driven(options);
    for (const Submit& submit : driven.decide().submit)
        driven.monitor.submit_unclear(submit.isubmission, "got send error", driven.now);
    // It comes back, and has none of them.
    driven.poll({});
    const Decisions decisions = driven.poll({}, Seconds{60});
    CHECK(decisions.abort.empty());
    CHECK(decisions.submit.size() == 100);
    CHECK(decisions.notes.empty());
}

TEST_CASE("a full queue is waited for, however often a submission gets lost for it") {
    DrivenMonitor driven(DrivenMonitor::array_of(4));
    Decisions decisions = driven.decide();
    for (int i = 0; i < 50; ++i) {
        REQUIRE(decisions.abort.empty());
        REQUIRE_FALSE(decisions.submit.empty());
        for (const Submit& submit : decisions.submit)
            driven.monitor.submit_unclear(submit.isubmission, "sleeping and retrying", driven.now, true);
        driven.now += Seconds{1};
        driven.monitor.polled({}, driven.now);
        driven.now += Seconds{60};
        driven.monitor.polled({}, driven.now);
        driven.now += Seconds{60};
        decisions = driven.decide();
    }
    CHECK(sizes(decisions) == std::vector<std::size_t>{1, 1, 1, 1});
    CHECK(driven.monitor.num_attempts(0) == 1);
}
