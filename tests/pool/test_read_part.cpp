#include <catch2/catch.hpp>
#include <map>

#include "adapters/record_files.hpp"
#include "pool/reduce.hpp"
#include "temporary_directory.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

constexpr TaskSpan tasks{1000, 7};

std::string number(std::int64_t n) {
    return {reinterpret_cast<const char*>(&n), sizeof n};
}

/// A part of four outcomes, as an attempt has left it.
struct LeftPart {
    explicit LeftPart(const std::string& last = number(40)) {
        NewRecordFile file(path);
        FailureRecord failure;
        failure.cause = Cause::crash;
        failure.message = "dead";
        failure.end_of_stderr = "oh";
        failure.history.push_back({Cause::crash, "dead", "node7", 11, 0, 1, 2});
        file.write({RecordKind::value, number(10)}, 100);
        file.write({RecordKind::crash, failure.to_json()}, 100);
        file.write({RecordKind::value, number(30)}, 100);
        file.write({RecordKind::value, last}, 100);
        file.writer().flush();
    }
    ChunkOutcome read(std::uint64_t num_records, TaskSpan span = tasks) {
        return read_part(path, results_header.session, results_header.ichunk, span, num_records,
                         [&](std::size_t itask, Loader& loader) { loader.load(values[itask]); });
    }
    TemporaryDirectory directory;
    fs::path path = directory / "a.part";
    std::map<std::size_t, std::int64_t> values;
};

}  // namespace

TEST_CASE("the outcomes that a part has are loaded, those of the first tasks of its chunk") {
    LeftPart part;
    const ChunkOutcome outcome = part.read(3);
    CHECK(part.values == std::map<std::size_t, std::int64_t>{{1000, 10}, {1002, 30}});
    REQUIRE(outcome.failures.size() == 1);
    CHECK(outcome.failures[0].itask == 1001);
    CHECK(outcome.failures[0].cause == Cause::crash);
    CHECK(outcome.failures[0].message == "dead");
    CHECK(outcome.failures[0].end_of_stderr == "oh");
    CHECK(outcome.failures[0].host == "node7");
    CHECK(outcome.failures[0].history.size() == 1);
}

TEST_CASE("of a part nothing is loaded where nothing counts") {
    LeftPart part;
    CHECK(part.read(0).failures.empty());
    CHECK(part.values.empty());
}

TEST_CASE("a part that has less than was told, or more than there are tasks, is refused") {
    LeftPart part;
    CHECK_THROWS_AS(part.read(5), CorruptFile);
    CHECK_THROWS_WITH(part.read(4, {1000, 3}), Catch::Contains("there are more results than tasks"));
    LeftPart other("not a number");
    CHECK_THROWS_AS(other.read(4), CorruptFile);
    CHECK_THROWS_AS(read_part(part.path, 1, results_header.ichunk, tasks, 1, [](std::size_t, Loader&) {}),
                    CorruptFile);
}
