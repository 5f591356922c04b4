#include <fcntl.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <new>
#include <ostream>

#include "adapters/record_files.hpp"
#include "adapters/record_hash.hpp"
#include "file_size_limit.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {
using Kind = RecordKind;
}

TEST_CASE("a record that was abandoned has never been") {
    const std::size_t size = GENERATE(0U, 100U, 4000U, 5000U, 100'000U);
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    file.write({Kind::value, "before"}, 100);
    file.writer().begin_record(Kind::value);
    const std::string payload = noise(size);
    file.writer().put(payload.data(), payload.size());
    file.writer().abandon_record();
    CHECK(file.writer().num_records() == 1);
    file.write({Kind::exception, "in its place"}, 100);
    file.writer().finish();
    CHECK((read_records(directory / "f").records ==
           Records{{Kind::value, "before"}, {Kind::exception, "in its place"}}));
    CHECK(fs::file_size(directory / "f") < 200);
}

TEST_CASE("abandoning where no record is open changes nothing") {
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    file.writer().abandon_record();
    file.write({Kind::value, "a"}, 100);
    file.writer().abandon_record();
    file.writer().finish();
    CHECK((read_records(directory / "f").records == Records{{Kind::value, "a"}}));
}

TEST_CASE("a file without its end record is not whole, though all records are there") {
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    for (int i = 0; i < 100; ++i) file.write({Kind::value, noise(1000)}, 1000);
    CHECK_THAT(read_records(directory / "f").complaint, Catch::Contains("(record "));
}

TEST_CASE("a flush writes the records that are ended, and not the open one") {
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    file.write({Kind::value, "a"}, 100);
    file.writer().begin_record(Kind::value);
    file.writer().put("bc", 2);
    CHECK(file.writer().num_records_in_file() == 0);
    file.writer().flush();
    CHECK(file.writer().num_records_in_file() == 1);
    CHECK((read_records(directory / "f").records == Records{{Kind::value, "a"}}));
    file.writer().put("d", 1);
    file.writer().end_record();
    file.writer().finish();
    CHECK((read_records(directory / "f").records == Records{{Kind::value, "a"}, {Kind::value, "bcd"}}));
}

TEST_CASE("what a flush that failed has left of the last records can be cut off") {
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    file.write({Kind::value, "a"}, 100);
    file.writer().flush();
    const auto size = fs::file_size(directory / "f");
    for (int i = 0; i < 3; ++i) file.write({Kind::value, noise(1000)}, 1000);
    {
        const FileSizeLimit limit(2000);
        CHECK_THROWS_AS(file.writer().flush(), WriteFailure);
    }
    CHECK(fs::file_size(directory / "f") == 2000);
    file.writer().cut();
    CHECK(fs::file_size(directory / "f") == size);
    CHECK(file.writer().num_records_in_file() == 1);
    file.writer().finish();
    CHECK(read_records(directory / "f").records.size() == 4);
}

TEST_CASE("a full disk is told by the file's name and the reason") {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    std::vector<std::byte> buffer(4096);
    RecordWriter writer(full.get(), "/the/name", buffer);
    try {
        writer.write_record(Kind::value, noise(10'000));
        FAIL("was written");
    } catch (const WriteFailure& bad) {
        CHECK(std::string(bad.what()) == "cannot write /the/name: No space left on device");
        CHECK(bad.error() == ENOSPC);
    }
}

TEST_CASE("a stream into a record writes characters and blocks") {
    const TemporaryDirectory directory;
    NewRecordFile file(directory / "f");
    const std::string block = noise(10'000);
    file.writer().begin_record(Kind::value);
    RecordSink sink(file.writer());
    std::ostream stream(&sink);
    stream.put('\xFF');
    stream.write(block.data(), 10'000);
    stream << 42;
    CHECK(stream.good());
    file.writer().end_record();
    file.writer().finish();
    CHECK((read_records(directory / "f").records == Records{{Kind::value, "\xFF" + block + "42"}}));
}

TEST_CASE("what the memory of a writer held before does not change a checksum") {
    // As if a hash with the same seed had been there, and something else had overwritten its secret.
    constexpr std::size_t line = 64;
    const std::uint64_t seed = record_seed(0, Kind::value);
    struct alignas(64) Storage {
        std::array<std::byte, sizeof(RecordWriter)> bytes;
    };
    const auto storage = std::make_unique<Storage>();
    storage->bytes.fill(std::byte{0xA5});
    for (std::size_t at = 0; at + line <= sizeof(RecordWriter); at += line) {
        std::memcpy(&storage->bytes[at + offsetof(XXH3_state_t, seed) % line], &seed, sizeof seed);
        std::memset(&storage->bytes[at + offsetof(XXH3_state_t, extSecret) % line], 0, sizeof(void*));
    }

    const TemporaryDirectory directory;
    const std::string path = (directory / "f").native();
    {
        const Descriptor file = create_file(path);
        std::vector<std::byte> buffer(4096);
        auto* writer = new (storage->bytes.data()) RecordWriter(file.get(), path.c_str(), buffer);
        writer->write_header(results_header);
        writer->write_record(Kind::value, noise(10'000));
        writer->finish();
        writer->~RecordWriter();
    }
    CHECK((read_records(path).records == Records{{Kind::value, noise(10'000)}}));
}
