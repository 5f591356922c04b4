#include <catch2/catch.hpp>

#include "conformance/queue.hpp"

using namespace qmr::conformance;
using Catch::Matchers::EndsWith;

namespace {

const std::string unknown = "999999";

}  // namespace

TEST_CASE("conformance: qdel of queue jobs that wait", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto user = queue->user();
    const auto one = queue->submit("one", {"-h"}, {"/bin/true"});
    const auto two = queue->submit("two", {"-h"}, {"/bin/true"});
    const auto three = queue->submit("three", {"-h"}, {"/bin/true"});
    const auto four = queue->submit("four", {"-h"}, {"/bin/true"});
    check(queue->qdel({one}), 0, user + " has deleted job " + one + "\n");
    check(queue->qdel({one}), 1, "denied: job \"" + one + "\" does not exist\n");
    check(queue->qdel({two, unknown, three}), 1,
          user + " has deleted job " + two + "\ndenied: job \"" + unknown + "\" does not exist\n" + user +
              " has deleted job " + three + "\n");
    check(queue->qdel({four + "," + unknown}), 1,
          user + " has deleted job " + four + "\ndenied: job \"" + unknown + "\" does not exist\n");
    check(queue->qdel({unknown + ".1"}), 1, "denied: job \"" + unknown + "\" does not exist\n");
}

TEST_CASE("conformance: qdel of tasks that wait", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto user = queue->user();
    const auto array = queue->submit("array", {"-h", "-t", "1-10"}, {"/bin/true"});
    check(queue->qdel({array + ".3"}), 0, user + " has deleted job-array task " + array + ".3\n");
    check(queue->qdel({array + ".3"}), 1, "job \"" + array + "\" task \"3\" does not exist\n");
    check(queue->qdel({array, "-t", "4-6"}), 0,
          user + " has deleted job-array tasks 4-6:1 of job " + array + "\n");
    check(queue->qdel({array, "-t", "4-6"}), 1,
          "job \"" + array + "\" task id range \"4-6:1\" comprises no tasks\n");
    check(queue->qdel({array, "-t", "50"}), 1, "job \"" + array + "\" task \"50\" does not exist\n");
    check(queue->qdel({array, "-t", "7,9"}), 0,
          user + " has deleted job-array tasks 7,9 of job " + array + "\n");
    check(queue->qdel({array, "-t", "6-8"}), 0, user + " has deleted job-array task " + array + ".8\n");
    check(queue->qdel({array}), 0, user + " has deleted job " + array + "\n");

    const auto odd = queue->submit("odd", {"-h", "-t", "1-9:2"}, {"/bin/true"});
    check(queue->qdel({odd, "-t", "1-4"}), 0, user + " has deleted job-array tasks 1,3 of job " + odd + "\n");
    check(queue->qdel({odd, "-t", "1-9"}), 0,
          user + " has deleted job-array tasks 5-9:2 of job " + odd + "\n");
    check(queue->qdel({odd}), 1, "denied: job \"" + odd + "\" does not exist\n");

    const auto single = queue->submit("single", {"-h"}, {"/bin/true"});
    check(queue->qdel({single + ".1"}), 0, user + " has deleted job-array task " + single + ".1\n");
    check(queue->qdel({single, "-t", "1"}), 1, "denied: job \"" + single + "\" does not exist\n");
}

TEST_CASE("conformance: qdel by name and pattern", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto user = queue->user();
    const auto one = queue->submit("name", {"-h"}, {"/bin/true"});
    const auto two = queue->submit("name", {"-h"}, {"/bin/true"});
    const auto longer = queue->submit("name_too", {"-h"}, {"/bin/true"});
    check(queue->qdel({"nam"}), 1, "The job nam of user(s) " + user + " does not exist\n");
    check(queue->qdel({"nosuch*"}), 1, "The job nosuch* of user(s) " + user + " does not exist\n");
    check(queue->qdel({"name"}), 0,
          user + " has deleted job " + one + "\n" + user + " has deleted job " + two + "\n");
    check(queue->qdel({"name*"}), 0, user + " has deleted job " + longer + "\n");
}

TEST_CASE("conformance: qdel refuses bad command lines, and deletes nothing", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto array = queue->submit("array", {"-h", "-t", "1-10"}, {"/bin/true"});
    for (const auto* const ranges : {"1,2,8", "5,7-9"}) {
        const auto answer = queue->qdel({array, "-t", ranges});
        CHECK(answer.exit_code == 1);
        CHECK(answer.out.empty());
        CHECK_THAT(answer.err, EndsWith("error: -t option only allows one range specification\n"));
    }
    const auto lonely = queue->qdel({"-t", "1"});
    CHECK(lonely.exit_code == 1);
    CHECK_THAT(lonely.err,
               EndsWith("error: found lonely '-t 1' option (The -t option needs a leading job name).\n"));
    const auto zero = queue->qdel({"0"});
    CHECK(zero.exit_code == 1);
    CHECK_THAT(zero.err, EndsWith("error: ERROR! \"0\" is an invalid job-task identifier\n"));
    const auto nothing = queue->qdel({});
    CHECK(nothing.exit_code == 1);
    CHECK(nothing.out == "ERROR! no option argument\n");
    check(queue->qdel({"-zzz"}), 1, "The job -zzz of user(s) " + queue->user() + " does not exist\n");
    CHECK(normalised(queue->qstat().out) == table(*queue, {{array, "array", "hqw", "1-10:1"}}));
}

TEST_CASE("conformance: qdel of what runs", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto user = queue->user();
    const auto directory = queue->directory().native();
    const auto single = queue->submit_shell("single", {"-wd", directory}, until_told);
    const auto array = queue->submit_shell("array", {"-t", "1-4", "-tc", "2", "-wd", directory}, until_told);
    wait_for(*queue, {{single, "single", "r"},
                      {array, "array", "r", "1"},
                      {array, "array", "r", "2"},
                      {array, "array", "qw", "3,4"}});
    check(queue->qdel({single}), 0, user + " has registered the job " + single + " for deletion\n");
    check(queue->qdel({array + ".2"}), 0,
          user + " has registered the job-array task " + array + ".2 for deletion\n");
    check(queue->qdel({array, "-t", "4"}), 0, user + " has deleted job-array task " + array + ".4\n");
    wait_for(*queue, {{array, "array", "r", "1"}, {array, "array", "r", "3"}});
    check(queue->qdel({array}), 0,
          user + " has registered the job-array task " + array + ".1 for deletion\n" + user +
              " has registered the job-array task " + array + ".3 for deletion\n");
    wait_until_empty(*queue);
    check(queue->qdel({array}), 1, "denied: job \"" + array + "\" does not exist\n");
}
