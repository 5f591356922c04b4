// qmr map where its user may have hardly any more processes.

#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "cli/command_line.hpp"
#include "full_chain/in_process.hpp"

using namespace qmr::test;

namespace {

// Nobody else's, so that no other process counts for its limit.
uid_t user_of_this_test() {
    return 200'000 + static_cast<uid_t>(::getpid());
}

void become(uid_t user) {
    if (::setgid(user) != 0 || ::setuid(user) != 0) ::_exit(99);
}

// Why there can be no such user. Empty: there can.
std::string obstacle(uid_t user) {
    if (::geteuid() != 0) return "needs root, to become a user of which no other process is";
    InProcess may_run([&] {
        become(user);
        return ::access("/proc/self/exe", X_OK) == 0 ? 0 : 1;
    });
    return may_run.exit_code() == 0 ? "" : "other users can not run this program where it is";
}

}  // namespace

TEST_CASE("cli, map: where processes are used up, fewer commands run at a time, and none fails of that") {
    const uid_t user = user_of_this_test();
    if (const std::string why = obstacle(user); !why.empty()) {
        WARN("skipped: " << why);
        return;
    }
    // The command, and a worker with its two processes: one of which another worker could take.
    const rlim_t most = GENERATE(rlim_t{4}, rlim_t{5}, rlim_t{6});
    CommandLine line;
    REQUIRE(::chown(line.directory().c_str(), user, user) == 0);
    const Ran ran =
        line.run({"map", "--max-num-running", "2", "--halt", "now,fail=1", "--", "printf", "%s\n", "{}"},
                 lines(6), [&] {
                     const rlimit limit{most, most};
                     if (::setrlimit(RLIMIT_NPROC, &limit) != 0) ::_exit(98);
                     become(user);
                 });
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == lines(6));
}
