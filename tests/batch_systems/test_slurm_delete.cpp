#include <catch2/catch.hpp>
#include <stdexcept>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;

namespace {

using Argv = std::vector<std::string>;
using qmr::test::slurm;

}  // namespace

TEST_CASE("scancel gets ids and names, without which an id may be that of another queue job") {
    const std::vector<JobToDelete> jobs{{"160", {}, "q1.0#000000001"}, {"161", {}, "q1.1#000000002"}};
    CHECK(slurm.delete_commands("scancel", jobs) ==
          std::vector<Argv>{{"scancel", "--name=q1.0#000000001,q1.1#000000002", "160", "161"}});
    CHECK(slurm.delete_by_name_command("scancel", "q1.0", "") == Argv{"scancel", "--name=q1.0"});
}

TEST_CASE("scancel gets no name with array tasks, since it would cancel all of the array that waits") {
    const std::vector<JobToDelete> jobs{
        {"161", 3, "q1.1"}, {"160", {}, "q1.0#000000001"}, {"161", 4, "q1.1"}};
    CHECK(slurm.delete_commands("scancel", jobs) ==
          std::vector<Argv>{{"scancel", "--name=q1.0#000000001", "160"}, {"scancel", "161_3", "161_4"}});
}

TEST_CASE("scancel never gets what it would take for something else") {
    for (const char* id : {"", "0", "-1", "1x", "--user=root", "99999999999"}) {
        CAPTURE(id);
        const std::vector<JobToDelete> jobs{{id, {}, "q1.0"}};
        CHECK_THROWS_AS(slurm.delete_commands("scancel", jobs), std::invalid_argument);
    }
    for (const char* name : {"", "a,b", "a b", "a\nb"}) {
        CAPTURE(name);
        const std::vector<JobToDelete> jobs{{"7", {}, name}};
        CHECK_THROWS_AS(slurm.delete_commands("scancel", jobs), std::invalid_argument);
        CHECK_THROWS_AS(slurm.delete_by_name_command("scancel", name, ""), std::invalid_argument);
    }
}

TEST_CASE("scancel is believed when it is silent, or complains of nothing but what has ended") {
    const auto read = [](int exit_code, const std::string& err) {
        return slurm.read_delete_answer({.exit_code = exit_code, .ended = true, .out = {}, .err = err});
    };
    CHECK(read(0, ""));
    CHECK(read(1, "scancel: error: Kill job error on job id 7: Invalid job id specified\n"));
    CHECK_FALSE(read(1, ""));
    CHECK_FALSE(read(1,
                     "scancel: error: Kill job error on job id 7: Invalid job id specified\n"
                     "scancel: error: Kill job error on job id 8: Access/permission denied\n"));
    CHECK_FALSE(read(210, "scancel: error: Kill job error on job id 8: Access/permission denied\n"));
}

TEST_CASE("scancel gets what is on one cluster at a time, since ids are those of a cluster") {
    const std::vector<JobToDelete> jobs{
        {"7;b", 1, "q1.0"}, {"7", 1, "q1.1"}, {"7;b", 2, "q1.0"}, {"8;a", {}, "q1.2"}};
    CHECK(slurm.delete_commands("scancel", jobs) ==
          std::vector<Argv>{{"scancel", "7_1"},
                            {"scancel", "--clusters=a", "--name=q1.2", "8"},
                            {"scancel", "--clusters=b", "7_1", "7_2"}});
    CHECK(slurm.delete_by_name_command("scancel", "q1.0", "b") ==
          Argv{"scancel", "--clusters=b", "--name=q1.0"});
    for (const char* id : {"7;", "7;a,b", "7;a b", ";a", "7;-x"}) {
        CAPTURE(id);
        CHECK_THROWS_AS(slurm.delete_commands("scancel", std::vector<JobToDelete>{{id, {}, "q1.0"}}),
                        std::invalid_argument);
    }
}
