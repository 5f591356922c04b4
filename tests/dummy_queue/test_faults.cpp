#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>

#include "dummy_queue/process.hpp"
#include "run_program.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;
namespace fs = boost::filesystem;

namespace {

/// A work_dir as a pool makes it, with a worker that commits the chunks of its line.
struct WorkDir {
    explicit WorkDir(const TestQueue& queue) : path(queue.TestDirectory::path() / "work") {
        fs::create_directories(path);
        write_file(path / "worker_launcher.sh",
                   "#!/bin/sh\n"
                   "index=${2-$SGE_TASK_ID}\n"
                   "for ichunk in $(sed -n ${index}p \"$(printf '%s/%06d.jobs' \"${0%/*}\" $1)\"); do\n"
                   "  echo $ichunk > \"$(printf '%s/%09d.out' \"${0%/*}\" $ichunk)\"\n"
                   "done\n");
        fs::permissions(path / "worker_launcher.sh", fs::owner_all);
        write_file(path / "000002.jobs", "11\n12 13\n14\n");
    }

    [[nodiscard]] std::vector<std::string> qsub_arguments(const std::vector<std::string>& rest) const {
        std::vector<std::string> arguments{"-terse", "-b", "y",  "-shell",    "n",   "-N",         "q",
                                           "-j",     "y",  "-o", "/dev/null", "-wd", path.native()};
        arguments.insert(arguments.end(), rest.begin(), rest.end());
        return arguments;
    }
    void submit_array(const TestQueue& queue) const {
        qsub(queue, qsub_arguments({"-t", "1-3", (path / "worker_launcher.sh").native(), "2"}));
    }
    void submit_single(const TestQueue& queue, const std::string& index) const {
        qsub(queue, qsub_arguments({(path / "worker_launcher.sh").native(), "2", index}));
    }
    [[nodiscard]] bool has_out(int ichunk) const { return fs::exists(path / fmt_out(ichunk)); }
    static std::string fmt_out(int ichunk) {
        auto digits = std::to_string(ichunk);
        return std::string(9 - digits.size(), '0') + digits + ".out";
    }

    fs::path path;
};

void call_qstat(const TestQueue& queue, int num_calls) {
    for (int i = 0; i < num_calls; ++i) REQUIRE(qstat(queue).exit_code == 0);
}

const std::string connection_refused = "error: commlib error: got select error (Connection refused)\n";

bool has_text(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("dummy queue: the queue jobs of an evil chunk go to Eqw, in arrays and outside") {
    const TestQueue queue({fault_of_chunk(FaultKind::evil, 13, 2)});
    const WorkDir work_dir(queue);
    work_dir.submit_array(queue);
    call_qstat(queue, 6);
    const auto xml = qstat(queue).out;
    CHECK(elements(xml, "state") == std::vector<std::string>{"Eqw"});
    CHECK(elements(xml, "tasks") == std::vector<std::string>{"2"});
    CHECK(work_dir.has_out(11));
    CHECK(work_dir.has_out(14));
    CHECK_FALSE(work_dir.has_out(12));

    CHECK(qdel(queue, {"1.2"}).exit_code == 0);
    work_dir.submit_single(queue, "2");
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"Eqw"});
    qdel(queue, {"2"});
    work_dir.submit_single(queue, "2");
    drain(queue);
    CHECK(work_dir.has_out(12));
    CHECK(work_dir.has_out(13));
    CHECK(queue.all_faults_struck());
}

TEST_CASE("dummy queue: a late .out appears some calls of qstat later, also when the queue is empty") {
    auto fault = fault_of_chunk(FaultKind::late_out, 13, 1);
    fault.num_calls = 2;
    const TestQueue queue({fault});
    const WorkDir work_dir(queue);
    work_dir.submit_single(queue, "2");
    drain(queue);
    CHECK(work_dir.has_out(12));
    CHECK_FALSE(work_dir.has_out(13));
    CHECK(queue.all_faults_struck());
    call_qstat(queue, 1);
    CHECK_FALSE(work_dir.has_out(13));
    call_qstat(queue, 1);
    CHECK(work_dir.has_out(13));
    for (const auto& entry : fs::directory_iterator(work_dir.path)) {
        CHECK_FALSE(has_text(entry.path().native(), "late"));
    }
}

TEST_CASE("dummy queue: a late .out does not overwrite one that was committed in the meantime") {
    const TestQueue queue({fault_of_chunk(FaultKind::late_out, 11, 1)});
    const WorkDir work_dir(queue);
    work_dir.submit_single(queue, "1");
    drain(queue);
    write_file(work_dir.path / "000000011.out", "second");
    call_qstat(queue, 1);
    CHECK(read_file(work_dir.path / "000000011.out") == "second");
}

