#include <catch2/catch.hpp>
#include <qmr/qmr.hpp>

#include "cli/halt.hpp"
#include "temporary_directory.hpp"

using qmr::BadInput;
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

TEST_CASE("cli: workers halt when enough different tasks have failed") {
    const qmr::test::TemporaryDirectory directory;
    const HaltFiles files(directory.path().native());
    const Halt halt{2, false};
    CHECK_FALSE(files.is_halted());
    files.count(7, halt);
    files.count(7, halt);
    CHECK_FALSE(files.is_halted());
    files.count(8, halt);
    CHECK(files.is_halted());
    files.forget();
    CHECK_FALSE(files.is_halted());
    files.count(8, halt);
    CHECK_FALSE(files.is_halted());
}
