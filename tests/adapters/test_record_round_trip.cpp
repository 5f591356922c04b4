#include <catch2/catch.hpp>
#include <random>

#include "adapters/record_files.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Kind = RecordKind;

void check_round_trip(const Records& records, std::size_t buffer_size, std::size_t put_size) {
    const TemporaryDirectory directory;
    REQUIRE(write_records(directory / "f", records, buffer_size, put_size));
    const ReadBack back = read_records(directory / "f");
    REQUIRE(back.complaint.empty());
    REQUIRE((back.records == records));
}

}  // namespace

TEST_CASE("a record file without records is whole") {
    check_round_trip({}, 4096, 1);
}

TEST_CASE("records keep their order, kind and bytes") {
    check_round_trip({{Kind::task, "a"},
                      {Kind::function, std::string("\0\0", 2)},
                      {Kind::value, ""},
                      {Kind::exception, "{}"},
                      {Kind::crash, "\r\n\x1a"},
                      {Kind::info, noise(1000)}},
                     4096, 100);
}

TEST_CASE("records of sizes where the frame changes its form are read as written") {
    const std::size_t size = GENERATE(0U, 1U, 253U, 254U, 255U, 256U, 257U);
    check_round_trip({{Kind::value, noise(size)}, {Kind::value, noise(size, 2)}}, 4096, GENERATE(1U, 1000U));
}

TEST_CASE("records that just fit the buffer, or just do not, are read as written") {
    for (std::size_t size = 4096 - 48; size <= 4096 + 16; ++size) {
        for (const std::size_t next_size : {0U, 300U, 5000U}) {
            CAPTURE(size, next_size);
            check_round_trip(
                {{Kind::value, noise(size)}, {Kind::value, noise(next_size, 2)}, {Kind::value, "end"}}, 4096,
                997);
        }
    }
}

TEST_CASE("a record that fills what others left of the buffer is read as written") {
    for (std::size_t size = 4096 - 100 - 48; size <= 4096 - 100 + 16; ++size) {
        CAPTURE(size);
        check_round_trip(
            {{Kind::value, noise(94)}, {Kind::value, noise(size)}, {Kind::value, noise(size, 3)}}, 4096,
            4096);
    }
}

TEST_CASE("a record that just fills the buffer can be the last one") {
    for (std::size_t size = 4096 - 48; size <= 4096 + 16; ++size)
        check_round_trip({{Kind::value, noise(size)}}, 4096, size);
}

TEST_CASE("many small records are read as written") {
    Records records;
    for (std::size_t i = 0; i < 20'000; ++i) records.push_back({Kind::value, noise(i % 23, i)});
    check_round_trip(records, 4096, 7);
}

TEST_CASE("a record of 5 MB is read as written, however it is put") {
    const auto [buffer_size, put_size] =
        GENERATE(table<std::size_t, std::size_t>({{4096, 13},
                                                  {4096, 4096},
                                                  {4096, 5'000'000},
                                                  {std::size_t{1} << 18, 8},
                                                  {std::size_t{1} << 18, 5'000'000}}));
    check_round_trip({{Kind::value, "before"}, {Kind::value, noise(5'000'000)}, {Kind::value, "after"}},
                     buffer_size, put_size);
}

TEST_CASE("small and large puts mix in one record") {
    const TemporaryDirectory directory;
    const std::string payload = noise(60'000);
    NewRecordFile file(directory / "f");
    file.writer().begin_record(Kind::value);
    std::size_t done = 0;
    for (const std::size_t size : {1U, 4000U, 100U, 9000U, 1U, 4082U, 4090U, 20'000U, 0U, 8U})
        file.writer().put(payload.data() + done, size), done += size;
    file.writer().put(payload.data() + done, payload.size() - done);
    file.writer().end_record();
    file.writer().finish();
    CHECK(file.buffer().is_intact());
    CHECK((read_records(directory / "f").records == Records{{Kind::value, payload}}));
}

TEST_CASE("any mix of records, puts and abandoned records is read as written") {
    std::mt19937_64 random(7);
    const auto up_to = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit)(random);
    };
    for (int i = 0; i < 200; ++i) {
        CAPTURE(i);
        const TemporaryDirectory directory;
        NewRecordFile file(directory / "f");
        Records records;
        for (std::size_t left = up_to(30); left > 0; --left) {
            const std::size_t size = up_to(std::size_t{8} << up_to(11));
            const Record record{Kind::value, noise(size, random())};
            if (up_to(3) == 0) {
                file.writer().begin_record(Kind::value);
                file.writer().put(record.payload.data(), record.payload.size());
                file.writer().abandon_record();
            } else {
                file.write(record, 1 + up_to(6000));
                records.push_back(record);
            }
            REQUIRE(file.buffer().is_intact());
            REQUIRE(file.writer().num_records() == records.size());
        }
        file.writer().finish();
        const ReadBack back = read_records(directory / "f");
        REQUIRE(back.complaint.empty());
        REQUIRE((back.records == records));
    }
}

TEST_CASE("the header of a record file is read as written") {
    const TemporaryDirectory directory;
    REQUIRE(write_records(directory / "f", {}));
    const RecordReader reader((directory / "f").native(), results_header);
    CHECK(reader.header().kind == FileKind::results);
    CHECK(reader.header().session == results_header.session);
    CHECK(reader.header().ichunk == 42);
    CHECK(reader.header().first_itask == 1000);
    CHECK(reader.header().num_tasks == 7);
}
