#include <catch2/catch.hpp>
#include <csignal>

#include "adapters/process_tree.hpp"
#include "adapters/subprocess.hpp"
#include "other_processes.hpp"

using namespace qmr::detail;
using namespace qmr::test;

TEST_CASE("a tree is killed while other processes come and go") {
    Process others({"/bin/sh", "-c", "while :; do /bin/true; /bin/true & done"}, {});
    for (int i = 0; i < 300; ++i) {
        Process process({"/bin/sleep", "1000"}, {});
        REQUIRE_NOTHROW(kill_tree(process.pid()));
        CHECK(process.wait().signal == SIGKILL);
    }
    kill_tree(others.pid());
    CHECK(others.wait().signal == SIGKILL);
}

TEST_CASE("a process is killed with all that it has started, in whichever process group that is") {
    const NamedPipe pipe;
    // The innermost one has a session of its own, and the pipe.
    Process process(
        {"/bin/sh", "-c",
         "setsid sh -c 'exec 3>\"$0\"; echo ready >&3; sleep 1000; true' '" + pipe.path() + "' & wait; true"},
        {});
    pollfd watched{pipe.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&watched, 1, -1) == 1);
    kill_tree(process.pid());
    CHECK(process.wait().signal == SIGKILL);
    CHECK(pipe.wait_until_all_have_closed_it());
}
