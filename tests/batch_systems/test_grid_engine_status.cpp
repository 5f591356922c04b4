#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;
using qmr::test::answer;
using qmr::test::grid_engine;
using qmr::test::grid_engine_fixtures;

namespace {

Listing listing_of(const std::string& fixture, std::string_view prefix = "") {
    return grid_engine.read_status_answer(grid_engine_fixtures.answer(fixture), prefix, "E", "");
}

Listing listing_of_xml(const std::string& xml, std::string_view prefix = "", std::string_view error = "E") {
    return grid_engine.read_status_answer(answer(0, xml), prefix, error, "");
}

std::string entry(const std::string& number, const std::string& name, const std::string& state,
                  const std::string& tasks = "") {
    return "<job_list state=\"running\"><JB_job_number>" + number + "</JB_job_number><JB_name>" + name +
           "</JB_name><state>" + state + "</state>" + tasks + "</job_list>";
}

std::string document(const std::string& entries) {
    return "<?xml version='1.0'?>\n<job_info><queue_info>" + entries +
           "</queue_info><job_info></job_info></job_info>\n";
}

std::vector<std::uint64_t> array_indices(const std::vector<ListedJob>& jobs, const std::string& name,
                                         JobState state) {
    std::vector<std::uint64_t> indices;
    for (const auto& job : jobs) {
        if (job.JB_name == name && job.state == state) indices.push_back(job.array_index.value_or(0));
    }
    return indices;
}

/// Of all queue jobs, sorted.
std::vector<std::string> names_and_state_words(const std::string& fixture) {
    std::vector<std::string> words;
    const auto jobs = listing_of(fixture);
    REQUIRE(jobs);
    for (const auto& job : *jobs) words.push_back(job.JB_name + " " + job.state_word);
    std::sort(words.begin(), words.end());
    return words;
}

using Indices = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("qstat is asked for one user's queue jobs, whatever the user's defaults") {
    CHECK(grid_engine.status_command("qstat", "griduser", "") ==
          std::vector<std::string>{"qstat", "-u", "griduser", "-s", "prs", "-xml"});
}

TEST_CASE("running and waiting tasks of an array are listed one by one") {
    const auto jobs = listing_of("status_array_running_and_waiting");
    REQUIRE(jobs);
    CHECK(jobs->size() == 20);
    CHECK(array_indices(*jobs, "arr", JobState::running) == Indices{1});
    CHECK(array_indices(*jobs, "arr", JobState::pending).size() == 19);
    CHECK(std::all_of(jobs->begin(), jobs->end(), [&](const ListedJob& job) {
        return job.JB_job_number == jobs->front().JB_job_number;
    }));
    CHECK(jobs->front().JB_name == "arr");
    CHECK(jobs->front().state_word == "r");
    CHECK(jobs->back().state_word == "qw");
    CHECK(jobs->back().array_index == 20U);
}

TEST_CASE("collapsed array tasks are told apart, and a single queue job has no array index") {
    const auto jobs = listing_of("status_array_thinned_out");
    REQUIRE(jobs);
    CHECK(array_indices(*jobs, "run1", JobState::running) == Indices{0});
    CHECK(array_indices(*jobs, "arr", JobState::running) == Indices{1});
    CHECK(array_indices(*jobs, "arr", JobState::pending) ==
          Indices{2, 3, 4, 5, 6, 10, 13, 15, 17, 18, 19, 20});
    CHECK(array_indices(*jobs, "held", JobState::held) == Indices{0});
    CHECK(array_indices(*jobs, "harr", JobState::held) == Indices{1, 3, 5});
    CHECK(jobs->size() == 18);
    for (const auto& job : *jobs) {
        CHECK(job.array_index.has_value() == (job.JB_name == "arr" || job.JB_name == "harr"));
    }
}

TEST_CASE("an array is listed in several states at once") {
    const auto held = listing_of("status_array_partly_held");
    REQUIRE(held);
    CHECK(array_indices(*held, "arr", JobState::pending) == Indices{2, 3, 6});
    CHECK(array_indices(*held, "arr", JobState::held) == Indices{4, 5});

    const auto error = listing_of("status_error_array");
    REQUIRE(error);
    CHECK(array_indices(*error, "arr", JobState::running) == Indices{1, 3});
    CHECK(array_indices(*error, "arr", JobState::error) == Indices{2});
    CHECK(array_indices(*error, "arr", JobState::pending) == Indices{4});
    CHECK(array_indices(*error, "no_output", JobState::error) == Indices{0});
}

TEST_CASE("the rarer states are read from captured listings") {
    const auto jobs = listing_of("status_other_deleted_and_transferred");
    REQUIRE(jobs);
    CHECK(array_indices(*jobs, "suspended", JobState::suspended) == Indices{0});
    CHECK(array_indices(*jobs, "run", JobState::deleting) == Indices{0});
    CHECK(array_indices(*jobs, "transferred", JobState::running) == Indices{0});
    CHECK(array_indices(*jobs, "a<b", JobState::held) == Indices{0});
    CHECK(names_and_state_words("status_other_suspended_and_requeued") ==
          std::vector<std::string>{"a<b hqw", "again Rq", "suspended s"});
    const auto held = listing_of("status_error_held");
    REQUIRE(held);
    CHECK(array_indices(*held, "no_output", JobState::error) == Indices{0});
}

TEST_CASE("only names with the prefix are listed") {
    const auto jobs = listing_of("status_array_thinned_out", "ha");
    REQUIRE(jobs);
    CHECK(jobs->size() == 3);
    CHECK(listing_of("status_array_thinned_out", "arr2")->empty());
    CHECK(listing_of("status_array_thinned_out", "rr")->empty());
}

TEST_CASE("a less-than sign in a name is decoded") {
    REQUIRE(listing_of("status_other_less_than_in_name"));
    CHECK(listing_of("status_other_less_than_in_name")->front().JB_name == "a<b");
    CHECK(listing_of("status_other_less_than_in_name", "a<")->size() == 1);
    CHECK(listing_of_xml(document(entry("1", "%lt;a%lt;%lt;&amp;b", "r")))->front().JB_name == "<a<<&b");
}

TEST_CASE("a state word is read by its letters") {
    const auto [word, state] = GENERATE(table<std::string, JobState>({
        {"qw", JobState::pending},    {"Rq", JobState::pending},   {"Rqw", JobState::pending},
        {"hqw", JobState::held},      {"hRwq", JobState::held},    {"hRq", JobState::held},
        {"r", JobState::running},     {"hr", JobState::running},   {"t", JobState::running},
        {"ht", JobState::running},    {"Rr", JobState::running},   {"Rt", JobState::running},
        {"hRr", JobState::running},   {"s", JobState::suspended},  {"S", JobState::suspended},
        {"T", JobState::suspended},   {"ts", JobState::suspended}, {"tS", JobState::suspended},
        {"tT", JobState::suspended},  {"Rs", JobState::suspended}, {"Rts", JobState::suspended},
        {"RtT", JobState::suspended}, {"hs", JobState::suspended}, {"Eqw", JobState::error},
        {"Ehqw", JobState::error},    {"EhRqw", JobState::error},  {"Er", JobState::error},
        {"dr", JobState::deleting},   {"dt", JobState::deleting},  {"dRr", JobState::deleting},
        {"dRt", JobState::deleting},  {"ds", JobState::deleting},  {"dS", JobState::deleting},
        {"dT", JobState::deleting},   {"dRS", JobState::deleting}, {"x", JobState::unknown},
        {"rX", JobState::unknown},    {"h", JobState::unknown},    {"R", JobState::unknown},
        {"w", JobState::unknown},     {"qr", JobState::unknown},   {"r1", JobState::unknown},
    }));
    CAPTURE(word);
    const auto jobs = listing_of_xml(document(entry("1", "q", word)));
    REQUIRE(jobs);
    REQUIRE(jobs->size() == 1);
    CHECK(jobs->front().state == state);
    CHECK(jobs->front().state_word == word);
}

TEST_CASE("what is already being deleted is no new error") {
    CHECK(listing_of_xml(document(entry("1", "q", "dEqw")))->front().state == JobState::deleting);
    CHECK(listing_of_xml(document(entry("1", "q", "Edr")))->front().state == JobState::deleting);
}

TEST_CASE("the user says which letters mean an error") {
    const auto state = [](const std::string& word, std::string_view error) {
        return listing_of_xml(document(entry("1", "q", word)), "", error)->front().state;
    };
    CHECK(state("hqw", "Eh") == JobState::error);
    CHECK(state("dr", "d") == JobState::error);
    CHECK(state("X", "X") == JobState::error);
    CHECK(state("Eqw", "") == JobState::unknown);
    CHECK(state("qw", "E") == JobState::pending);
}

TEST_CASE("finished queue jobs are not listed") {
    const auto jobs = listing_of_xml(document(
        entry("1", "q", "z") + entry("2", "q", "z", "<tasks>7-9:1,11</tasks>") + entry("3", "q", "r")));
    REQUIRE(jobs);
    REQUIRE(jobs->size() == 1);
    CHECK(jobs->front().JB_job_number == "3");
}

TEST_CASE("a user's defaults that put the entries elsewhere or repeat them do not matter") {
    const auto jobs = listing_of_xml(
        "<job_info><queue_info>"
        "<Queue-List><name>a.q@vm</name>" +
        entry("1", "q", "r", "<tasks>1</tasks>") + entry("2", "q", "r") +
        "</Queue-List><Queue-List><name>b.q@vm</name>" + entry("1", "q", "r", "<tasks>1</tasks>") +
        entry("1", "q", "r", "<cpu_usage>0.1</cpu_usage><tasks>2</tasks>") + entry("2", "q", "r") +
        "</Queue-List></queue_info><job_info>" + entry("1", "q", "qw", "<tasks>3-4:1</tasks>") +
        "</job_info></job_info>");
    REQUIRE(jobs);
    CHECK(jobs->size() == 5);
}

TEST_CASE("a warning on standard error does not spoil a whole listing") {
    auto warned = grid_engine_fixtures.answer("status_empty");
    warned.err = "warning: commlib is slow today\n<?xml";
    const auto jobs = grid_engine.read_status_answer(warned, "", "E", "");
    REQUIRE(jobs);
    CHECK(jobs->empty());
}

TEST_CASE("a garbled entry of ours makes the listing no news at all") {
    const auto good = entry("1", "q1", "r");
    const auto bad = GENERATE_COPY(values<std::string>(
        {entry("", "q1", "r"), entry("12x", "q1", "r"), entry("0", "q1", "r"), entry("-3", "q1", "r"),
         entry("2", "", "r"), entry("2", "q1", ""), entry("2", "q1", "r", "<tasks>all</tasks>"),
         entry("2", "q1", "r", "<tasks></tasks>"), entry("2", "q1", "r", "<tasks>5-1:1</tasks>"),
         entry("2", "q1", "r", "<tasks>1,</tasks>"), "<job_list/>",
         "<job_list><JB_name>q1</JB_name><state>r</state></job_list>",
         "<job_list><JB_job_number>2</JB_job_number><state>r</state></job_list>",
         "<job_list><JB_job_number>2</JB_job_number><JB_name>q1</JB_name></job_list>"}));
    CAPTURE(bad);
    CHECK(listing_of_xml(document(good)));
    CHECK_FALSE(listing_of_xml(document(good + bad), "q"));
}

TEST_CASE("what is odd about somebody else's array does not matter") {
    const auto jobs = listing_of_xml(
        document(entry("1", "q1", "r") + entry("2", "other", "r", "<tasks>all of them</tasks>")), "q");
    REQUIRE(jobs);
    CHECK(jobs->size() == 1);
}

TEST_CASE("answers that are no listing are no news") {
    const auto out =
        GENERATE("", "\n", "usage: qstat [options]\n [-ext] <view>\n", "<", "<job_info", "<job_info/>",
                 "<job_info></job_info>", "<html><body>502</body></html>",
                 "<queue_info></queue_info><job_info></job_info>",
                 "<job_info><queue_info/><job_info/></job_info><job_info><queue_info/></job_info>",
                 "<detailed_job_info><djob_info/></detailed_job_info>");
    CAPTURE(out);
    CHECK_FALSE(listing_of_xml(out));
}

TEST_CASE("a listing of a qstat that failed or was killed is no news") {
    auto failed = grid_engine_fixtures.answer("status_array_running_and_waiting");
    SECTION("failed") {
        failed.exit_code = 1;
    }
    SECTION("killed") {
        failed.ended = false;
    }
    CHECK_FALSE(grid_engine.read_status_answer(failed, "", "E", ""));
}

TEST_CASE("ranges that count beyond all reason are garbage, and cost no memory") {
    const auto tasks = GENERATE("1-1000001:1", "1-18446744073709551615:1", "1-600000:1,600001-1200000:1",
                                "1-18446744073709551615:1000");
    CAPTURE(tasks);
    CHECK_FALSE(listing_of_xml(document(entry("1", "q", "qw", std::string("<tasks>") + tasks + "</tasks>"))));
}

TEST_CASE("a range at the end of all numbers ends") {
    const auto jobs = listing_of_xml(
        document(entry("1", "q", "qw", "<tasks>18446744073709551610-18446744073709551615:4</tasks>")));
    REQUIRE(jobs);
    CHECK(jobs->size() == 2);
}

TEST_CASE("listings with random bytes never crash") {
    std::mt19937 random(20261120);
    const auto good = grid_engine_fixtures.answer("status_array_thinned_out").out;
    for (int round = 0; round < 3000; ++round) {
        auto text = good;
        for (auto num_changes = random() % 4 + 1; num_changes > 0; --num_changes) {
            const auto at = random() % text.size();
            if (random() % 3 == 0) {
                text.erase(at, random() % 200);
            } else {
                text[at] = static_cast<char>(random() % 256);
            }
            if (text.empty()) break;
        }
        const auto jobs = listing_of_xml(text);
        if (jobs) CHECK(jobs->size() < 10'000'001);
    }
}

TEST_CASE("deeply nested garbage does not exhaust the stack") {
    std::string text = "<job_info><queue_info/>";
    for (int i = 0; i < 200'000; ++i) text += "<a>";
    CHECK_FALSE(listing_of_xml(text));
    for (int i = 0; i < 200'000; ++i) text += "</a>";
    CHECK(listing_of_xml(text + "</job_info>"));
}
