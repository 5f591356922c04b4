#include <catch2/catch.hpp>

#include "cli/app.hpp"

TEST_CASE("cli: without a subcommand nothing is done") {
    char name[] = "qmr";
    char* argv[] = {name, nullptr};
    CHECK(qmr::cli::run(1, argv) == 2);
}
