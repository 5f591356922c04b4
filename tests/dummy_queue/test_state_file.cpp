#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <list>

#include "dummy_queue/state_file.hpp"
#include "run_program.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;

namespace {

std::string complaint_about(const std::string& text) {
    try {
        (void)read_json_text(text);
        return "";
    } catch (const StateError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("dummy queue: a state is read as it was written, every byte of it") {
    State state;
    auto job = make_job(7, "q", 12);
    job.submission.command = {"/bin/echo", "\xff\xfe not UTF-8", "line\nbreak"};
    job.running.push_back({3, 1, 5, true, false, 99});
    job.lingering.push_back({4, "dr", true, 6, 2});
    job.in_error = {5, 6};
    state.jobs.push_back(job);
    state.faults = {fault_of_chunk(FaultKind::killed, 3, 2)};
    state.faults[0].after_seconds = 0.5;
    state.late_files = {{"a", "b", 1}};
    state.earlier_listings = {{}, {{true, 7, "q", "me", "r", 5, "all.q@vm", 1, "3"}}};

    const auto text = to_json_text(state);
    const auto read = read_json_text(text);
    CHECK(to_json_text(read) == text);
    REQUIRE(read.jobs.size() == 1);
    CHECK(read.jobs[0].submission.command == job.submission.command);
    CHECK(read.jobs[0].running[0].restarted);
    CHECK(read.faults[0].max_num_fails == 2);
    CHECK(read.earlier_listings[1][0].tasks == "3");
}

TEST_CASE("dummy queue: an empty object is a fresh state") {
    const auto state = read_json_text("{}");
    CHECK(state.next_JB_job_number == 1);
    CHECK(state.max_num_running == 10);
    CHECK(state.jobs.empty());
}

TEST_CASE("dummy queue: a fault that could never strike is no valid state") {
    const auto complaint_about_fault = [](const std::string& fault) {
        return complaint_about("{\"faults\": [" + fault + "]}");
    };
    CHECK(complaint_about_fault(R"({"kind": "evil", "ichunk": 13})").empty());
    CHECK(complaint_about_fault(R"({"kind": "evil", "ichunk": "13"})") ==
          "state.faults[0].ichunk: expected a whole number, found \"13\"");
    CHECK(complaint_about_fault(R"({"kind": "evil", "ichunk": -1})").find("whole number") !=
          std::string::npos);
    CHECK(complaint_about_fault(R"({"kind": "evil", "chunk": 13})") ==
          "state.faults[0]: does not know the key \"chunk\"");
    CHECK(complaint_about_fault(R"({"kind": "evli"})") ==
          "state.faults[0].kind: expected a kind of fault, found \"evli\"");
    CHECK(complaint_about_fault(R"({"ichunk": 13})") == "state.faults[0]: has no \"kind\"");
    CHECK(complaint_about_fault(R"({"kind": "evil", "exit_code": 25})") ==
          "state.faults[0]: \"evil\" has no use for the key \"exit_code\"");
    CHECK(complaint_about_fault(R"({"kind": "qstat_fails", "ichunk": 1})").find("no use") !=
          std::string::npos);
    CHECK(complaint_about_fault(R"({"kind": "late_out", "JB_name": "a"})").find("needs") !=
          std::string::npos);
    CHECK(complaint_about_fault(R"({"kind": "lingers", "as": "dead"})").find("unchanged") !=
          std::string::npos);
    CHECK_FALSE(complaint_about(R"({"evil_jobs": []})").empty());
    CHECK_FALSE(complaint_about("[]").empty());
}

TEST_CASE("dummy queue: every program says in one line which state file is missing or broken") {
    const TestQueue queue;
    for (const auto* const text : {"", "{\"jobs\": ", "{\"jobs\": 3}"}) {
        write_file(queue.state_path(), text);
        for (const auto& answer : {qstat(queue), qdel(queue, {"1"}), qsub(queue, {"-b", "y", "true"})}) {
            CHECK(answer.exit_code == 1);
            CHECK(answer.out.empty());
            CHECK(answer.err.find(queue.state_path().native()) != std::string::npos);
            CHECK(std::count(answer.err.begin(), answer.err.end(), '\n') == 1);
        }
    }
    boost::filesystem::remove(queue.state_path());
    const auto answer = qstat(queue);
    CHECK(answer.exit_code == 1);
    CHECK(answer.err == "dummy_qstat: can not read the state file " + queue.state_path().native() +
                            ": No such file or directory\n");
}

TEST_CASE("dummy queue: many programs at once lose nothing") {
    const TestQueue queue;
    std::list<Started> programs;
    for (int i = 0; i < 20; ++i) {
        programs.emplace_back(queue, DummyQueue::qsub_path(),
                              std::vector<std::string>{"-terse", "-b", "y", "true"});
    }
    std::set<std::string> numbers;
    for (auto& program : programs) numbers.insert(program.wait().out);
    CHECK(numbers.size() == 20);
    CHECK(queue.num_tasks_left() == 20);
    CHECK(queue.state().num_qsub_calls == 20);
}

TEST_CASE("dummy queue: the test library looks into the queue, and refuses nonsense") {
    const TestQueue queue({fault_of_program(FaultKind::qstat_fails, 1)});
    CHECK_FALSE(queue.all_faults_struck());
    CHECK(qstat(queue).exit_code == 1);
    CHECK(queue.all_faults_struck());
    CHECK(queue.num_fails(FaultKind::qstat_fails) == 1);
    CHECK(queue.num_fails(FaultKind::evil) == 0);

    Fault nonsense;
    nonsense.kind = FaultKind::late_out;
    CHECK_THROWS_AS(queue.add_fault(nonsense), StateError);
    CHECK(queue.state().faults.size() == 1);
}
