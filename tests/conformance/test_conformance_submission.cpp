#include <catch2/catch.hpp>
#include <regex>

#include "conformance/queue.hpp"

using namespace qmr::conformance;

namespace {

const std::string script = "#!/bin/sh\nexit 0\n";

/// The first number, which is that of the queue job, becomes N.
std::string without_number(const std::string& text) {
    static const std::regex number(R"(\d+)");
    return std::regex_replace(text, number, "N", std::regex_constants::format_first_only);
}

void check_accepted(Queue& queue, std::vector<std::string> options, const std::string& out) {
    options.insert(options.begin(), "-h");
    options.emplace_back("ok.sh");
    const auto answer = queue.qsub(options);
    CHECK(without_number(answer.out) == out + "\n");
    CHECK(answer.err.empty());
    CHECK(answer.exit_code == 0);
}

void check_refused(Queue& queue, std::vector<std::string> options, int exit_code, const std::string& err) {
    options.emplace_back("ok.sh");
    check(queue.qsub(options), exit_code, "", err + "\n");
}

void check_rejected(Queue& queue, const std::vector<std::string>& options, const std::string& why) {
    check_refused(queue, options, 1, "Unable to run job: " + why + "\nExiting.");
}

}  // namespace

TEST_CASE("conformance: qsub tells the number of what it accepts", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    queue->write("ok.sh", script);
    check_accepted(*queue, {}, "Your job N (\"ok.sh\") has been submitted");
    check_accepted(*queue, {"-terse"}, "N");
    check_accepted(*queue, {"-N", "name"}, "Your job N (\"name\") has been submitted");
    check_accepted(*queue, {"-t", "1-10"}, "Your job-array N.1-10:1 (\"ok.sh\") has been submitted");
    check_accepted(*queue, {"-terse", "-t", "1-10"}, "N.1-10:1");
    check_accepted(*queue, {"-terse", "-t", "2-10:4"}, "N.2-10:4");
    check_accepted(*queue, {"-terse", "-t", "7"}, "N.7-7:1");
    check_accepted(*queue, {"-t", "5-1"}, "Your job-array N.1-5:1 (\"ok.sh\") has been submitted");
    check_accepted(*queue, {"-t", "1,3,5"}, "Your job-array N.1-5:2 (\"ok.sh\") has been submitted");
    check_accepted(*queue, {"-t", "1-10:20", "-terse"}, "N.1-10:20");
    check_accepted(*queue, {"-t", "75001", "-terse"}, "N.75001-75001:1");
    check_accepted(*queue, {"-tc", "0", "-t", "1-2", "-terse"}, "N.1-2:1");
    check_accepted(*queue, {"-p", "-5", "-terse"}, "N");
    check_accepted(*queue, {"-pe", "smp", "1-3", "-terse"}, "N");
    check_accepted(*queue, {"-wd", "/no/such", "-o", "/no/such/file", "-terse"}, "N");
    check_accepted(*queue, {"-v", "A=1,B", "-r", "y", "-m", "n", "-notify", "-cwd", "-terse"}, "N");
    check_accepted(*queue, {"-N", std::string(200, 'x')},
                   "Your job N (\"" + std::string(100, 'x') + "\") has been submitted");
    check_accepted(*queue, {"-N", std::string(511, 'x'), "-terse"}, "N");
    check_accepted(*queue, {"-N", "#-_.%,;|()[]{}&=+~!$<>^", "-terse"}, "N");
    check(queue->qsub({"-w", "v", "ok.sh"}), 0, "verification: found suitable queue(s)\n");
}

TEST_CASE("conformance: qsub warns on standard output of some options that are given twice", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    queue->write("ok.sh", script);
    check_accepted(*queue, {"-N", "a", "-N", "b", "-r", "y", "-t", "1-5", "-t", "1-3", "-r", "n", "-terse"},
                   "qsub: warning: \"-N\" option has already been set, overriding previous setting\n"
                   "qsub: warning: \"-r\" option has already been set, overriding previous setting\n"
                   "N.1-3:1");
}

