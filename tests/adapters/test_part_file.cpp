#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>

#include "adapters/part_file.hpp"
#include "adapters/record_files.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Kind = RecordKind;

/// A part of three outcomes that was left in the middle of the fourth.
class LeftPart {
  public:
    LeftPart() {
        NewRecordFile file(path());
        for (const Record& record : outcomes) file.write(record, 100);
        file.writer().flush();
        size_ = fs::file_size(path());
        file.write({Kind::value, noise(50)}, 100);
        file.writer().flush();
        fs::resize_file(path(), size_ + 20);
    }
    [[nodiscard]] fs::path path() const { return directory_ / "a.part"; }
    [[nodiscard]] std::uint64_t size_of_outcomes() const { return size_; }
    [[nodiscard]] std::uint64_t num_valid(const FileHeader& expected = results_header) const {
        return num_valid_records(path().native(), expected);
    }

    const Records outcomes{{Kind::value, "first"}, {Kind::exception, "{}"}, {Kind::crash, noise(600'000)}};

  private:
    TemporaryDirectory directory_;
    std::uint64_t size_ = 0;
};

}  // namespace

TEST_CASE("the outcomes at the front of a torn part are valid") {
    const LeftPart left;
    CHECK(left.num_valid() == 3);
    PartReader part(left.path().native(), results_header);
    Records read;
    while (part.next()) read.push_back({part.record().kind(), part.record().text()});
    CHECK((read == left.outcomes));
    CHECK_FALSE(part.next());
}

TEST_CASE("wherever a part is cut off, the outcomes before are valid") {
    const LeftPart left;
    std::uint64_t before = 3;
    for (std::uint64_t size = left.size_of_outcomes(); size > 0; size -= size > 8000 ? 7919 : 1) {
        fs::resize_file(left.path(), size);
        const std::uint64_t number = left.num_valid();
        REQUIRE(number <= before);
        before = number;
    }
    CHECK(before == 0);
}

TEST_CASE("outcomes behind one that is damaged do not count") {
    const LeftPart left;
    std::string bytes = read_file(left.path());
    bytes[56 + 8] ^= 1;
    fs::remove(left.path());
    write_file(left.path(), bytes);
    CHECK(left.num_valid() == 0);
}

TEST_CASE("another one's part has no outcome") {
    const LeftPart left;
    FileHeader other = results_header;
    SECTION("of another map") {
        ++other.session;
    }
    SECTION("of another chunk") {
        ++other.ichunk;
    }
    SECTION("of other tasks") {
        ++other.first_itask;
    }
    CHECK(left.num_valid(other) == 0);
}

TEST_CASE("there are never more outcomes in a part than tasks") {
    const LeftPart left;
    FileHeader two = results_header;
    two.num_tasks = 2;
    CHECK(left.num_valid(two) == 2);
}

TEST_CASE("of a part that is whole the outcomes count, and not what stands behind them") {
    const TemporaryDirectory directory;
    REQUIRE(write_records(directory / "f", {{Kind::value, "a"}, {Kind::info, "{}"}, {Kind::value, "b"}}));
    CHECK(num_valid_records((directory / "f").native(), results_header) == 1);
    REQUIRE(write_records(directory / "g", {{Kind::value, "a"}}));
    CHECK(num_valid_records((directory / "g").native(), results_header) == 1);
}

TEST_CASE("what is no part has no outcome") {
    const TemporaryDirectory directory;
    write_file(directory / "noise", noise(1000));
    write_file(directory / "empty", "");
    for (const fs::path& path :
         {directory / "noise", directory / "empty", directory / "missing", directory.path()})
        CHECK(num_valid_records(path.native(), results_header) == 0);
}