TEST_CASE("dummy queue: a killed command is killed with all that it started") {
    Fault fault;
    fault.kind = FaultKind::killed;
    fault.JB_name = "out";
    fault.max_num_fails = 1;
    const TestQueue queue({fault});
    const auto half_way = (queue.TestDirectory::path() / "half_way").native();
    queue.change([&](State& state) { state.faults[0].after_file = half_way; });
    submit_shell(
        queue, "out",
        "echo begin; setsid sh -c 'echo $$ > stray; sleep 3600' & until [ -s stray ]; do sleep 0.01; done; "
        "touch half_way; wait; echo end");
    drain(queue);
    CHECK(read_file(queue.TestDirectory::path() / "out") == "begin\n");
    CHECK(queue.all_faults_struck());
    const auto stray = std::stoi(read_file(queue.TestDirectory::path() / "stray"));
    wait_until([&] { return !is_running(stray); });
}

TEST_CASE("dummy queue: a command may be killed by the clock") {
    auto fault = fault_of_program(FaultKind::killed, 1);
    fault.after_seconds = 0.05;
    const TestQueue queue({fault});
    submit_shell(queue, "out", "while :; do sleep 1; done");
    drain(queue);
    CHECK(queue.num_fails(FaultKind::killed) == 1);
}

TEST_CASE("dummy queue: a command that ends before it is to be killed does not count as killed") {
    auto fault = fault_of_program(FaultKind::killed, 1);
    fault.after_seconds = 3600;
    const TestQueue queue({fault});
    submit_shell(queue, "out", "echo end");
    drain(queue);
    CHECK(queue.num_fails(FaultKind::killed) == 0);
}

TEST_CASE("dummy queue: a task that starts twice runs in two processes at the same time") {
    const TestQueue queue({fault_of_program(FaultKind::starts_twice, 1)});
    submit_shell(queue, "out",
                 "echo $$ >> pids; until [ $(wc -l < pids) = 2 ]; do sleep 0.01; done; echo met");
    drain(queue);
    CHECK(read_file(queue.TestDirectory::path() / "out") == "met\nmet\n");
    CHECK(queue.all_faults_struck());
}

TEST_CASE("dummy queue: a task that vanishes was shown as running, and did not run") {
    const TestQueue queue({fault_of_program(FaultKind::vanishes, 1)});
    submit_shell(queue, "out", "echo ran");
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"r"});
    CHECK(elements(qstat(queue).out, "state").empty());
    CHECK_FALSE(fs::exists(queue.TestDirectory::path() / "out"));
    CHECK(queue.all_faults_struck());
}

TEST_CASE("dummy queue: a deleted queue job lingers for some calls of qstat") {
    auto fault = fault_of_program(FaultKind::lingers, 1);
    fault.num_calls = 2;
    const TestQueue queue({fault});
    submit_shell(queue, "out", "echo ran");
    call_qstat(queue, 1);
    qdel(queue, {"1"});
    CHECK(queue.num_tasks_left() == 0);
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"dr"});
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"dr"});
    CHECK(elements(qstat(queue).out, "state").empty());
    CHECK_FALSE(fs::exists(queue.TestDirectory::path() / "out"));
}

TEST_CASE("dummy queue: a listing that lags shows the past") {
    auto fault = fault_of_program(FaultKind::listing_lags);
    fault.num_calls = 2;
    const TestQueue queue({fault});
    submit_shell(queue, "out", "echo ran");
    submit_shell(queue, "out", "echo ran");
    std::vector<std::size_t> num_listed;
    for (int i = 0; i < 7; ++i) num_listed.push_back(elements(qstat(queue).out, "state").size());
    CHECK(num_listed == std::vector<std::size_t>{0, 0, 2, 2, 1, 0, 0});
    CHECK(queue.num_fails(FaultKind::listing_lags) == 7);
}

TEST_CASE("dummy queue: qsub refuses as often as asked for") {
    auto busy = fault_of_program(FaultKind::qsub_refuses, 2);
    busy.exit_code = 25;
    auto words = fault_of_program(FaultKind::qsub_refuses, 1);
    words.message = "Unable to run job: no.";
    const TestQueue queue({busy, words, fault_of_program(FaultKind::qsub_refuses, 1)});
    const auto try_it = [&] { return submit_shell(queue, "out", "true"); };
    CHECK(try_it().exit_code == 25);
    const auto answer = try_it();
    CHECK(answer.exit_code == 25);
    CHECK(answer.out.empty());
    CHECK(answer.err ==
          "Unable to run job: job rejected: only 0 jobs are allowed per user (current job count: "
          "0)\nExiting.\n");
    CHECK(try_it().err == "Unable to run job: no.\n");
    const auto dead = try_it();
    CHECK(dead.exit_code == 1);
    CHECK(dead.err.starts_with(connection_refused +
                               "Unable to run job: unable to send message to qmaster using port"));
    CHECK(queue.num_tasks_left() == 0);
    CHECK(try_it().exit_code == 0);
    CHECK(queue.all_faults_struck());
}

