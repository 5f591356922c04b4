#include <catch2/catch.hpp>

#include "adapters/outcomes.hpp"
#include "adapters/record_files.hpp"
#include "temporary_directory.hpp"

using namespace qmr;
using namespace qmr::detail;
using namespace qmr::test;

namespace {

std::string failure(const std::string& message) {
    return FailureRecord{Cause::crash, message, "", {}}.to_json();
}

const std::string long_value = noise(5000);

Records outcomes() {
    return {{RecordKind::value, long_value},
            {RecordKind::crash, failure("one")},
            {RecordKind::exception, failure("two")},
            {RecordKind::value, "last"}};
}

struct LeftFile {
    explicit LeftFile(const Records& records) { REQUIRE(write_records(directory / "f", records)); }
    [[nodiscard]] std::string path() const { return (directory / "f").native(); }
    TemporaryDirectory directory;
};

}  // namespace

TEST_CASE("the outcomes of a whole file are counted, with its failures and who made it") {
    Records records = outcomes();
    AttemptInfo info;
    info.host = "node7";
    records.push_back({RecordKind::info, info.to_json()});
    const LeftFile file(records);
    FileHeader expected = results_header;
    expected.num_tasks = 4;
    const Outcomes seen = read_outcomes(file.path(), expected);
    CHECK(seen.num_outcomes == 4);
    REQUIRE(seen.failures.size() == 2);
    CHECK(seen.failures[0].place == 1);
    CHECK(seen.failures[0].record.message == "one");
    CHECK(seen.failures[1].place == 2);
    REQUIRE(seen.info);
    CHECK(seen.info->host == "node7");
}

TEST_CASE("the outcomes of a torn part are those before the place where it is torn") {
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    for (const Record& record : outcomes()) file.write(record, 100);
    file.writer().flush();
    const std::string path = (directory / "f").native();
    const Outcomes seen = read_outcomes(path, results_header);
    CHECK(seen.num_outcomes == 4);
    CHECK(seen.failures.size() == 2);
    CHECK_FALSE(seen.info);
    FileHeader expected = results_header;
    expected.num_tasks = 2;
    CHECK(read_outcomes(path, expected).num_outcomes == 2);
    CHECK(read_outcomes(path, expected).failures.size() == 1);
}

TEST_CASE("a file of another chunk, or none at all, has no outcomes") {
    const LeftFile file(outcomes());
    FileHeader other = results_header;
    SECTION("another chunk") {
        other.ichunk = 43;
    }
    SECTION("another first task") {
        other.first_itask = 0;
    }
    SECTION("another map") {
        other.session = 1;
    }
    CHECK(read_outcomes(file.path(), other).num_outcomes == 0);
    CHECK(read_outcomes("/nowhere", results_header).num_outcomes == 0);
}

TEST_CASE("a value is found by its place") {
    const LeftFile file(outcomes());
    CHECK(read_value(file.path(), results_header, 0) == long_value);
    CHECK_FALSE(read_value(file.path(), results_header, 1));
    CHECK_FALSE(read_value(file.path(), results_header, 2));
    CHECK(read_value(file.path(), results_header, 3) == "last");
    CHECK_FALSE(read_value(file.path(), results_header, 4));
    CHECK_FALSE(read_value("/nowhere", results_header, 0));
}

TEST_CASE("a task is found by its place") {
    const TemporaryDirectory directory;
    FileHeader header = results_header;
    header.kind = FileKind::chunk;
    NewRecordFile file(directory / "f", 4096, header);
    file.write({RecordKind::task, long_value}, 100);
    file.write({RecordKind::task, "second"}, 100);
    file.writer().finish();
    const std::string path = (directory / "f").native();
    CHECK(read_task(path, results_header, 0) == long_value);
    CHECK(read_task(path, results_header, 1) == "second");
    CHECK_FALSE(read_task(path, results_header, 2));
}
