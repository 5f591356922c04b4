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
    PartOutcome read(TaskSpan span = tasks) {
        return read_part(path, results_header.session, results_header.ichunk, span,
                         [&](std::size_t itask, Loader& loader) { loader.load(values[itask]); });
    }
    TemporaryDirectory directory;
    fs::path path = directory / "a.part";
    std::map<std::size_t, std::int64_t> values;
};

}  // namespace

TEST_CASE("the outcomes that a part has are loaded, those of the first tasks of its chunk") {
    LeftPart part;
    const PartOutcome outcome = part.read({1000, 3});
    CHECK(outcome.num_outcomes == 3);
    CHECK(part.values == std::map<std::size_t, std::int64_t>{{1000, 10}, {1002, 30}});
    REQUIRE(outcome.failures.size() == 1);
    CHECK(outcome.failures[0].itask == 1001);
    CHECK(outcome.failures[0].cause == Cause::crash);
    CHECK(outcome.failures[0].message == "dead");
    CHECK(outcome.failures[0].end_of_stderr == "oh");
    CHECK(outcome.failures[0].host == "node7");
    CHECK(outcome.failures[0].history.size() == 1);
}

TEST_CASE("of a part nothing is loaded that is not valid, not the chunk's, or behind what is") {
    LeftPart part;
    CHECK(part.read({1000, 3}).num_outcomes == 3);
    CHECK(part.read().num_outcomes == 4);
    LeftPart other("not a number");
    CHECK(other.read().num_outcomes == 3);
    for (const std::uint64_t session : {results_header.session, results_header.session + 1}) {
        const std::size_t ichunk = results_header.ichunk + (session == results_header.session ? 1 : 0);
        CHECK(read_part(part.path, session, ichunk, tasks, [](std::size_t, Loader&) {}).num_outcomes == 0);
    }
    CHECK(read_part(part.path.native() + "x", results_header.session, results_header.ichunk, tasks, {})
              .num_outcomes == 0);
}
