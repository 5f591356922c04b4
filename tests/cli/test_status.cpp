#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/in_words.hpp"
#include "cli/status_text.hpp"
#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::cli;
using namespace qmr::test;

namespace {

std::int64_t throws_at_seven(std::int64_t x) {
    if (x % 10 == 7) throw std::runtime_error("no such event");
    return x;
}

/// A map of ten tasks in a directory, under a name of its own.
void map_in(const std::filesystem::path& directory, const std::string& name,
            std::int64_t (*function)(std::int64_t)) {
    auto options = local_options(directory);
    options.work_dir = directory / name;
    static_cast<void>(Pool(options).try_map(function, numbers(10)));
}

MapStatus half_way() {
    MapStatus map;
    map.work_dir = "/home/me/.qmr_1";
    map.executable = "/home/me/reconstruct";
    map.how_to_go_on = "the same command with QMR_RESUME=/home/me/.qmr_1";
    map.batch_system = "sge";
    map.jobs = Jobs::pull;
    map.JB_name_prefix = "q1.";
    map.state = MapState::running;
    map.process_node = ProcessNode{"login1", 77, Time{}, Time{}, ProcessNode::Life::alive, true};
    map.num_tasks = 1000;
    map.num_tasks_done = 447;
    map.num_tasks_failed = 3;
    map.num_tasks_left = 550;
    map.num_chunks = 100;
    map.num_chunks_committed = 44;
    map.num_chunks_given_up = 1;
    map.num_chunks_running = 8;
    map.num_chunks_waiting = 47;
    map.num_submissions = 2;
    map.num_queue_jobs = 12;
    map.begin = Time{};
    map.last_change = Time{std::chrono::minutes(12)};
    return map;
}

}  // namespace

