#include <unistd.h>

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <qmr/qmr.hpp>

#include "cli/halt.hpp"
#include "full_chain/in_process.hpp"
#include "temporary_directory.hpp"

using qmr::BadInput;
using qmr::cli::first_not_taken;
using qmr::cli::Halt;
using qmr::cli::HaltFiles;
using qmr::cli::read_halt;

TEST_CASE("cli: when to halt is written as for GNU parallel") {
    CHECK(read_halt("never", 10).num_failures == 0);
    CHECK(read_halt("soon,fail=3", 10).num_failures == 3);
    CHECK_FALSE(read_halt("soon,fail=3", 10).now);
    CHECK(read_halt("now,fail=1", std::nullopt).now);
    CHECK(read_halt("now,fail=10%", 15).num_failures == 2);
    CHECK(read_halt("now,fail=1%", 10).num_failures == 1);
    const auto wrong = GENERATE("", "now", "soon,fail=", "soon,fail=0", "soon,fail=x", "later,fail=1",
                                "now,done=1", "now,fail=1x", "now,fail=101%", "now,fail=-1");
    CHECK_THROWS_AS(read_halt(wrong, 10), BadInput);
    CHECK_NOTHROW(read_halt("now,fail=10%", 0));
    CHECK_THROWS_WITH(read_halt("now,fail=10%", std::nullopt),
                      Catch::Contains("number of tasks is not known"));
}

TEST_CASE("cli: the first free number is found by few questions") {
    const std::uint64_t num_taken = GENERATE(0U, 1U, 2U, 7U, 8U, 1000U, 1'000'000U);
    const std::uint64_t begin = GENERATE(0U, 1U, 5U);
    if (begin > num_taken) return;
    std::size_t num_questions = 0;
    const auto is_taken = [&](std::uint64_t number) { return ++num_questions, number < num_taken; };
    CHECK(first_not_taken(begin, is_taken) == num_taken);
    CHECK(num_questions <= 1 + 2 * std::bit_width(num_taken - begin));
}

TEST_CASE("cli: workers halt when enough different tasks have failed") {
    const qmr::test::TemporaryDirectory directory;
    const HaltFiles files(directory.path().native());
    const Halt halt{2, false};
    std::uint64_t num_drawn = 0;
    CHECK_FALSE(files.is_halted());
    files.count(7, halt, num_drawn);
    files.count(7, halt, num_drawn);
    CHECK_FALSE(files.is_halted());
    files.count(8, halt, num_drawn);
    CHECK(files.is_halted());
    files.forget();
    CHECK_FALSE(files.is_halted());
    num_drawn = 0;
    files.count(8, halt, num_drawn);
    CHECK_FALSE(files.is_halted());
}

TEST_CASE("cli: workers halt at the right number of failures, however these are spread over processes") {
    const qmr::test::TemporaryDirectory directory;
    const HaltFiles files(directory.path().native());
    const Halt halt{100, false};
    std::array<std::uint64_t, 7> num_drawn{};  // of each process
    for (std::uint64_t itask = 0; itask < 100; ++itask) {
        CHECK_FALSE(files.is_halted());
        files.count(itask, halt, num_drawn[itask * itask % num_drawn.size()]);
    }
    CHECK(files.is_halted());
}

TEST_CASE(
    "cli: a worker that is killed while it counts a failure makes no other one count twice or not at all") {
    const qmr::test::TemporaryDirectory directory;
    const HaltFiles files(directory.path().native());
    const Halt halt{2, false};
    // As far as one came before it was killed, when its task is run again.
    std::ofstream((directory / "failed.7").native()) << "";
    std::uint64_t num_drawn = 0;
    files.count(7, halt, num_drawn);
    CHECK_FALSE(files.is_halted());
    files.count(8, halt, num_drawn);
    CHECK(files.is_halted());
}

TEST_CASE("cli: a failure is counted without a look at all others, as long as these are too few") {
    const qmr::test::TemporaryDirectory directory;
    // Nobody but root can list it.
    std::filesystem::permissions(directory.path().native(), static_cast<std::filesystem::perms>(0333));
    qmr::test::InProcess process([&] {
        if (::geteuid() == 0 && ::setuid(65534) != 0) return 2;
        std::uint64_t num_drawn = 0;
        for (std::uint64_t itask = 0; itask < 10; ++itask)
            HaltFiles(directory.path().native()).count(itask, {11, false}, num_drawn);
        return 0;
    });
    CHECK(process.exit_code() == 0);
    std::filesystem::permissions(directory.path().native(), std::filesystem::perms::owner_all);
}

TEST_CASE("cli: a process that has counted none draws the number behind all others") {
    const qmr::test::TemporaryDirectory directory;
    const HaltFiles files(directory.path().native());
    const Halt halt{1'000'000, false};
    std::uint64_t num_drawn = 0;
    for (std::uint64_t itask = 0; itask < 1000; ++itask) files.count(itask, halt, num_drawn);
    CHECK(num_drawn == 1000);
    std::uint64_t of_another_process = 0;
    files.count(1000, halt, of_another_process);
    CHECK(of_another_process == 1001);
}
