// What is told of a site before anything is mapped.

#include <catch2/catch.hpp>

#include "pool/own_path.hpp"
#include "qmr/error.hpp"
#include "qmr/site.hpp"

using namespace qmr;
using test::OwnPath;

namespace {

PoolOptions options_with(const std::string& batch_system) {
    PoolOptions options;
    options.batch_system = batch_system;
    return options;
}

}  // namespace

TEST_CASE("site: the programs of a batch system are told with where they are, or that they are not there") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qstat", "exit 1\n");
    auto options = options_with("sge");
    options.qdel_path = "/not/there";
    const auto found = find_programs(options);
    REQUIRE(found.size() == 1);
    CHECK(found[0].batch_system == "sge");
    REQUIRE(found[0].programs.size() == 4);
    const auto& [submit, list, remove, account] =
        std::tie(found[0].programs[0], found[0].programs[1], found[0].programs[2], found[0].programs[3]);
    CHECK(submit.option == "qsub_path");
    CHECK(submit.name == "qsub");
    CHECK(submit.path == path.of("qsub"));
    CHECK(list.path == path.of("qstat"));
    CHECK(remove.option == "qdel_path");
    CHECK(remove.name == "/not/there");
    CHECK(remove.path.empty());
    CHECK(remove.is_needed);
    CHECK(account.name == path.of("qacct"));
    CHECK(account.path.empty());
    CHECK_FALSE(account.is_needed);
}

TEST_CASE("site: with auto the programs of each batch system are told, on the local cores none") {
    const OwnPath path;
    const auto found = find_programs(options_with("auto"));
    REQUIRE(found.size() == 2);
    CHECK(found[0].batch_system != found[1].batch_system);
    for (const auto& system : found)
        for (const auto& program : system.programs) CHECK(program.path.empty());
    CHECK(find_programs(options_with("local")).empty());
    CHECK_THROWS_WITH(find_programs(options_with("pbs")), Catch::Contains("there is no batch system 'pbs'"));
}

TEST_CASE("site: a batch system that is named is asked whether it answers") {
    const OwnPath path;
    test::add_programs_of_grid_engine(path);
    path.add("qstat", "echo 'cannot reach qmaster' >&2; exit 1\n");
    SiteQueue queue = find_queue(options_with("sge"));
    CHECK(queue.batch_system == "sge");
    CHECK(queue.complaint == "cannot reach qmaster");
    CHECK(queue.num_local_cores == 0);
    path.add("qstat", test::empty_listing);
    queue = find_queue(options_with("sge"));
    CHECK(queue.reason == "sge by " + path.of("qsub"));
    CHECK(queue.complaint.empty());
}

TEST_CASE("site: on the local cores it is told how many tasks would run at a time") {
    auto options = options_with("local");
    CHECK(find_queue(options).num_local_cores >= 1);
    options.max_num_running = 1;
    const SiteQueue queue = find_queue(options);
    CHECK(queue.batch_system == "local");
    CHECK(queue.reason == "local cores");
    CHECK(queue.num_local_cores == 1);
}

TEST_CASE("site: options that make no sense are refused without a map") {
    PoolOptions options;
    CHECK_NOTHROW(check_options(options));
    options.num_chunks = 0;
    CHECK_THROWS_AS(check_options(options), BadInput);
}
