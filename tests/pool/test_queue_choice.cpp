#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "pool/queue_choice.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

/// A $PATH with nothing but the programs that the test puts there.
class OwnPath {
  public:
    OwnPath() : before_(std::getenv("PATH")) { ::setenv("PATH", directory_.path().c_str(), 1); }
    ~OwnPath() { ::setenv("PATH", before_.c_str(), 1); }
    OwnPath(const OwnPath&) = delete;
    OwnPath& operator=(const OwnPath&) = delete;

    void add(const std::string& name, const std::string& script) const {
        const std::string path = (directory_ / name).native();
        std::ofstream(path) << "#!/bin/sh\n" << script;
        ::chmod(path.c_str(), 0700);
    }

  private:
    test::TemporaryDirectory directory_;
    std::string before_;
};

constexpr const char* empty_listing =
    "echo '<?xml version=\"1.0\"?><job_info><queue_info></queue_info><job_info></job_info></job_info>'\n";

PoolOptions automatic() {
    PoolOptions options;
    options.batch_system = "auto";
    return options;
}

}  // namespace

TEST_CASE("auto takes the batch system whose programs answer, and says so") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qstat", empty_listing);
    path.add("qdel", "exit 1\n");
    const QueueChoice choice = choose_queue(automatic());
    CHECK(choice.name() == "sge");
    CHECK_THAT(choice.reason,
               Catch::Contains("sge") && Catch::Contains("/qsub") && Catch::Contains("answers"));
}

TEST_CASE("auto takes the local cores where no program of a batch system is, and says so") {
    const OwnPath path;
    const QueueChoice choice = choose_queue(automatic());
    CHECK(choice.name() == "local");
    CHECK_THAT(choice.reason, Catch::Contains("local cores") && Catch::Contains("no batch system"));
}

TEST_CASE("auto takes the local cores where the batch system does not answer, and says so") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qdel", "exit 1\n");
    SECTION("an error") {
        path.add("qstat", "echo 'cannot reach qmaster' >&2; exit 1\n");
    }
    SECTION("the qstat of another system") {
        path.add("qstat", "echo 'job id  name  user'\n");
    }
    const QueueChoice choice = choose_queue(automatic());
    CHECK(choice.name() == "local");
    CHECK_THAT(choice.reason, Catch::Contains("/qstat does not answer as sge does"));
}

TEST_CASE("auto takes the local cores where one of the programs is missing") {
    const OwnPath path;
    path.add("qsub", "exit 1\n");
    path.add("qstat", empty_listing);
    CHECK(choose_queue(automatic()).name() == "local");
}

TEST_CASE("a batch system is known by its aliases") {
    const OwnPath path;
    for (const char* program : {"qsub", "qstat", "qdel"}) path.add(program, "exit 1\n");
    PoolOptions options;
    options.batch_system = "grid_engine";
    CHECK(choose_queue(options).name() == "sge");
}