TEST_CASE("conformance: qsub refuses bad command lines", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    queue->write("ok.sh", script);
    check_refused(*queue, {"-zzz"}, 2, "qsub: invalid option argument \"-zzz\"");
    check_refused(*queue, {"-N", "a/b"}, 2, "qsub: argument to -N option must not contain / ");
    check_refused(*queue, {"-t", "1-2,5-6"}, 7, "qsub: -t option only allows one range specification");
    check_refused(*queue, {"-t", "1,3,6"}, 7, "qsub: -t option only allows one range specification");
    check_refused(*queue, {"-t", "a"}, 7,
                  "qsub: Numerical value invalid!\n"
                  "The initial portion of string \"a\" contains no decimal number");
    check_refused(*queue, {"-tc", "x", "-t", "1-2"}, 7,
                  "qsub: invalid task concurrency number \"x\". Must be an integer greater or equal to 0.");
    check_refused(*queue, {"-p", "2000"}, 7,
                  "qsub: invalid priority \"2000\".  Must be an integer from -1023 to 1024");
    check_refused(*queue, {"-j", "x"}, 7, "qsub: invalid option argument \"-j x\"");
    check_refused(
        *queue, {"nosuch.sh"}, 14,
        "Unable to read script file because of error: error opening nosuch.sh: No such file or directory");
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {"-terse"}}) {
        check(queue->qsub(arguments), 4, "",
              "Unable to read script file because of error: no input read from stdin\n");
    }
    check(queue->qsub({"-N"}), 2, "", "qsub: -N option must have argument\n");
    check(queue->qsub({"-t"}), 2, "", "qsub: -t option must have a list of task id ranges\n");
    check(queue->qsub({"-b", "y"}), 2, "", "qsub: command required for a binary job\n");
}

TEST_CASE("conformance: the qmaster rejects what can not be", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    queue->write("ok.sh", script);
    check_rejected(*queue, {"-t", "0-5"}, "job rejected: 0 is an invalid task id");
    check_rejected(*queue, {"-t", "1-75001"},
                   "job rejected: you tried to submit a job with more than 75000 tasks");
    check_rejected(*queue, {"-tc", "2"}, "invalid \"task concurrency\" value in job request");
    check_rejected(*queue, {"-p", "5"},
                   "job rejected: positive submission priority requires operator privileges");
    check_rejected(*queue, {"-pe", "smp", "0"}, "\"job\" rejected: pe range must be greater than zero");
    check_rejected(*queue, {"-o", "/a,/b"}, "ERROR! two files are specified for the same host");
    check_rejected(*queue, {"-e", "/a,/b"}, "ERROR! two files are specified for the same host");
    check_rejected(*queue, {"-o", "/a/b:c"}, "can't resolve hostname \"/a/b\"");
    check_rejected(*queue, {"-l", "h_rt=abc"}, "attribute \"h_rt\" is not a time value");
    check_rejected(*queue, {"-l", "h_rt="}, "denied: missing value for resource \"h_rt\"");
    check_rejected(*queue, {"-l", "h_vmem=abc"}, "attribute \"h_vmem\" is not a memory value");
}

TEST_CASE("conformance: the qmaster rejects bad names", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    queue->write("ok.sh", script);
    const auto check_name = [&](const std::string& name, const std::string& why) {
        CAPTURE(name);
        check_rejected(*queue, {"-N", name}, why);
    };
    check_name("", "job rejected cause there is no job_name in the request");
    check_name("1abc", "denied: \"1abc\" is not a valid object name (cannot start with a digit)");
    check_name("a:b", "Colon (':') not allowed in objectname");
    check_name("a@b", "At ('@') not allowed in objectname");
    check_name("a*", "Asterisk ('*') not allowed in objectname");
    check_name("a?", "Questionmark ('?') not allowed in objectname");
    check_name("a\\b", "Backslash ('\\') not allowed in objectname");
    check_name("a\tb", "Tab not allowed in objectname");
    check_name("a\nb", "Return not allowed in objectname");
    check_name("a\rb", "Carriage return not allowed in objectname");
    check_name("a b", "Error reading answer list from qmaster");
    check_name("\xc3\xa4", "Error reading answer list from qmaster");
    check_name("None", "Keyword (\"NONE\") not allowed as objectname");
    check_name("all", "Keyword (\"ALL\") not allowed as objectname");
    check_name("template", "Keyword (\"TEMPLATE\") not allowed as objectname");
    check_name(std::string(512, 'x'), "job name too long, maximum allowed length is 512 characters");
}

TEST_CASE("conformance: a limit of queue jobs is answered with exit code 25, and an array counts as one",
          "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    queue->write("ok.sh", script);
    queue->submit("array", {"-h", "-t", "1-5"}, {"/bin/true"});
    queue->limit_num_jobs(2);
    const auto second = queue->submit("second", {"-h"}, {"/bin/true"});
    const std::string refusal =
        "Unable to run job: job rejected: only 2 jobs are allowed per user (current job count: "
        "2)\nExiting.\n";
    check(queue->qsub({"ok.sh"}), 25, "", refusal);
    CHECK(queue->qdel({second}).exit_code == 0);
    queue->submit("third", {"-h"}, {"/bin/true"});
    check(queue->qsub({"-t", "1-2", "ok.sh"}), 25, "", refusal);
    queue->limit_num_jobs(0);
}