TEST_CASE("cli: times, sizes and numbers are told in words") {
    CHECK(count(1, "task") == "1 task");
    CHECK(count(2, "task") == "2 tasks");
    CHECK(duration(Seconds{0.0321}) == "0.032 s");
    CHECK(duration(Seconds{12.7}) == "12 s");
    CHECK(duration(Seconds{700}) == "11 min");
    CHECK(duration(Seconds{7500}) == "2 h 05 min");
    CHECK(duration(Seconds{200'000}) == "2 d 07 h");
    CHECK(cli::size(1) == "1 byte");
    CHECK(cli::size(999) == "999 bytes");
    CHECK(cli::size(1500) == "1.5 kB");
    CHECK(cli::size(12'300'000'000) == "12.3 GB");
    CHECK(utc_time(Time{std::chrono::milliseconds(86'401'500)}) == "1970-01-02T00:00:01.500Z");
}

TEST_CASE("cli: the status of a map is a few lines") {
    MapStatus map = half_way();
    TaskFailure failure;
    failure.itask = 7;
    failure.message = "no such event";
    const Time now{std::chrono::minutes(13)};
    const std::string text = describe({map, {}}, {failure}, now);
    for (const char* line :
         {"map       running\n", "work_dir  /home/me/.qmr_1\n", "program   /home/me/reconstruct\n",
          "tasks     447 of 1000 done, 3 failed, 550 left (45 %)\n", "failed    1 x no such event (task 7)\n",
          "chunks    44 of 100 committed, 1 given up, 8 running, 47 waiting\n",
          "queue     sge, pulled: 12 queue jobs in 2 submissions, named q1.*\n",
          "process   77 on login1, alive, since ", ", 13 min ago\n", ", 60 s ago\n"})
        CHECK_THAT(text, Catch::Contains(line));
    map.state = MapState::left_alone;
    map.process_node->life = ProcessNode::Life::gone;
    map.last_warning = Notice{std::nullopt, "no queue job runs, 5 wait"};
    CHECK_THAT(describe({map, {}}, {}, now),
               Catch::Contains("map       left alone\n") && Catch::Contains("77 on login1, gone") &&
                   Catch::Contains("log       no queue job runs, 5 wait\n") &&
                   Catch::Contains("hint      to go on: the same command with QMR_RESUME=/home/me/.qmr_1\n"));
}

TEST_CASE("cli: qmr status tells of the newest map here, or of the one that is named") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    map_in(here, ".qmr_b", throws_at_seven);
    Said said = run_command({"status"}, here);
    CHECK(said.exit_code == 0);
    CHECK(said.err.empty());
    CHECK_THAT(said.out, Catch::Contains("map       complete with failures\n") &&
                             Catch::Contains("tasks     9 of 10 done, 1 failed (100 %)\n") &&
                             Catch::Contains("failed    1 x std::runtime_error: no such event (task 7)\n"));
    // The file system's clock may be a coarse one.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    map_in(here, ".qmr_a", square);
    said = run_command({"status"}, here);
    CHECK_THAT(said.out, Catch::StartsWith("map       complete\n"));
    CHECK(said.err == "qmr: .qmr_a is the newest of 2 work_dirs here\n");
    said = run_command({"status", (here / ".qmr_b").native()});
    CHECK_THAT(said.out, Catch::StartsWith("map       complete with failures\n"));
    CHECK(said.err.empty());
}

TEST_CASE("cli: qmr status all is a table, and what can not be looked at is told") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    map_in(here, ".qmr_a", square);
    map_in(here, ".qmr_b", throws_at_seven);
    std::filesystem::create_directory(here / ".qmr_none");
    std::filesystem::create_directory_symlink(here / ".qmr_a", here / ".qmr_link");
    const Said said = run_command({"status", "all"}, here);
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out,
               Catch::StartsWith("work_dir  state                   tasks  failed  running  changed\n") &&
                   Catch::Contains("\n.qmr_a    complete                10/10  0       0        0 s ago\n") &&
                   Catch::Contains("\n.qmr_b    complete with failures  9/10   1       0        0 s ago\n"));
    CHECK_THAT(said.err, Catch::Contains(".qmr_none is no work_dir") && !Catch::Contains("link"));
    const auto array = nlohmann::json::parse(run_command({"status", "all", "--json"}, here).out);
    CHECK(array.size() == 2);
}

TEST_CASE("cli: qmr status --json is an object with all there is") {
    const Resumed map(all_sites[1], 0);
    REQUIRE(map.is_right());
    const Said said = run_command({"status", map.chain().work_dir().native(), "--json"});
    CHECK(said.exit_code == 0);
    const auto object = nlohmann::json::parse(said.out);
    CHECK(object.at("state") == "complete");
    CHECK(object.at("batch_system") == "sge");
    CHECK(object.at("jobs") == "pull");
    CHECK(object.at("num_tasks") == 30);
    CHECK(object.at("num_tasks_done") == 30);
    CHECK(object.at("num_tasks_failed") == 0);
    CHECK(object.at("num_tasks_left") == 0);
    CHECK(object.at("num_chunks_committed") == 10);
    CHECK(object.at("process_node").is_null());
    CHECK_THAT(object.at("begin").get<std::string>(), Catch::Matches("20..-..-..T..:..:.....[0-9]Z"));
}

TEST_CASE("cli: where there is no map, or only something else, qmr status is refused with exit code 2") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    Said said = run_command({"status"}, here);
    CHECK(said.exit_code == 2);
    CHECK(said.out.empty());
    CHECK_THAT(said.err, Catch::StartsWith("qmr: there is no work_dir (.qmr_*) in the current directory; "));
    said = run_command({"status", here.native()});
    CHECK(said.exit_code == 2);
    CHECK_THAT(said.err, Catch::Contains("there is neither a manifest.json nor a lease in it\n"));
}

TEST_CASE("cli: each of these subcommands has a help that ends with an example") {
    for (const char* name : {"status", "watch", "logs", "explain", "clean"}) {
        const Said said = run_command({name, "--help"});
        CHECK(said.exit_code == 0);
        CHECK_THAT(said.out, Catch::Contains(std::string("\nExample: qmr ") + name) && Catch::EndsWith("\n"));
    }
}
