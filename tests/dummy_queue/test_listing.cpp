#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

#include "dummy_queue/listing.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;

namespace {

std::int64_t in_local_time(int hour, int minute, int second) {
    std::tm time{};
    time.tm_year = 2026 - 1900;
    time.tm_mon = 10;
    time.tm_mday = 20;
    time.tm_hour = hour;
    time.tm_min = minute;
    time.tm_sec = second;
    time.tm_isdst = -1;
    return std::mktime(&time);
}

State array_of_which_one_runs() {
    State state;
    auto job = make_job(122, "arr", 20);
    job.submitted_at = in_local_time(9, 33, 6);
    job.waiting.erase(1);
    job.running.push_back({1, 1, in_local_time(9, 33, 6), false, false, 0});
    state.jobs.push_back(job);
    return state;
}

const std::string head = R"(<?xml version='1.0'?>
<job_info  xmlns:xsd="http://arc.liv.ac.uk/repos/darcs/sge/source/dist/util/resources/schemas/qstat/qstat.xsd">
)";

}  // namespace

TEST_CASE("dummy queue: qstat -xml of Grid Engine 8.1.9 as it was captured") {
    CHECK(to_xml(list_entries(array_of_which_one_runs(), "vm")) == head + R"(  <queue_info>
    <job_list state="running">
      <JB_job_number>122</JB_job_number>
      <JAT_prio>0.75000</JAT_prio>
      <JB_name>arr</JB_name>
      <JB_owner>griduser</JB_owner>
      <state>r</state>
      <JAT_start_time>2026-11-20T09:33:06</JAT_start_time>
      <queue_name>all.q@vm</queue_name>
      <slots>1</slots>
      <tasks>1</tasks>
    </job_list>
  </queue_info>
  <job_info>
    <job_list state="pending">
      <JB_job_number>122</JB_job_number>
      <JAT_prio>0.75000</JAT_prio>
      <JB_name>arr</JB_name>
      <JB_owner>griduser</JB_owner>
      <state>qw</state>
      <JB_submission_time>2026-11-20T09:33:06</JB_submission_time>
      <queue_name></queue_name>
      <slots>1</slots>
      <tasks>2-20:1</tasks>
    </job_list>
  </job_info>
</job_info>
)");
}

TEST_CASE("dummy queue: an empty qstat -xml has both lists") {
    CHECK(to_xml({}) == head + "  <queue_info>\n  </queue_info>\n  <job_info>\n  </job_info>\n</job_info>\n");
    CHECK(to_table({}).empty());
}

TEST_CASE("dummy queue: qstat without -xml as it was captured") {
    auto state = array_of_which_one_runs();
    state.jobs[0].waiting = {2, 3, 4, 5, 6, 10, 13, 15, 17, 18, 19, 20};
    auto single = make_job(121, "run1");
    single.waiting.clear();
    single.running.push_back({1, 1, in_local_time(9, 33, 6), false, false, 0});
    auto held = make_job(124, "held");
    held.submission.held = true;
    held.submitted_at = in_local_time(9, 33, 8);
    state.jobs = {single, state.jobs[0], held};
    CHECK(to_table(list_entries(state, "vm")) ==
          "job-ID  prior   name       user         state submit/start at     queue                          "
          "slots "
          "ja-task-ID \n"
          "--------------------------------------------------------------------------------------------------"
          "----"
          "-----------\n"
          "    121 0.75000 run1       griduser     r     11/20/2026 09:33:06 all.q@vm                        "
          "   1"
          "        \n"
          "    122 0.75000 arr        griduser     r     11/20/2026 09:33:06 all.q@vm                        "
          "   1 1\n"
          "    122 0.75000 arr        griduser     qw    11/20/2026 09:33:06                                 "
          "   1 "
          "2-6:1,10,13,15,17-20:1\n"
          "    124 0.00000 held       griduser     hqw   11/20/2026 09:33:08                                 "
          "   1"
          "        \n");
}

TEST_CASE("dummy queue: one array may show several states at once") {
    State state;
    auto job = make_job(5, "arr", 4);
    job.waiting = {4};
    job.in_error = {2};
    job.running = {{3, 2, 0, false, false, 0}, {1, 1, 0, false, false, 0}};
    state.jobs.push_back(job);
    std::vector<std::string> shown;
    for (const auto& entry : list_entries(state, "vm")) shown.push_back(entry.state_word + " " + entry.tasks);
    CHECK(shown == std::vector<std::string>{"r 1", "r 3", "Eqw 2", "qw 4"});
}

TEST_CASE("dummy queue: only single queue jobs have no tasks, also an array of one has them") {
    State state;
    state.jobs = {make_job(1, "single"), make_job(2, "array", 1)};
    const auto xml = to_xml(list_entries(state, "vm"));
    CHECK(xml.find("<tasks>1</tasks>") == xml.rfind("<tasks>"));
}

TEST_CASE("dummy queue: < in a name is written in the peculiar way of Grid Engine") {
    State state;
    state.jobs = {make_job(1, "a<b")};
    CHECK(to_xml(list_entries(state, "vm")).find("<JB_name>a%lt;b</JB_name>") != std::string::npos);
}

TEST_CASE("dummy queue: a listing is filtered by owner and state") {
    auto state = array_of_which_one_runs();
    const auto entries = list_entries(state, "vm");
    ListingFilter filter;
    filter.owners = {"gridother"};
    CHECK(filtered(entries, filter).empty());
    filter.owners = {"*"};
    CHECK(filtered(entries, filter).size() == 2);
    filter.pending = false;
    REQUIRE(filtered(entries, filter).size() == 1);
    CHECK(filtered(entries, filter)[0].state_word == "r");
}

TEST_CASE("dummy queue: what a queue job asked for is shown") {
    State state;
    auto job = make_job(1, "a");
    job.waiting.clear();
    job.running.push_back({1, 1, 0, true, false, 0});
    job.submission.queue_name = "long.q";
    job.submission.num_slots = 4;
    state.jobs.push_back(job);
    const auto entry = list_entries(state, "vm").at(0);
    CHECK(entry.queue_name == "long.q@vm");
    CHECK(entry.num_slots == 4);
    CHECK(entry.state_word == "Rr");
}
