#include <sys/wait.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>

#include "dummy_queue/shepherd.hpp"
#include "dummy_queue/step.hpp"
#include "run_program.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;
namespace fs = boost::filesystem;

namespace {

std::string file_of(const TestQueue& queue, const std::string& name) {
    return read_file(queue.TestDirectory::path() / name);
}

bool is_being_run(const TestQueue& queue) {
    const auto state = queue.state();
    return !state.jobs.empty() && !state.jobs[0].running.empty() && state.jobs[0].running[0].shepherd != 0;
}

/// A queue job that runs until the file `go` exists, in a dummy_qstat that is waiting for it.
struct LongRun {
    explicit LongRun(const TestQueue& queue) : queue_(queue) {
        submit_shell(queue, "out", "echo once; until [ -e go ]; do sleep 0.01; done; echo end");
        qstat(queue);
        caller.emplace(queue, DummyQueue::qstat_path(), std::vector<std::string>{"-xml"});
        wait_until([&] { return is_being_run(queue); });
        wait_until([&] { return file_of(queue, "out") == "once\n"; });
    }
    void let_go() const { write_file(queue_.TestDirectory::path() / "go", ""); }

    std::optional<Started> caller;

  private:
    const TestQueue& queue_;
};

}  // namespace

TEST_CASE("dummy queue: tasks of an array run with their indices, and their output goes where -o says") {
    const TestQueue queue;
    const auto directory = queue.TestDirectory::path().native();
    const auto answer = qsub(queue, {"-terse",
                                     "-b",
                                     "y",
                                     "-shell",
                                     "n",
                                     "-N",
                                     "run",
                                     "-j",
                                     "y",
                                     "-o",
                                     ":" + directory + "/$JOB_ID.$TASK_ID",
                                     "-wd",
                                     directory,
                                     "-t",
                                     "1-3",
                                     "-tc",
                                     "2",
                                     "/bin/sh",
                                     "-c",
                                     "echo $SGE_TASK_ID of $SGE_TASK_LAST; pwd; echo oops >&2"});
    CHECK(answer.out == "1.1-3:1\n");
    CHECK(answer.exit_code == 0);
    drain(queue);
    CHECK(file_of(queue, "1.1") == "1 of 3\n" + directory + "\noops\n");
    CHECK(file_of(queue, "1.3") == "3 of 3\n" + directory + "\noops\n");
}

TEST_CASE("dummy queue: a task needs two calls of qstat when nothing else is there") {
    const TestQueue queue;
    submit_shell(queue, "out", "echo ran");
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"r"});
    CHECK(file_of(queue, "out").empty());
    CHECK(elements(qstat(queue).out, "state").empty());
    CHECK(file_of(queue, "out") == "ran\n");
    CHECK(queue.num_tasks_left() == 0);
}

TEST_CASE("dummy queue: outputs are appended to") {
    const TestQueue queue;
    submit_shell(queue, "out", "echo first");
    submit_shell(queue, "out", "echo second");
    drain(queue);
    CHECK(file_of(queue, "out") == "first\nsecond\n");
}

TEST_CASE("dummy queue: a command does not inherit from the caller of qstat") {
    const TestQueue queue;
    setenv("QMR_TEST_SECRET", "x", 1);
    submit_shell(
        queue, "out",
        R"(echo ${QMR_TEST_SECRET-none} $SHELL $SGE_TASK_ID $JOB_NAME; umask; ls -d "$TMPDIR"; ls /proc/$$/fd;
           read x || echo no input; cut -d' ' -f6 /proc/$$/stat | sed s/^$$'$/own session/'
           echo "${PATH#"$TMPDIR"}")");
    drain(queue);
    unsetenv("QMR_TEST_SECRET");
    const auto out = file_of(queue, "out");
    CHECK(out.starts_with("none /bin/sh undefined out\n0022\n/"));
    CHECK(out.ends_with("\n0\n1\n2\nno input\nown session\n:/usr/local/bin:/bin:/usr/bin\n"));
    const auto temporary_directory = out.substr(out.find("/tmp"), out.find("\n0\n") - out.find("/tmp"));
    CHECK_FALSE(fs::exists(temporary_directory));
}

TEST_CASE(
    "dummy queue: the arguments of a command arrive untouched with -shell n, else the shell reads them") {
    const TestQueue queue;
    const auto out = (queue.TestDirectory::path() / "out").native();
    qsub(queue,
         {"-b", "y", "-shell", "n", "-o", out, "-e", out, "/usr/bin/printf", "%s|", "a b", "$HOME", "'", ""});
    qsub(queue, {"-b", "y", "-o", out, "-e", out, "echo", "a   b"});
    drain(queue);
    CHECK(read_file(out) == "a b|$HOME|'||a b\n");
}

