#include <catch2/catch.hpp>

#include "decisions/reports_of_submission.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

JobReport report(std::optional<std::uint64_t> index, const std::string& message,
                 const std::string& JB_name = "ours") {
    return {JB_name, index, Cause::vanished, message};
}

}  // namespace

TEST_CASE("of two things that are said of a queue job the first counts, in arrays and outside") {
    const std::optional<std::uint64_t> index = GENERATE(std::optional<std::uint64_t>(1), std::nullopt);
    const ReportsOfSubmission reports(
        {report(index, "can't chdir to /x"), report(index, "Job is in error state")}, "ours");
    REQUIRE(reports.find(1) != nullptr);
    CHECK(reports.find(1)->message == "can't chdir to /x");
}

TEST_CASE("what is said of a queue job of an array outweighs what is said of all of them") {
    const ReportsOfSubmission reports({report(std::nullopt, "all wait"), report(2, "not this one")}, "ours");
    CHECK(reports.find(1)->message == "all wait");
    CHECK(reports.find(2)->message == "not this one");
}

TEST_CASE("what is said of another submission with the same number is not taken for ours") {
    const ReportsOfSubmission reports({report(std::nullopt, "all", "other"), report(1, "one", "other")},
                                      "ours");
    CHECK(reports.find(1) == nullptr);
}
