#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <numeric>

#include "adapters/claims.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

struct ClaimsOnDisk {
    TemporaryDirectory directory;
    WorkDir names{directory.path()};
    Claims claims{names};

    ClaimsOnDisk() { fs::create_directory(names.claims()); }
};

std::vector<std::size_t> sorted(std::vector<std::size_t> numbers) {
    std::ranges::sort(numbers);
    return numbers;
}

constexpr JobKey one{0, 1};
constexpr JobKey other{3, 75'000};

}  // namespace

TEST_CASE("a chunk is for the queue job that claims it first") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    CHECK(claims.take(7, one));
    CHECK_FALSE(claims.take(7, other));
    CHECK(claims.take(8, other));
    CHECK(claims.claimant(7) == one);
    CHECK(claims.claimant(8) == other);
    CHECK(sorted(claims.taken(100)) == std::vector<std::size_t>{7, 8});
}

TEST_CASE("a queue job that runs again has what it had claimed") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    CHECK(claims.take(7, other));
    CHECK(claims.take(7, other));
}

TEST_CASE("a claim is taken away from its queue job, and from no other") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    CHECK(claims.take(7, one));
    claims.free(7, other);
    claims.free_if_no_claim(7);
    CHECK(claims.claimant(7) == one);
    claims.free(7, one);
    CHECK_FALSE(claims.claimant(7));
    CHECK(claims.taken(100).empty());
    CHECK(claims.take(7, other));
    claims.free(8, one);  // was never there
}

TEST_CASE("a claim is handed over to another queue job, whoever has it, and nobody can take it meanwhile") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    REQUIRE(claims.take(5, one));
    claims.hand_over(5, other);
    CHECK(claims.claimant(5) == other);
    CHECK_FALSE(claims.take(5, one));
    claims.hand_over(6, other);
    CHECK(claims.claimant(6) == other);
    CHECK(sorted(claims.taken(10)) == std::vector<std::size_t>{5, 6});
}

TEST_CASE("a claim that was about to be handed over when the pool was killed is none, and not in the way") {
    const ClaimsOnDisk disk;
    const std::string temporary = disk.names.claim(5).native() + ".tmp";
    REQUIRE(::symlink("9.9", temporary.c_str()) == 0);
    CHECK(disk.claims.taken(10).empty());
    disk.claims.hand_over(5, other);
    CHECK(disk.claims.claimant(5) == other);
    CHECK(::access(temporary.c_str(), F_OK) != 0);
}

TEST_CASE("what is no claim names no queue job, is in the way, and can be taken away") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    const auto text = GENERATE(as<std::string>{}, "x", "1", "1.", ".1", "-1.1", "1.1x", "1 .1", "1.1.1",
                               "99999999999999999999999.1", std::string(1000, '1'));
    CAPTURE(text);
    REQUIRE(::symlink(text.c_str(), disk.names.claim(7).c_str()) == 0);
    CHECK_FALSE(claims.claimant(7));
    CHECK_FALSE(claims.take(7, one));
    CHECK(claims.taken(100) == std::vector<std::size_t>{7});
    claims.free(7, one);
    CHECK(claims.taken(100) == std::vector<std::size_t>{7});
    claims.free_if_no_claim(7);
    CHECK(claims.take(7, one));
}

TEST_CASE("a plain file in the place of a claim is in the way, and can be taken away") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    write_file(disk.names.claim(7), "");
    CHECK_FALSE(claims.claimant(7));
    CHECK_FALSE(claims.take(7, one));
    claims.free_if_no_claim(7);
    CHECK(claims.take(7, one));
}

TEST_CASE("other names among the claims are of no interest") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    for (const char* name : {"7", "000000007.tmp", ".nfs000000007", "x", "000000100"})
        write_file(disk.names.claims() / name, "");
    CHECK(claims.taken(100).empty());
    CHECK(claims.taken(101) == std::vector<std::size_t>{100});
}

TEST_CASE("a directory of claims that is gone is named") {
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    fs::remove(disk.names.claims());
    CHECK_THROWS_WITH(static_cast<void>(claims.taken(100)),
                      Catch::Contains("/claims: No such file or directory"));
    CHECK_THROWS_WITH(static_cast<void>(claims.take(7, one)), Catch::Contains("/claims/000000007: No such"));
}

TEST_CASE("of many processes that claim at once, each chunk goes to one") {
    constexpr std::size_t num_chunks = 300;
    constexpr int num_processes = 8;
    const ClaimsOnDisk disk;
    const Claims& claims = disk.claims;
    std::vector<pid_t> children;
    for (int i = 0; i < num_processes; ++i) {
        children.push_back(::fork());
        if (children.back() != 0) continue;
        int count = 0;
        for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk)
            count += claims.take(ichunk, {static_cast<std::size_t>(i), 1}) ? 1 : 0;
        write_file(disk.names.path() / ("count" + std::to_string(i)), std::to_string(count));
        ::_exit(0);
    }
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
    std::size_t sum = 0;
    std::vector<std::size_t> of_process(num_processes);
    for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk) {
        const auto job = claims.claimant(ichunk);
        REQUIRE(job);
        ++of_process.at(job->isubmission);
    }
    for (std::size_t i = 0; i < num_processes; ++i) {
        const std::string count = read_file(disk.names.path() / ("count" + std::to_string(i)));
        CHECK(std::stoul(count) == of_process[i]);
        sum += std::stoul(count);
    }
    CHECK(sum == num_chunks);
}
