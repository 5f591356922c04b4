// Maps that nobody waits for, and those that somebody else ends.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "cli/command_line.hpp"
#include "full_chain/in_process.hpp"
#include "full_chain/resumed.hpp"
#include "wait_until.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

void wait_until_exists(const std::filesystem::path& path) {
    wait_until([&] { return std::filesystem::exists(path); });
}

std::string without_line_end(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

TEST_CASE("cli, detach: the queue jobs stay when the command has left, and wait takes over") {
    CommandLine line;
    line.use_dummy_queue();
    const Chain chain;
    const std::string jobs = GENERATE("pull", "one_per_chunk");
    const Ran left =
        line.run({"map", "--detach", "--num-chunks", "3", "--jobs", jobs, "--", "echo"}, "a\nb\nc\nd\n");
    INFO(left.err);
    CHECK(left.exit_code == 0);
    const std::string work_dir = without_line_end(left.out);
    REQUIRE(line.work_dirs().size() == 1);
    CHECK(work_dir == line.work_dirs()[0].native());
    CHECK(chain.queue().state().jobs.size() == 1);
    const Ran ran = line.run({"wait", work_dir});
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "a\nb\nc\nd\n");
    CHECK(chain.queue().state().num_qsub_calls == 1);
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("cli, detach: the local cores can not be left alone") {
    const CommandLine line;
    const Ran ran = line.run({"map", "--detach", "--", "echo"}, "1\n");
    CHECK(ran.exit_code == 2);
    CHECK_THAT(ran.err, Catch::Contains("queue jobs on the local cores end with this process"));
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, wait: a map that another process works on is waited for") {
    const CommandLine line;
    const pid_t mapping = line.start({"map", "--keep-work-dir", "--", "sh", "-c",
                                      "touch begun; while ! [ -e go ]; do sleep 0.01; done; exit $0"},
                                     "3\n");
    wait_until_exists(line.directory() / "begun");
    const std::string work_dir = line.work_dirs().at(0).native();
    const CommandLine other;
    const pid_t waiting = other.start({"wait", work_dir});
    wait_until_exists(other.directory() / "err");
    line.write("go", "");
    const Ran waited = other.wait_for(waiting);
    CHECK(waited.exit_code == 1);
    CHECK(line.wait_for(mapping).exit_code == 1);
}

TEST_CASE("cli, cancel: a map that another process works on is ended, and can be gone on with") {
    const Site& site = all_sites[GENERATE(0, 1, 2, 3)];
    INFO(site.name);
    const Resumed map(site, 30);
    InProcess mapping([&] { return map.is_right() ? 0 : 1; });
    wait_until_exists(map.chain().directory() / "ran_1");
    const CommandLine line;
    const Ran ran = line.run({"cancel", map.chain().work_dir().native()});
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    if (!site.is_local) CHECK(map.chain().queue().num_tasks_left() == 0);
    // The dummy queue runs a queue job to its end while it is looked at, and one that pulls does all.
    if (site.is_local || site.jobs == Jobs::one_per_chunk) CHECK(mapping.exit_code() == 121);
    CHECK(map.is_right());
}

TEST_CASE("cli, cancel: what nobody works on is deleted from the queue") {
    CommandLine line;
    line.use_dummy_queue();
    const Chain chain;
    const std::string work_dir = without_line_end(line.run({"map", "--detach", "--", "echo"}, "1\n2\n").out);
    CHECK(chain.queue().num_tasks_left() > 0);
    CHECK(line.run({"cancel", work_dir}).exit_code == 0);
    CHECK(chain.queue().num_tasks_left() == 0);
    CHECK(line.run({"resume", work_dir}).out == "1\n2\n");
}
