#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "adapters/json_lines.hpp"
#include "adapters/lease.hpp"
#include "full_chain/in_process.hpp"
#include "ground/host.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

void ignore(const std::string&) {}

/// A lease of a process that is not of this machine.
void write_foreign_lease(const WorkDir& work_dir, std::size_t igeneration, double silence) {
    const Json holder{
        {"host", "elsewhere"}, {"machine", "another"}, {"pid", 7}, {"begin", 8}, {"silence", silence}};
    write_file(work_dir.lease(igeneration), holder.dump());
}

std::size_t num_leases(const TemporaryDirectory& directory) {
    std::size_t number = 0;
    for (const auto& entry : fs::directory_iterator(directory.path()))
        number += entry.path().filename().native().starts_with("lease.") ? 1U : 0U;
    return number;
}

}  // namespace

TEST_CASE("a lease tells its holder, and goes with it") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    {
        const Lease lease(work_dir, Seconds{7}, ignore);
        const auto holder = read_lease(work_dir.lease(1));
        REQUIRE(holder);
        CHECK(holder->host == host_name());
        CHECK(holder->machine == machine_id());
        CHECK(holder->pid == ::getpid());
        CHECK(holder->begin == begin_of_process(::getpid()));
        CHECK(holder->silence == 7);
    }
    CHECK(num_leases(directory) == 0);
}

TEST_CASE("a lease that a living process has is refused at once, and names that process") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const Lease lease(work_dir, Seconds{3600}, ignore);
    const std::string who = "process " + std::to_string(::getpid()) + " on " + host_name();
    CHECK_THROWS_AS(Lease(work_dir, Seconds{1}, ignore), BadInput);
    CHECK_THROWS_WITH(Lease(work_dir, Seconds{1}, ignore), Catch::Contains(who));
    CHECK(num_leases(directory) == 1);
}

TEST_CASE("the lease of a process that was killed is taken over at once") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    InProcess holder([&] {
        const Lease lease(work_dir, Seconds{3600}, ignore);
        ::raise(SIGKILL);
        return 0;
    });
    CHECK(holder.ended_by() == SIGKILL);
    REQUIRE(num_leases(directory) == 1);
    const Lease lease(work_dir, Seconds{1}, ignore);
    CHECK(num_leases(directory) == 1);
    CHECK(read_lease(work_dir.lease(2))->pid == ::getpid());
}

TEST_CASE("a process that is dead and not yet waited for has no lease") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lease = new Lease(work_dir, Seconds{3600}, ignore);
        ::_exit(lease == nullptr ? 1 : 0);
    }
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
    CHECK_NOTHROW(Lease(work_dir, Seconds{1}, ignore));
    ::waitpid(child, nullptr, 0);
}

TEST_CASE("a lease of another machine is over when nobody touches it for as long as it said") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_foreign_lease(work_dir, 4, 0.5);
    std::string told;
    const Lease lease(work_dir, Seconds{1}, [&](const std::string& text) { told = text; });
    CHECK_THAT(told, Catch::Contains("process 7 on elsewhere worked on this map"));
    CHECK(read_lease(work_dir.lease(5))->pid == ::getpid());
}

TEST_CASE("a lease of another machine that is touched meanwhile is refused") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_foreign_lease(work_dir, 1, 3600);
    InProcess holder([&] {
        while (true) {
            ::utimensat(AT_FDCWD, work_dir.lease(1).c_str(), nullptr, 0);
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return 0;
    });
    CHECK_THROWS_WITH(Lease(work_dir, Seconds{1}, ignore), Catch::Contains("process 7 on elsewhere works"));
}

TEST_CASE("a lease of another machine that is given back meanwhile can be taken") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_foreign_lease(work_dir, 1, 3600);
    const auto give_back = [&](const std::string&) { ::unlink(work_dir.lease(1).c_str()); };
    CHECK_NOTHROW(Lease(work_dir, Seconds{1}, give_back));
}

TEST_CASE("whoever was taken over learns it at the next touch, and leaves the other's lease alone") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    {
        Lease sleeper(work_dir, Seconds{1}, ignore);
        // As another process does that thinks that this one is dead.
        write_foreign_lease(work_dir, 2, 1);
        ::unlink(work_dir.lease(1).c_str());
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));
        CHECK_THROWS_AS(sleeper.touch(), LeaseLost);
        CHECK_THROWS_AS(sleeper.touch(), LeaseLost);
    }
    CHECK(read_lease(work_dir.lease(2))->host == "elsewhere");
}

TEST_CASE("a touch shows others that the holder is alive") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    Lease lease(work_dir, Seconds{1}, ignore);
    struct stat before {};
    REQUIRE(::stat(work_dir.lease(1).c_str(), &before) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    lease.touch();
    struct stat after {};
    REQUIRE(::stat(work_dir.lease(1).c_str(), &after) == 0);
    CHECK(std::pair(before.st_mtim.tv_sec, before.st_mtim.tv_nsec) !=
          std::pair(after.st_mtim.tv_sec, after.st_mtim.tv_nsec));
}

TEST_CASE("what is no lease names nobody") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    CHECK_FALSE(read_lease(work_dir.lease(1)));
    write_file(work_dir.lease(1), GENERATE("", "{", "[]", "{}", "{\"host\": 7}"));
    CHECK_FALSE(read_lease(work_dir.lease(1)));
}

TEST_CASE("whoever looks at a lease learns of its holder, and does not touch it") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    CHECK_FALSE(look_at_lease(work_dir.lease(1)));
    const auto now = std::chrono::system_clock::now();
    {
        const Lease lease(work_dir, Seconds{7}, ignore);
        const auto seen = look_at_lease(work_dir.lease(1));
        REQUIRE(seen);
        REQUIRE(seen->holder);
        CHECK(seen->holder->pid == ::getpid());
        REQUIRE(seen->holder->since);
        CHECK(std::chrono::abs(*seen->holder->since - now) < std::chrono::minutes(1));
        CHECK(seen->is_alive == true);
        CHECK(look_at_lease(work_dir.lease(1))->touched == seen->touched);
    }
    write_foreign_lease(work_dir, 2, 100);
    const auto foreign = look_at_lease(work_dir.lease(2));
    REQUIRE(foreign);
    CHECK_FALSE(foreign->is_alive);
    CHECK(foreign->is_fresh(foreign->touched + std::chrono::seconds(99)));
    CHECK_FALSE(foreign->is_fresh(foreign->touched + std::chrono::seconds(101)));
}
