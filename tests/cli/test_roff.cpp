#include <catch2/catch.hpp>

#include "cli/roff.hpp"

using qmr::cli::bold;
using qmr::cli::roff;

TEST_CASE("cli: text for roff stays as it is, letter by letter") {
    CHECK(roff("a plain text") == "a plain text");
    CHECK(roff("--no-null") == R"(\-\-no\-null)");
    CHECK(roff(R"(\n "a" `b` ~c ^d)") == R"(\(rsn \(dqa\(dq \(gab\(ga \(tic \(had)");
    CHECK(bold("-h") == R"(\fB\-h\fR)");
}

TEST_CASE("cli: no line of a text for roff is a request") {
    CHECK(roff(".qmr_*") == R"(\&.qmr_*)");
    CHECK(roff("'quoted'\n./a.b\n.c") == "\\(aqquoted\\(aq\n\\&./a.b\n\\&.c");
}
