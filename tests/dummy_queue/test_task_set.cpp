#include <catch2/catch.hpp>

#include "dummy_queue/task_set.hpp"

using namespace qmr::dummy_queue;
using Verdict = TaskRangeArgument::Verdict;

TEST_CASE("dummy queue: tasks are written as Grid Engine writes them") {
    CHECK(to_text(TaskSet{}, 1).empty());
    CHECK(to_text({7}, 1) == "7");
    CHECK(to_text({4, 5}, 1) == "4,5");
    CHECK(to_text({2, 3, 4, 5, 6, 10, 13, 15, 17, 18, 19, 20}, 1) == "2-6:1,10,13,15,17-20:1");
    CHECK(to_text({7, 8, 9, 11, 12, 14, 16}, 1) == "7-9:1,11,12,14,16");
    CHECK(to_text({1, 3, 5}, 2) == "1-5:2");
    CHECK(to_text({1, 3}, 2) == "1,3");
    CHECK(to_text(TaskRange{4, 6, 1}) == "4-6:1");
    CHECK(to_text(TaskRange{2, 10, 4}) == "2-10:4");
}

TEST_CASE("dummy queue: what is written as tasks is read back") {
    for (const TaskSet& tasks : {TaskSet{}, TaskSet{1}, TaskSet{1, 2, 4, 5, 6, 9, 1000}}) {
        CHECK(read_task_set(to_text(tasks, 1)) == tasks);
    }
    CHECK_FALSE(read_task_set("1-"));
    CHECK_FALSE(read_task_set("1-18446744073709551615"));
    CHECK_FALSE(read_task_set("1-5213521"));
    CHECK_FALSE(read_task_set("1-600000,600001-1200000"));
}

TEST_CASE("dummy queue: the argument of -t may be one range, in whatever order") {
    CHECK(read_task_range("7").range == TaskRange{7, 7, 1});
    CHECK(read_task_range("1-10").range == TaskRange{1, 10, 1});
    CHECK(read_task_range("2-10:4").range == TaskRange{2, 10, 4});
    CHECK(read_task_range("5-1").range == TaskRange{1, 5, 1});
    CHECK(read_task_range("1,3,5").range == TaskRange{1, 5, 2});
    CHECK(read_task_range("1,3,6").verdict == Verdict::several_ranges);
    CHECK(read_task_range("1-2,5-6").verdict == Verdict::several_ranges);
    CHECK(read_task_range("1,2,18446744073709551615").verdict == Verdict::several_ranges);
    for (const auto* const bad : {"", "a", "1-", "-1", "1-2:0", "1 2", "+1", "1-2-3"}) {
        CHECK(read_task_range(bad).verdict == Verdict::not_a_number);
    }
}
