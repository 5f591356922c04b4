// While a queue job is being ended, the task may see its program killed before the worker gets its signal.
// The value, exception or output that the task makes of that must not become its outcome.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "cli/command_line.hpp"
#include "full_chain/chain.hpp"

using namespace qmr;
using namespace qmr::test;
using dummy_queue::FaultKind;

namespace {

/// Long enough for all signals of the dummy queue to come.
constexpr Seconds settling_time{2};

struct End {
    const char* order;
    const char* signal;
};
constexpr End ends[] = {
    {"leaves_first", "TERM"}, {"leaves_first", "KILL"}, {"root_first", "TERM"}, {"root_first", "KILL"}};

/// The first queue job is ended as soon as its program runs.
std::vector<dummy_queue::Fault> ended_once(const End& end, const std::string& begun) {
    return {{.kind = FaultKind::killed,
             .max_num_fails = 1,
             .after_file = begun,
             .order = end.order,
             .signal = end.signal}};
}

bool is_first(const std::string& begun) {
    if (std::filesystem::exists(begun)) return false;
    std::ofstream(begun) << "begun";
    return true;
}

// What system(3) gives for a program that was ended.
std::int64_t value_of_a_program(std::int64_t x, const std::string& begun) {
    return is_first(begun) ? std::system("sleep 3600") : x * x;
}

std::int64_t throws_when_its_program_is_ended(std::int64_t x, const std::string& begun) {
    if (is_first(begun) && std::system("sleep 3600") != 0) throw std::runtime_error("the program failed");
    return x * x;
}

int run_script(const std::string& script) {
    return std::system(script.c_str());
}

}  // namespace

TEST_CASE("chain: what a program gave because its queue job was ended is not taken for a result") {
    const End end = ends[GENERATE(0, 1, 2, 3)];
    CAPTURE(end.order, end.signal);
    const auto function = GENERATE(value_of_a_program, throws_when_its_program_is_ended);
    const TemporaryDirectory directory;
    const std::string begun = (directory / "begun").native();
    const Chain chain(ended_once(end, begun));
    auto options = chain.options();
    options.settling_time = settling_time;
    options.num_chunks = 1;
    const std::vector<std::string> marks(3, begun);
    CHECK(Pool(options).map(function, numbers(3), marks) == squares(3));
    CHECK(chain.queue().all_faults_struck());
    CHECK(chain.num_events("\"resubmit\"") == 1);
}

TEST_CASE("chain: a command that the kernel kills for want of memory is run again with more") {
    const TemporaryDirectory directory;
    const std::string begun = (directory / "begun").native();
    const Chain chain({{.kind = FaultKind::killed_by_limit,
                        .max_num_fails = 1,
                        .after_file = begun,
                        .order = "leaf_only",
                        .limit = "h_vmem"}});
    CommandLine line;
    line.use_dummy_queue();
    line.set("QMR_QACCT_PATH", dummy_queue::DummyQueue::qacct_path().native());
    const std::string script =
        "[ -e '" + begun + "' ] && echo done {} && exit; : > '" + begun + "'; exec sleep 3600";
    const Ran ran = line.run({"map", "--memory", "200M", "--keep-work-dir", "--", "sh", "-c", script}, "a\n");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "done a\n");
    CHECK(chain.queue().all_faults_struck());
    REQUIRE(line.work_dirs().size() == 1);
    CHECK_THAT(text_of(line.work_dirs()[0] / "journal.jsonl"),
               Catch::Contains("\"cause\":\"out_of_memory\"") && Catch::Contains("\"memory\":419430400"));
}

TEST_CASE("chain: what a command printed because its queue job was ended is not taken for its output") {
    const End end = ends[GENERATE(0, 1, 2, 3)];
    CAPTURE(end.order, end.signal);
    const std::string what = GENERATE("trap 'echo half; exit 0' TERM; sleep 3600 & wait",
                                      "sleep 3600; echo half", "exec sleep 3600");
    CAPTURE(what);
    const TemporaryDirectory directory;
    const std::string begun = (directory / "begun").native();
    const Chain chain(ended_once(end, begun));
    CommandLine line;
    line.use_dummy_queue();
    line.set("QMR_SETTLING_TIME", "2");
    const std::string script = "[ -e '" + begun + "' ] && echo done {} && exit; : > '" + begun + "'; " + what;
    const Ran ran = line.run({"map", "--num-chunks", "1", "--", "sh", "-c", script}, lines(3));
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "done 0\ndone 1\ndone 2\n");
    CHECK(chain.queue().all_faults_struck());
}

TEST_CASE("chain: what a task has started may remove what it has made when its queue job is ended") {
    const std::string order = GENERATE("leaves_first", "root_first");
    CAPTURE(order);
    const TemporaryDirectory directory;
    const std::string begun = (directory / "begun").native();
    const std::string made = (directory / "made").native();
    const std::string script = "[ -e '" + begun + "' ] && exit; trap 'sleep 0.2; rm " + made +
                               "; exit 1' TERM; touch '" + made + "'; : > '" + begun +
                               "'; while :; do sleep 0.01; done";
    const Chain chain(ended_once({order.c_str(), "TERM"}, begun));
    SECTION("of the command") {
        CommandLine line;
        line.use_dummy_queue();
        line.set("QMR_SETTLING_TIME", "2");
        CHECK(line.run({"map", "--", "sh", "-c", script}, "a\n").exit_code == 0);
    }
    SECTION("of a program with a pool") {
        auto options = chain.options();
        options.settling_time = settling_time;
        CHECK(Pool(options).map(run_script, std::vector{script}) == std::vector{0});
    }
    CHECK(chain.queue().all_faults_struck());
    CHECK_FALSE(std::filesystem::exists(made));
}
