// Whatever happens to a file, it is noticed, and no payload is handed out that was not written.

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>

#include "adapters/record_files.hpp"
#include "adapters/record_hash.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Kind = RecordKind;

const Records small_records{{Kind::value, "abc"},
                            {Kind::value, ""},
                            {Kind::exception, "{\"message\":\"m\"}"},
                            {Kind::value, noise(300)},
                            {Kind::info, "{}"}};

class Victim {
  public:
    explicit Victim(const Records& records) : records_(records) {
        REQUIRE(write_records(directory_ / "whole", records));
        bytes = read_file(directory_ / "whole");
    }

    /// Reads the changed bytes. Empty: what was wrong with them was noticed, and nothing wrong was given
    /// before.
    [[nodiscard]] std::string verdict(const std::string& changed) const {
        const ReadBack back = read(changed);
        if (back.complaint.empty()) return "the change was not noticed";
        if (back.records.size() > records_.size() ||
            !std::equal(back.records.begin(), back.records.end(), records_.begin()))
            return "a wrong payload was given";
        if (back.complaint.find((directory_ / "changed").native()) == std::string::npos)
            return "the file is not named: " + back.complaint;
        return {};
    }

    [[nodiscard]] std::string complaint(const std::string& changed) const { return read(changed).complaint; }

    std::string bytes;

  private:
    [[nodiscard]] ReadBack read(const std::string& changed) const {
        // A new file each time: some file systems sync one that is written anew.
        fs::remove(directory_ / "changed");
        std::ofstream((directory_ / "changed").native(), std::ios::binary) << changed;
        return read_records(directory_ / "changed");
    }

    TemporaryDirectory directory_;
    Records records_;
};

template <class T>
void put_at(std::string& bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

void renew_header_checksum(std::string& bytes) {
    put_at(bytes, header_size - 8, static_cast<std::uint64_t>(XXH3_64bits(bytes.data(), header_size - 8)));
}

}  // namespace

TEST_CASE("each changed byte of a record file is noticed") {
    const Victim victim(small_records);
    for (std::size_t at = 0; at < victim.bytes.size(); ++at) {
        for (const unsigned change : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 255U}) {
            std::string changed = victim.bytes;
            changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
            CAPTURE(at, change);
            REQUIRE(victim.verdict(changed).empty());
        }
    }
}

TEST_CASE("a record file that was cut off anywhere is noticed") {
    const Victim victim(small_records);
    for (std::size_t size = 0; size < victim.bytes.size(); ++size) {
        CAPTURE(size);
        REQUIRE(victim.verdict(victim.bytes.substr(0, size)).empty());
    }
}

TEST_CASE("a record file in which a page is zeros is noticed") {
    const Victim victim({{Kind::value, noise(9000)}, {Kind::value, noise(9000, 2)}});
    for (std::size_t at = 0; at < victim.bytes.size(); at += 4096) {
        std::string changed = victim.bytes;
        std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min<std::size_t>(4096, changed.size() - at), '\0');
        CAPTURE(at);
        REQUIRE(victim.verdict(changed).empty());
    }
}