TEST_CASE("dummy queue: a script is copied when it is submitted") {
    const TestQueue queue;
    const auto directory = queue.TestDirectory::path();
    write_file(directory / "script.sh", "#$ -N mine\necho \"$JOB_NAME $1\"\n");
    CHECK(
        qsub(queue, {"-o", directory.native(), "-e", "/dev/null", (directory / "script.sh").native(), "arg"})
            .out == "Your job 1 (\"mine\") has been submitted\n");
    fs::remove(directory / "script.sh");
    drain(queue);
    CHECK(file_of(queue, "mine.o1") == "mine arg\n");
}

TEST_CASE("dummy queue: what can not be started goes to Eqw, with the reason that Grid Engine gives") {
    const TestQueue queue;
    const auto check = [&](const std::vector<std::string>& arguments, const std::string& reason) {
        queue.change([](State& state) { state.jobs.clear(); });
        REQUIRE(qsub(queue, arguments).exit_code == 0);
        qstat(queue);
        CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"Eqw"});
        CHECK(queue.state().jobs.at(0).errors.at(0).reason == reason);
        qstat(queue);
        CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"Eqw"});
    };
    check({"-b", "y", "-o", "/no/such/dir/out", "true"},
          "error: can't open output file \"/no/such/dir/out\": No such file or directory");
    check({"-b", "y", "-o", "/dev/null", "-e", "/dev/null", "-wd", "/no/such/dir", "true"},
          "error: can't chdir to /no/such/dir: No such file or directory");
    check({"-b", "y", "-shell", "n", "-o", "/dev/null", "-e", "/dev/null", "/no/such/binary"},
          "execvlp(/no/such/binary, ...) failed: No such file or directory");
    check({"-b", "y", "-o", "/dev/null", "-e", "/dev/null", "exit", "100"}, "exit_status of job start = 100");
}

TEST_CASE("dummy queue: exit code 99 runs a task again") {
    const TestQueue queue;
    submit_shell(queue, "out", "echo $RESTARTED; [ $RESTARTED = 1 ] || exit 99");
    drain(queue);
    CHECK(file_of(queue, "out") == "0\n1\n");
}

TEST_CASE("dummy queue: two callers of qstat do not run the same task") {
    const TestQueue queue;
    LongRun run(queue);
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"r"});
    CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"r"});
    run.let_go();
    CHECK(elements(run.caller->wait().out, "state").empty());
    CHECK(file_of(queue, "out") == "once\nend\n");
}

TEST_CASE("dummy queue: a qstat that is told not to wait leaves a command alone until its end") {
    const TestQueue queue;
    queue.change([](State& state) { state.waits = false; });
    submit_shell(queue, "out", "until [ -e go ]; do sleep 0.01; done; echo end");
    for (int i = 0; i < 3; ++i) CHECK(elements(qstat(queue).out, "state") == std::vector<std::string>{"r"});
    write_file(queue.TestDirectory::path() / "go", "");
    wait_until([&] { return queue.num_tasks_left() == 0; });
    CHECK(file_of(queue, "out") == "end\n");
}

TEST_CASE("dummy queue: a queue job goes on when the caller of qstat is killed") {
    const TestQueue queue;
    LongRun run(queue);
    run.caller->kill();
    run.caller.reset();
    CHECK(is_being_run(queue));
    run.let_go();
    wait_until([&] { return queue.num_tasks_left() == 0; });
    CHECK(file_of(queue, "out") == "once\nend\n");
}

TEST_CASE("dummy queue: qdel kills a command that runs just now") {
    const TestQueue queue;
    LongRun run(queue);
    CHECK(qdel(queue, {"1"}).exit_code == 0);
    CHECK(elements(run.caller->wait().out, "state").empty());
    CHECK(queue.num_tasks_left() == 0);
    CHECK(file_of(queue, "out") == "once\n");
}

TEST_CASE(
    "dummy queue: a command that was taken runs, also when its dummy_qstat is killed before it lets go") {
    const bool is_taken = GENERATE(true, false);
    const TestQueue queue;
    submit_shell(queue, "out", "echo ran");
    qstat(queue);
    std::optional<RunOrder> order;
    pid_t shepherd = 0;
    queue.change([&](State& state) { order = advance(state, 0, chunks_of_job); });
    {
        const Shepherd killed(queue.state_path(), order.value());
        shepherd = static_cast<pid_t>(killed.pid());
        if (is_taken) queue.change([&](State& state) { mark_taken(state, *order, shepherd); });
    }
    int status = 0;
    REQUIRE(waitpid(shepherd, &status, 0) == shepherd);
    CHECK((status == 0) == is_taken);
    CHECK(file_of(queue, "out") == (is_taken ? "ran\n" : ""));
    CHECK(queue.num_tasks_left() == (is_taken ? 0 : 1));
}
