#include <catch2/catch.hpp>

#include "dummy_queue/qsub_checks.hpp"
#include "dummy_queue/submission.hpp"
#include "states.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;

namespace {

QsubSurroundings surroundings() {
    return {
        {"PATH=/bin", "A=from caller", "EMPTY="},
        "/here",
        "griduser",
        "/home/griduser",
        "vm",
        [](const std::string& path) -> std::string {
            if (path == "nosuch.sh") {
                throw QsubRefusal{
                    "Unable to read script file because of error: error opening nosuch.sh: No such file or "
                    "directory",
                    14};
            }
            return path == "with_options.sh" ? "#!/bin/sh\n#$ -N inside -h\necho\n" : "#!/bin/sh\necho\n";
        }};
}

SubmissionAnswer qsub_says(State& state, const std::vector<std::string>& words) {
    try {
        return submit(state, read_qsub_arguments(words, surroundings()), "griduser", "vm", 0);
    } catch (const QsubRefusal& refusal) {
        return {"", refusal.message + "\n", refusal.exit_code};
    }
}

Submission submission_of(const std::vector<std::string>& words) {
    return read_qsub_arguments(words, surroundings()).submission;
}

void check_refusal(const std::vector<std::string>& options, int exit_code, const std::string& err) {
    State state;
    auto words = options;
    words.emplace_back("ok.sh");
    const auto answer = qsub_says(state, words);
    CHECK(answer.out.empty());
    CHECK(answer.err == err + "\n");
    CHECK(answer.exit_code == exit_code);
    CHECK(state.jobs.empty());
}

void check_rejection(const std::vector<std::string>& options, const std::string& why) {
    check_refusal(options, 1, "Unable to run job: " + why + "\nExiting.");
}

}  // namespace

TEST_CASE("dummy queue: qsub answers as captured") {
    State state;
    state.next_JB_job_number = 4;
    CHECK(qsub_says(state, {"ok.sh"}).out == "Your job 4 (\"ok.sh\") has been submitted\n");
    CHECK(qsub_says(state, {"-terse", "ok.sh"}).out == "5\n");
    CHECK(qsub_says(state, {"-t", "1-10", "ok.sh"}).out ==
          "Your job-array 6.1-10:1 (\"ok.sh\") has been submitted\n");
    CHECK(qsub_says(state, {"-terse", "-t", "1-10", "ok.sh"}).out == "7.1-10:1\n");
    CHECK(qsub_says(state, {"-terse", "-t", "2-10:4", "ok.sh"}).out == "8.2-10:4\n");
    CHECK(qsub_says(state, {"-terse", "-t", "7", "ok.sh"}).out == "9.7-7:1\n");
    CHECK(qsub_says(state, {"-t", "5-1", "ok.sh"}).out ==
          "Your job-array 10.1-5:1 (\"ok.sh\") has been submitted\n");
    CHECK(qsub_says(state, {"-t", "1,3,5", "ok.sh"}).out ==
          "Your job-array 11.1-5:2 (\"ok.sh\") has been submitted\n");
    CHECK(qsub_says(state, {"-w", "v", "ok.sh"}).out == "verification: found suitable queue(s)\n");
    CHECK(qsub_says(state, {"-N", std::string(200, 'x'), "ok.sh"}).out ==
          "Your job 12 (\"" + std::string(100, 'x') + "\") has been submitted\n");
    CHECK(state.jobs.size() == 9);
}

TEST_CASE("dummy queue: qsub refuses wrong command lines as captured") {
    check_refusal({"-zzz"}, 2, "qsub: invalid option argument \"-zzz\"");
    check_refusal({"-N", "a/b"}, 2, "qsub: argument to -N option must not contain / ");
    check_refusal({"-t", "1-2,5-6"}, 7, "qsub: -t option only allows one range specification");
    check_refusal({"-p", "2000"}, 7,
                  "qsub: invalid priority \"2000\".  Must be an integer from -1023 to 1024");
    check_refusal(
        {"nosuch.sh"}, 14,
        "Unable to read script file because of error: error opening nosuch.sh: No such file or directory");
    check_refusal({"-o", "/a,b"}, 1,
                  "Unable to run job: ERROR! two files are specified for the same host\nExiting.");
}

TEST_CASE("dummy queue: what the qmaster would reject is rejected as captured") {
    check_rejection({"-l", "h_rt=abc"}, "attribute \"h_rt\" is not a time value");
    check_rejection({"-p", "5"}, "job rejected: positive submission priority requires operator privileges");
    check_rejection({"-t", "0-5"}, "job rejected: 0 is an invalid task id");
    check_rejection({"-t", "1-75001"}, "job rejected: you tried to submit a job with more than 75000 tasks");
    check_rejection({"-tc", "2"}, "invalid \"task concurrency\" value in job request");
    check_rejection({"-o", "/home/griduser/O/n12:x"}, "can't resolve hostname \"/home/griduser/O/n12\"");
    check_rejection({"-N", "a:b"}, "Colon (':') not allowed in objectname");
    check_rejection({"-N", "1abc"},
                    "denied: \"1abc\" is not a valid object name (cannot start with a digit)");
    check_rejection({"-N", "a b"}, "Error reading answer list from qmaster");
}

