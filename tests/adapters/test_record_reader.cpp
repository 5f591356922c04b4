#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <istream>

#include "adapters/record_files.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Kind = RecordKind;

// Larger than the buffer of a reader, which holds what is smaller.
constexpr std::size_t large = 600'000;

class WrittenFile {
  public:
    explicit WrittenFile(const Records& records) { REQUIRE(write_records(directory_ / "f", records)); }
    [[nodiscard]] std::string path() const { return (directory_ / "f").native(); }

  private:
    TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("a file that can not be opened or read is named") {
    CHECK_THROWS_WITH(RecordReader("/nowhere/f", results_header),
                      "cannot open /nowhere/f: No such file or directory");
    CHECK_THROWS_AS(RecordReader("/nowhere/f", results_header), ReadFailure);
    CHECK_THROWS_AS(RecordReader("/tmp", results_header), ReadFailure);
    CHECK_THROWS_WITH(RecordReader("/tmp", results_header), Catch::Contains("/tmp"));
}

TEST_CASE("a payload that nobody reads is skipped") {
    const WrittenFile file({{Kind::value, noise(GENERATE(100U, large))}, {Kind::value, "next"}});
    RecordReader reader(file.path(), results_header);
    REQUIRE(reader.next());
    char some[10];
    reader.get(some, sizeof some);
    REQUIRE(reader.next());
    CHECK(reader.text() == "next");
}

TEST_CASE("a payload can be read piece by piece") {
    const std::size_t size = GENERATE(1000U, large);
    const std::string payload = noise(size);
    const WrittenFile file({{Kind::value, payload}});
    RecordReader reader(file.path(), results_header);
    REQUIRE(reader.next());
    CHECK(reader.payload_size() == size);
    CHECK(reader.payload_left() == size);
    std::string read;
    for (std::size_t piece = 1; reader.payload_left() > 0; piece = piece * 3 + 1) {
        std::string some(std::min<std::size_t>(piece, reader.payload_left()), '\0');
        reader.get(some.data(), some.size());
        read += some;
        REQUIRE(reader.payload_left() == size - read.size());
    }
    CHECK((read == payload));
}

TEST_CASE("a payload can be read as a stream of characters and blocks") {
    const std::string payload = noise(GENERATE(1000U, large));
    const WrittenFile file({{Kind::value, payload}, {Kind::value, "next"}});
    RecordReader reader(file.path(), results_header);
    REQUIRE(reader.next());
    std::istream stream(&reader.stream());
    std::string read(payload.size(), '\0');
    for (std::size_t i = 0; i < 10; ++i) read[i] = static_cast<char>(stream.get());
    stream.read(read.data() + 10, static_cast<std::streamsize>(read.size() - 20));
    for (std::size_t i = read.size() - 10; i < read.size(); ++i) read[i] = static_cast<char>(stream.get());
    CHECK((read == payload));
    CHECK(stream.get() == std::istream::traits_type::eof());
    REQUIRE(reader.next());
    CHECK(reader.text() == "next");
}

TEST_CASE("reading beyond a payload is refused and takes nothing from the next record") {
    const std::size_t size = GENERATE(0U, 3U, large);
    const WrittenFile file({{Kind::value, noise(size)}, {Kind::value, "next"}});
    RecordReader reader(file.path(), results_header);
    REQUIRE(reader.next());
    std::string more(size + 1, '\0');
    CHECK_THROWS_AS(reader.get(more.data(), more.size()), CorruptFile);
    REQUIRE(reader.next());
    CHECK(reader.text() == "next");
}

TEST_CASE("there is nothing after the end record, however often one asks") {
    const WrittenFile file(GENERATE(Records{}, Records{{Kind::value, "a"}}));
    RecordReader reader(file.path(), results_header);
    while (reader.next()) {
    }
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.next());
}

TEST_CASE("large records of several files are each checked for themselves") {
    for (int i = 0; i < 3; ++i) {
        const Records records{
            {Kind::value, noise(large + 1)}, {Kind::value, noise(large, 2)}, {Kind::value, "x"}};
        const WrittenFile file(records);
        CHECK((read_records(file.path()).records == records));
    }
}

TEST_CASE("a payload can be read again from its first byte, however far it was read") {
    const std::string payload = noise(GENERATE(0U, 1000U, large));
    const WrittenFile file({{Kind::value, payload}, {Kind::value, "next"}});
    RecordReader reader(file.path(), results_header);
    REQUIRE(reader.next());
    for (const std::size_t size : {std::size_t{0}, payload.size() / 3, payload.size()}) {
        std::string some(size, '\0');
        reader.get(some.data(), size);
        reader.rewind();
        REQUIRE(reader.payload_left() == payload.size());
        CHECK((reader.text() == payload));
        reader.rewind();
        // In single characters, too, which go through a window of a large payload.
        std::istream stream(&reader.stream());
        if (size > 0) CHECK(stream.get() == static_cast<unsigned char>(payload[0]));
        reader.rewind();
    }
    REQUIRE(reader.next());
    CHECK(reader.text() == "next");
}

TEST_CASE("records of a kind are passed over, and those behind them read") {
    const std::size_t size = GENERATE(0U, 100U, 40'000U, large);
    const WrittenFile file({{Kind::value, noise(size)},
                            {Kind::value, noise(size, 2)},
                            {Kind::value, "third"},
                            {Kind::exception, "thrown"},
                            {Kind::value, noise(size, 3)}});
    RecordReader reader(file.path(), results_header);
    CHECK(reader.skip(Kind::value, 2) == 2);
    REQUIRE(reader.next());
    CHECK(reader.text() == "third");
    CHECK(reader.skip(Kind::value, 9) == 0);
    REQUIRE(reader.next());
    CHECK(reader.text() == "thrown");
    CHECK(reader.skip(Kind::value, 9) == 1);
    // The end record knows how many there were, and their checksums.
    CHECK_FALSE(reader.next());
    CHECK(reader.skip(Kind::value, 9) == 0);
}

TEST_CASE("a torn record is not passed over") {
    const std::size_t size = GENERATE(0U, 100U, 40'000U, large);
    const WrittenFile file({{Kind::value, "whole"}, {Kind::value, noise(size)}});
    const auto end_of_second = fs::file_size(file.path()) - 22;
    for (const std::size_t cut : {std::size_t{1}, size + 5}) {
        fs::resize_file(file.path(), end_of_second - cut);
        RecordReader reader(file.path(), results_header);
        CHECK(reader.skip(Kind::value, 9) == 1);
        CHECK_THROWS_AS(reader.next(), CorruptFile);
    }
}