TEST_CASE("dummy queue: a qsub that fails may have queued") {
    const TestQueue queue({fault_of_program(FaultKind::qsub_fails_though_queued, 1)});
    const auto answer = submit_shell(queue, "out", "echo ran");
    CHECK(answer.exit_code == 1);
    CHECK(answer.out.empty());
    CHECK(has_text(answer.err, "got read error"));
    CHECK(queue.num_tasks_left() == 1);
}

TEST_CASE("dummy queue: a qsub that hangs may have queued, and does not block the others") {
    const TestQueue queue({fault_of_program(FaultKind::qsub_hangs_though_queued, 1),
                           fault_of_program(FaultKind::qsub_hangs, 1)});
    Started first(queue, DummyQueue::qsub_path(), {"-b", "y", "true"});
    wait_until([&] { return queue.num_fails(FaultKind::qsub_hangs_though_queued) == 1; });
    CHECK(queue.num_tasks_left() == 1);
    Started second(queue, DummyQueue::qsub_path(), {"-b", "y", "true"});
    wait_until([&] { return queue.num_fails(FaultKind::qsub_hangs) == 1; });
    CHECK(queue.num_tasks_left() == 1);
    CHECK(submit_shell(queue, "out", "true").out == "2\n");
}

TEST_CASE("dummy queue: qsub that hangs for a while queues after that") {
    auto fault = fault_of_program(FaultKind::qsub_hangs, 1);
    fault.seconds = 0.01;
    const TestQueue queue({fault});
    CHECK(submit_shell(queue, "out", "true").out == "1\n");
    CHECK(queue.all_faults_struck());
}

TEST_CASE("dummy queue: qstat fails like one that does not reach the qmaster, and no time passes") {
    const TestQueue queue({fault_of_program(FaultKind::qstat_fails, 2)});
    submit_shell(queue, "out", "true");
    for (int i = 0; i < 2; ++i) {
        const auto answer = qstat(queue);
        CHECK(answer.exit_code == 1);
        CHECK(answer.out.empty());
        CHECK(answer.err.starts_with(connection_refused +
                                     "error: unable to send message to qmaster using port 6444"));
        CHECK(answer.err.ends_with(": got send error\n"));
    }
    CHECK(queue.state().jobs.at(0).running.empty());
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"r"});
}

TEST_CASE("dummy queue: qstat prints half an answer, or a warning beside a good one") {
    const TestQueue queue(
        {fault_of_program(FaultKind::qstat_garbage, 1), fault_of_program(FaultKind::qstat_warns, 1)});
    submit_shell(queue, "out", "true");
    const auto garbage = qstat(queue);
    CHECK(garbage.exit_code == 0);
    CHECK_FALSE(garbage.out.empty());
    CHECK_FALSE(has_text(garbage.out, "</job_info>\n</job_info>"));
    const auto warned = qstat(queue);
    CHECK(warned.exit_code == 0);
    CHECK(has_text(warned.err, "warning"));
    CHECK(warned.out.ends_with("</job_info>\n</job_info>\n"));
}

TEST_CASE("dummy queue: a qstat that hangs does not block the others") {
    const TestQueue queue({fault_of_program(FaultKind::qstat_hangs, 1)});
    submit_shell(queue, "out", "echo ran");
    Started hangs(queue, DummyQueue::qstat_path(), {"-xml"});
    wait_until([&] { return queue.num_fails(FaultKind::qstat_hangs) == 1; });
    drain(queue);
    CHECK(read_file(queue.TestDirectory::path() / "out") == "ran\n");
}

TEST_CASE("dummy queue: qdel fails as often as asked for, and deletes nothing then") {
    const TestQueue queue({fault_of_program(FaultKind::qdel_fails, 1)});
    submit_shell(queue, "out", "true");
    const auto answer = qdel(queue, {"1"});
    CHECK(answer.exit_code == 1);
    CHECK(answer.err == connection_refused);
    CHECK(answer.out.starts_with("unable to send message to qmaster using port 6444 on host"));
    CHECK(queue.num_tasks_left() == 1);
    CHECK(qdel(queue, {"1"}).exit_code == 0);
    CHECK(queue.num_tasks_left() == 0);
}

TEST_CASE("dummy queue: options that are not modelled are refused as usage errors") {
    const TestQueue queue;
    CHECK(qstat(queue, {"-j", "1"}).exit_code == 1);
    const auto answer = qstat(queue, {"-s", "z"});
    CHECK(answer.exit_code == 1);
    CHECK(answer.out.empty());
    CHECK(answer.err.ends_with("ERROR! wrong argument to -s option\n"));
    CHECK(has_text(qstat(queue, {"--help"}).out, "qstat_garbage"));
    CHECK(queue.state().num_qstat_calls == 0);
}
