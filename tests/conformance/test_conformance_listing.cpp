#include <catch2/catch.hpp>

#include "conformance/queue.hpp"

using namespace qmr::conformance;
using Catch::Matchers::EndsWith;

TEST_CASE("conformance: qstat of an empty queue, and of a user that nobody knows", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    check(queue->qstat(), 0, "");
    check(queue->qstat({"-xml"}), 0, xml(*queue, {}));
    check(queue->qstat({"-u", "no_such_user"}), 0, "");
    check(queue->qstat({"-xml", "-u", "no_such_user", "-s", "prs"}), 0, xml(*queue, {}));
}

TEST_CASE("conformance: qstat refuses bad command lines in the last line of its stderr", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto check_refused = [&](const std::vector<std::string>& arguments, const std::string& why) {
        const auto answer = queue->qstat(arguments);
        CHECK(answer.exit_code == 1);
        CHECK(answer.out.empty());
        CHECK_THAT(answer.err, EndsWith(why + "\n"));
    };
    check_refused({"-s", "x"}, "ERROR! wrong argument to -s option");
    check_refused({"-s", "prsx"}, "ERROR! wrong argument to -s option");
    check_refused({"-zzz"}, "invalid option argument \"-zzz\"");
    check_refused({"-u"}, "-u option must have argument");
    check_refused({"-s"}, "-s option must have argument");
}

TEST_CASE("conformance: held queue jobs and what is left of arrays are listed collapsed", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto single = queue->submit("held", {"-h"}, {"/bin/true"});
    const auto odd = queue->submit("odd", {"-h", "-t", "1-5:2"}, {"/bin/true"});
    const auto array = queue->submit("array", {"-h", "-t", "1-20"}, {"/bin/true"});
    const auto one = queue->submit("one", {"-h", "-t", "7"}, {"/bin/true"});
    CHECK(queue->qdel({array, "-t", "7-9"}).exit_code == 0);
    for (const auto* const task : {".1", ".11", ".12", ".14", ".16"}) {
        CHECK(queue->qdel({array + task}).exit_code == 0);
    }
    const auto two = queue->submit("two_left", {"-h", "-t", "1-3"}, {"/bin/true"});
    CHECK(queue->qdel({two + ".1"}).exit_code == 0);
    const std::vector<Row> rows{{single, "held", "hqw"},
                                {odd, "odd", "hqw", "1-5:2"},
                                {array, "array", "hqw", "2-6:1,10,13,15,17-20:1"},
                                {one, "one", "hqw", "7"},
                                {two, "two_left", "hqw", "2,3"}};
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{}, {"-s", "h"}, {"-s", "p"}, {"-s", "a"}, {"-s", "prs", "-u", "*"}}) {
        const auto answer = queue->qstat(arguments);
        CHECK(normalised(answer.out) == table(*queue, rows));
        CHECK(answer.exit_code == 0);
    }
    CHECK(normalised(queue->qstat({"-xml"}).out) == xml(*queue, rows));
    CHECK(normalised(queue->qstat({"-xml", "-s", "h", "-u", queue->user()}).out) == xml(*queue, rows));
    check(queue->qstat({"-s", "r"}), 0, "");
    check(queue->qstat({"-s", "s"}), 0, "");
}

TEST_CASE("conformance: names are cut in the text, and < is peculiar in the XML", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto odd = queue->submit("a<b>'\"&c", {"-h"}, {"/bin/true"});
    const auto longer = queue->submit("longer_than_ten", {"-h"}, {"/bin/true"});
    CHECK(normalised(queue->qstat().out) ==
          table(*queue, {{odd, "a<b>'\"&c", "hqw"}, {longer, "longer_tha", "hqw"}}));
    CHECK(normalised(queue->qstat({"-xml"}).out) ==
          xml(*queue, {{odd, "a%lt;b&gt;&apos;&quot;&amp;c", "hqw"}, {longer, "longer_than_ten", "hqw"}}));
}

TEST_CASE("conformance: an array waits, runs and is gone", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto directory = queue->directory().native();
    const auto held = queue->submit("held", {"-h"}, {"/bin/true"});
    const auto array = queue->submit_shell("array", {"-t", "1-5", "-tc", "2", "-wd", directory}, until_told);
    const Row first{array, "array", "r", "1"};
    const Row second{array, "array", "r", "2"};
    const Row waiting{array, "array", "qw", "3-5:1"};
    const Row held_row{held, "held", "hqw"};
    wait_for(*queue, {first, second, held_row, waiting});
    wait_for(*queue, {first, second, held_row, waiting}, {"-xml"});
    wait_for(*queue, {first, second}, {"-s", "r"});
    wait_for(*queue, {held_row, waiting}, {"-s", "p"});
    wait_for(*queue, {held_row}, {"-s", "h"});
    wait_for(*queue, {first, second, held_row}, {"-s", "rh"});
    wait_for(*queue, {first, second, held_row, waiting}, {"-s", "a"});
    queue->write("go", "");
    wait_for(*queue, {held_row});
}

TEST_CASE("conformance: an array in several states at once, where tasks in error count for -tc", "[sge]") {
    const auto queue = make_queue();
    if (!queue) return;
    const auto directory = queue->directory().native();
    const auto array = queue->submit_shell("array", {"-t", "1-5", "-tc", "3", "-wd", directory},
                                           "if [ $SGE_TASK_ID = 2 ]; then exit 100; fi; " + until_told);
    const std::vector<Row> rows{{array, "array", "r", "1"},
                                {array, "array", "r", "3"},
                                {array, "array", "Eqw", "2"},
                                {array, "array", "qw", "4,5"}};
    wait_for(*queue, rows);
    wait_for(*queue, rows, {"-xml"});
    queue->write("go", "");
    wait_for(*queue, {{array, "array", "Eqw", "2"}});
    check(queue->qdel({array}), 0, queue->user() + " has deleted job " + array + "\n");
    wait_until_empty(*queue);
}