TEST_CASE("changes in a record that is larger than the buffers are noticed") {
    const Victim victim({{Kind::value, "a"}, {Kind::value, noise(1'000'000)}, {Kind::value, "b"}});
    for (const std::size_t at :
         {std::size_t{70}, std::size_t{76}, std::size_t{300'000}, victim.bytes.size() - 60}) {
        std::string changed = victim.bytes;
        changed[at] = static_cast<char>(~changed[at]);
        CAPTURE(at);
        CHECK(victim.verdict(changed).empty());
    }
    CHECK(victim.verdict(victim.bytes.substr(0, 500'000)).empty());
    CHECK(victim.verdict(victim.bytes.substr(0, victim.bytes.size() - 23)).empty());
}

TEST_CASE("records that changed places, were lost or came twice are noticed") {
    const Victim victim({{Kind::value, "first"}, {Kind::value, "other"}});
    const std::string header = victim.bytes.substr(0, header_size);
    const std::string first = victim.bytes.substr(header_size, 11);
    const std::string other = victim.bytes.substr(header_size + 11, 11);
    const std::string end = victim.bytes.substr(header_size + 22);
    REQUIRE((header + first + other + end == victim.bytes));
    CHECK(victim.verdict(header + other + first + end).empty());
    CHECK(victim.verdict(header + first + end).empty());
    CHECK(victim.verdict(header + other + end).empty());
    CHECK(victim.verdict(header + first + first + other + end).empty());
    CHECK(victim.verdict(header + first + other + other + end).empty());
    CHECK(victim.verdict(header + end).empty());
}

TEST_CASE("a record of another file that would fit in is noticed") {
    const Victim victim({{Kind::value, "first"}, {Kind::value, "other"}});
    const Victim another({{Kind::value, "FIRST"}, {Kind::value, "other"}});
    std::string changed = victim.bytes;
    changed.replace(header_size, 11, another.bytes, header_size, 11);
    CHECK_THAT(victim.complaint(changed), Catch::Contains("the end record does not match the records"));
}

TEST_CASE("bytes behind the end record are noticed") {
    const Victim victim(small_records);
    std::string changed = victim.bytes + '\0';
    CHECK(victim.complaint(changed) != "");
}

TEST_CASE("random bytes are no record file, nor records") {
    const Victim victim({});
    for (std::size_t i = 0; i < 500; ++i) {
        CAPTURE(i);
        REQUIRE(victim.verdict(noise(i * 3, i)).empty());
        REQUIRE(victim.verdict(victim.bytes.substr(0, header_size) + noise(i * 3, i)).empty());
    }
}

TEST_CASE("an empty file and a text file are no record files") {
    const Victim victim({});
    CHECK_THAT(victim.complaint(""), Catch::Contains("the file is shorter than its header"));
    CHECK_THAT(victim.complaint(std::string(1000, 'x')),
               Catch::Contains("this is not a chunk or result file of qmr"));
}

TEST_CASE("a record file of another kind, map or chunk is refused") {
    const TemporaryDirectory directory;
    REQUIRE(write_records(directory / "f", {}));
    const auto complaint = [&](FileHeader expected) {
        return read_records(directory / "f", expected).complaint;
    };
    FileHeader expected = results_header;
    expected.first_itask = 0;
    expected.num_tasks = 0;
    CHECK(complaint(expected).empty());
    expected.kind = FileKind::chunk;
    CHECK_THAT(complaint(expected), Catch::Contains("belongs to another map or chunk"));
    expected = results_header;
    ++expected.session;
    CHECK_THAT(complaint(expected), Catch::Contains("belongs to another map or chunk"));
    expected = results_header;
    ++expected.ichunk;
    CHECK_THAT(complaint(expected), Catch::Contains("belongs to another map or chunk"));
}

TEST_CASE("a record file of a future version is refused by that version") {
    const Victim victim(small_records);
    std::string changed = victim.bytes;
    put_at(changed, 8, std::uint32_t{7});
    SECTION("with a header of the same size") {
        renew_header_checksum(changed);
    }
    SECTION("with a header that is larger") {
        changed.insert(48, "more");
    }
    CHECK_THAT(victim.complaint(changed),
               Catch::Contains("the format has version 7, this program reads versions 1 and 2"));
}

TEST_CASE("a size that no file can have is noticed before memory is taken for it") {
    const Victim victim({});
    const std::uint64_t size =
        GENERATE(std::uint64_t{1} << 60, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max(),
                 std::numeric_limits<std::uint64_t>::max() - 13, std::uint64_t{1} << 40, std::uint64_t{300});
    std::string changed =
        victim.bytes.substr(0, header_size) + std::string("v1234\xFF", 6) + std::string(100, '\0');
    put_at(changed, header_size + 6, size);
    CAPTURE(size);
    CHECK_THAT(victim.complaint(changed), Catch::Contains("a record is torn"));
}

TEST_CASE("a complaint names the file, the record and the byte") {
    const Victim victim({{Kind::value, "first"}, {Kind::value, "other"}});
    std::string changed = victim.bytes;
    changed[header_size + 11 + 6] = '?';
    CHECK_THAT(victim.complaint(changed),
               Catch::EndsWith("changed: the checksum of a record is wrong (record 1, byte " +
                               std::to_string(header_size + 11) + ")"));
}
