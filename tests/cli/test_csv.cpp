#include <catch2/catch.hpp>
#include <qmr/qmr.hpp>

#include "cli/csv.hpp"
#include "cli/text.hpp"

using qmr::BadInput;
using qmr::cli::CsvReader;
using Words = std::vector<std::string>;

namespace {

std::vector<Words> records_of(const std::string& text, char separator = ',') {
    qmr::cli::TextReader in = qmr::test::text_reader("tasks.csv", text);
    CsvReader reader(in, separator);
    std::vector<Words> records;
    while (reader.next()) records.push_back(reader.fields());
    return records;
}

}  // namespace

TEST_CASE("cli: CSV records are split at commas, with either line end") {
    CHECK(records_of("a,b\n1,2\r\n3,4") == std::vector<Words>{{"a", "b"}, {"1", "2"}, {"3", "4"}});
    CHECK(records_of("a,\n,\n ,x \n") == std::vector<Words>{{"a", ""}, {"", ""}, {" ", "x "}});
    CHECK(records_of("").empty());
    CHECK(records_of("a\n\n\r\nb\n") == std::vector<Words>{{"a"}, {"b"}});
    CHECK(records_of("a,\r\n\"b\",\"c\"\r\n\"d\",\r") ==
          std::vector<Words>{{"a", ""}, {"b", "c"}, {"d", ""}});
}

TEST_CASE("cli: fields of TSV are split at tabs, and have quotes as those of CSV") {
    CHECK(records_of("a\tb,c\r\n\"x\ty\"\t\n", '\t') == std::vector<Words>{{"a", "b,c"}, {"x\ty", ""}});
}

TEST_CASE("cli: quoted fields of CSV hold commas, quotes and line ends") {
    CHECK(records_of("\"a,b\",\"c\"\"d\",\"\"\n\"x\ny\r\nz\",1\n") ==
          std::vector<Words>{{"a,b", "c\"d", ""}, {"x\ny\r\nz", "1"}});
    CHECK(records_of("\"x\r\n\r\n\",\"\r\"\r\ny,z\r\n") ==
          std::vector<Words>{{"x\r\n\r\n", "\r"}, {"y", "z"}});
    CHECK(records_of("a\"b,c\n") == std::vector<Words>{{"a\"b", "c"}});
}

TEST_CASE("cli: the text and the line of a CSV record are known") {
    qmr::cli::TextReader in = qmr::test::text_reader("tasks.csv", "h\n\n\"a\r\nb\",c\r\nd\n");
    CsvReader reader(in);
    REQUIRE(reader.next());
    REQUIRE(reader.next());
    CHECK(reader.text() == "\"a\r\nb\",c");
    CHECK(reader.line() == 3);
    REQUIRE(reader.next());
    CHECK(reader.line() == 5);
    CHECK_FALSE(reader.next());
}

TEST_CASE("cli: CSV that is broken is refused with its line") {
    CHECK_THROWS_AS(records_of("a\n\"b\n"), BadInput);
    CHECK_THROWS_WITH(records_of("a\n\"b\nc"), "tasks.csv:2: the quotes of a field are not closed");
    CHECK_THROWS_WITH(records_of("\"a\"b,c\n"), Catch::StartsWith("tasks.csv:1: something stands behind"));
}