TEST_CASE("dummy queue: names follow the rules of Grid Engine") {
    for (const auto* const good :
         {"a", "#", "q2020-01-01T12.00.00_000000001", "-_.#%,;|()[]{}&=+~!$'\"<>^"}) {
        CHECK_FALSE(what_is_wrong_with_name(good));
    }
    for (const auto* const bad : {"", "1", "a@b", "a\\b", "a*", "a?", "a\tb", "a\nb", "\xc3\xa4", "None",
                                  "ALL", "template", "q2020-01-01T12:00:00#000000001"}) {
        CHECK(what_is_wrong_with_name(bad));
    }
    CHECK_FALSE(what_is_wrong_with_name(std::string(511, 'x')));
    CHECK(what_is_wrong_with_name(std::string(512, 'x')) ==
          "job name too long, maximum allowed length is 512 characters");
}

TEST_CASE("dummy queue: rejected submissions use up numbers, refused command lines do not") {
    State state;
    qsub_says(state, {"-t", "0", "ok.sh"});
    qsub_says(state, {"-zzz", "ok.sh"});
    CHECK(qsub_says(state, {"-terse", "ok.sh"}).out == "2\n");
}

TEST_CASE("dummy queue: a limit of queue jobs per user is answered with exit code 25") {
    State state;
    state.max_u_jobs = 2;
    qsub_says(state, {"-t", "1-5", "ok.sh"});
    qsub_says(state, {"ok.sh"});
    const auto answer = qsub_says(state, {"ok.sh"});
    CHECK(answer.exit_code == 25);
    CHECK(answer.err ==
          "Unable to run job: job rejected: only 2 jobs are allowed per user (current job count: "
          "2)\nExiting.\n");
}

TEST_CASE("dummy queue: options end where the command begins, whose arguments may look like options") {
    const auto submission = submission_of({"-b", "y", "-shell", "n", "/bin/echo", "-N", "x", ""});
    CHECK(submission.command == std::vector<std::string>{"/bin/echo", "-N", "x", ""});
    CHECK(submission.JB_name == "echo");
    CHECK(submission.is_binary);
    CHECK_FALSE(submission.through_shell);
}

TEST_CASE("dummy queue: options that have no effect here are accepted with their arguments") {
    const std::vector<std::string> words{
        "-cwd",     "-r",        "y",   "-m",    "n",     "-M",    "me@here",  "-A",     "acct",
        "-notify",  "-R",        "y",   "-now",  "n",     "-hard", "-q",       "long.q", "-P",
        "proj",     "-hold_jid", "5",   "-soft", "-ckpt", "x",     "-binding", "set",    "linear:1",
        "-binding", "linear:2",  "-pe", "smp",   "4",     "-sync", "n",        "ok.sh",  "arg"};
    const auto submission = submission_of(words);
    CHECK(submission.command == std::vector<std::string>{"ok.sh", "arg"});
    CHECK(submission.working_directory == "/here");
    CHECK(submission.num_slots == 4);
    CHECK(submission.parallel_environment == "smp");
    CHECK(submission.queue_name == "long.q");
    CHECK(submission.recorded.size() == 14);
    CHECK(submission.recorded.front() == "-r y");
}

TEST_CASE("dummy queue: the options in a script count, and those of the command line win") {
    CHECK(submission_of({"with_options.sh"}).JB_name == "inside");
    CHECK(submission_of({"with_options.sh"}).held);
    CHECK(submission_of({"-N", "outside", "with_options.sh"}).JB_name == "outside");
    CHECK(submission_of({"-C", "#!!", "with_options.sh"}).JB_name == "with_options.sh");
    CHECK(submission_of({"-clear", "with_options.sh"}).JB_name == "with_options.sh");
    CHECK(submission_of({}).JB_name == "STDIN");
}

TEST_CASE("dummy queue: -v takes values and names of the caller's variables") {
    const auto environment = submission_of({"-v", "B=2,A,NO", "ok.sh"}).environment;
    REQUIRE(environment.size() > 3);
    CHECK(environment[0] == "B=2");
    CHECK(environment[1] == "A=from caller");
    CHECK(environment[2] == "NO=");
}

TEST_CASE("dummy queue: the path of -o may have a host and colons") {
    CHECK(submission_of({"-o", ":/path/with:colon", "ok.sh"}).output_path == "/path/with:colon");
    CHECK(submission_of({"-o", "vm:/path", "ok.sh"}).output_path == "/path");
    State state;
    CHECK(qsub_says(state, {"-o", "vm:/path", "ok.sh"}).exit_code == 0);
}
