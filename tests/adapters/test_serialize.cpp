#include <catch2/catch.hpp>
#include <complex>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "adapters/record_files.hpp"
#include "qmr/detail/serialize.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Kind = RecordKind;

/// A record file of values.
class ValueFile {
  public:
    template <class... Ts>
    void add(const Ts&... values) {
        file_->writer().begin_record(Kind::value);
        saver_->save(values...);
        file_->writer().end_record();
    }
    void close() {
        file_->writer().finish();
        saver_.reset();
        file_.reset();
    }
    [[nodiscard]] fs::path path() const { return directory_ / "f"; }

  private:
    TemporaryDirectory directory_;
    std::optional<NewRecordFile> file_{std::in_place, path()};
    std::optional<Saver> saver_{file_->writer()};
};

template <class... Ts>
std::string saved(const Ts&... values) {
    ValueFile file;
    file.add(values...);
    file.close();
    return read_records(file.path()).records.at(0).payload;
}

template <class... Ts>
std::string archived(const Ts&... values) {
    std::ostringstream stream;
    cereal::BinaryOutputArchive archive(stream);
    archive(values...);
    return stream.str();
}

template <class T>
T there_and_back(const T& value) {
    ValueFile file;
    file.add(value);
    file.close();
    RecordReader reader(file.path().native(), results_header);
    REQUIRE(reader.next());
    Loader loader(reader);
    T back{};
    loader.load(back);
    CHECK_FALSE(reader.next());
    return back;
}

template <class T>
void load_from(const std::string& payload, T& into) {
    const TemporaryDirectory directory;
    REQUIRE(write_records(directory / "f", {{Kind::value, payload}}));
    RecordReader reader((directory / "f").native(), results_header);
    REQUIRE(reader.next());
    Loader(reader).load(into);
}

enum class Colour : short { red = 3 };

struct Event {
    int number = 0;
    std::vector<double> energies;
    friend bool operator==(const Event&, const Event&) = default;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number, energies);
    }
};

struct Opaque {
    int number;
};

}  // namespace

TEST_CASE("numbers are saved as the same bytes that cereal writes") {
    CHECK((saved(42) == archived(42)));
    CHECK((saved(-1.5) == archived(-1.5)));
    CHECK((saved(1.5F) == archived(1.5F)));
    CHECK((saved('x') == archived('x')));
    CHECK((saved(true) == archived(true)));
    CHECK((saved(std::uint64_t{1} << 63) == archived(std::uint64_t{1} << 63)));
    CHECK((saved(short{7}, 8L, 9.0) == archived(short{7}, 8L, 9.0)));
    CHECK((saved(Colour::red) == archived(Colour::red)));
}

TEST_CASE("other values are saved as the same bytes that cereal writes") {
    CHECK((saved(std::string("abc")) == archived(std::string("abc"))));
    CHECK((saved(1, std::string("abc")) == archived(1, std::string("abc"))));
    CHECK((saved(std::vector{1.5, 2.5}) == archived(std::vector{1.5, 2.5})));
    CHECK((saved(Event{7, {1.5}}) == archived(Event{7, {1.5}})));
}

TEST_CASE("values come back as they were") {
    CHECK(there_and_back(42) == 42);
    CHECK(there_and_back(Colour::red) == Colour::red);
    CHECK(there_and_back(std::string("a\0b", 3)) == std::string("a\0b", 3));
    CHECK(there_and_back(std::vector<bool>{true, false}) == std::vector<bool>{true, false});
    CHECK(there_and_back(std::map<std::string, int>{{"a", 1}, {"b", 2}}).at("b") == 2);
    CHECK(there_and_back(std::optional<int>(7)) == 7);
    CHECK(there_and_back(std::optional<int>()) == std::nullopt);
    CHECK(std::get<std::string>(there_and_back(std::variant<int, std::string>("x"))) == "x");
    CHECK(there_and_back(std::complex<double>(1, 2)) == std::complex<double>(1, 2));
    CHECK(there_and_back(std::pair(1, std::string("x"))).second == "x");
    CHECK(there_and_back(std::tuple(1, 2.5)) == std::tuple(1, 2.5));
    CHECK(there_and_back(Event{7, {1.5, 2.5}}) == Event{7, {1.5, 2.5}});
}

TEST_CASE("values without bytes come back") {
    CHECK(saved(std::tuple<>()).empty());
    CHECK_NOTHROW(there_and_back(std::tuple<>()));
    CHECK(there_and_back(std::string()).empty());
}

TEST_CASE("a value that is larger than all buffers comes back") {
    std::vector<std::string> value;
    for (std::size_t i = 0; i < 500; ++i) value.push_back(noise(i * 20, i));
    CHECK((there_and_back(value) == value));
}

TEST_CASE("move-only values come back") {
    CHECK(*there_and_back(std::make_unique<int>(7)) == 7);
    CHECK(there_and_back(std::unique_ptr<int>()) == nullptr);
    std::vector<std::unique_ptr<std::string>> many;
    many.push_back(std::make_unique<std::string>("x"));
    many.push_back(nullptr);
    const auto back = there_and_back(many);
    CHECK(*back.at(0) == "x");
    CHECK(back.at(1) == nullptr);
}

TEST_CASE("what is shared within a record is shared in what comes back") {
    const auto shared = std::make_shared<int>(7);
    const auto back = there_and_back(std::vector{shared, shared});
    CHECK(back.at(0) == back.at(1));
    CHECK(*back.at(0) == 7);
}

TEST_CASE("each record is whole in itself, though records share an object") {
    const auto shared = std::make_shared<int>(7);
    ValueFile file;
    file.add(shared);
    file.add(shared);
    file.close();
    const Records records = read_records(file.path()).records;
    CHECK((records.at(0).payload == records.at(1).payload));

    RecordReader reader(file.path().native(), results_header);
    Loader loader(reader);
    std::shared_ptr<int> second;
    REQUIRE(reader.next());
    REQUIRE(reader.next());
    loader.load(second);
    CHECK(*second == 7);
}

TEST_CASE("one loader goes on after a record that could not be loaded") {
    ValueFile file;
    file.add(std::string("too short for what is asked"));
    file.add(std::vector{1.5, 2.5});
    file.close();
    RecordReader reader(file.path().native(), results_header);
    Loader loader(reader);
    REQUIRE(reader.next());
    std::vector<std::vector<std::string>> wrong;
    CHECK_THROWS(loader.load(wrong));
    REQUIRE(reader.next());
    std::vector<double> right;
    loader.load(right);
    CHECK(right == std::vector{1.5, 2.5});
}

TEST_CASE("a record that is longer than the type is refused") {
    int number = 0;
    CHECK_THROWS_AS(load_from("12345", number), CorruptFile);
    std::string text;
    CHECK_THROWS_AS(load_from(archived(std::string("abc")) + "x", text), CorruptFile);
}

TEST_CASE("a record that is shorter than the type is refused") {
    int number = 0;
    CHECK_THROWS_AS(load_from("", number), CorruptFile);
    CHECK_THROWS_AS(load_from("123", number), CorruptFile);
    std::string text;
    CHECK_THROWS(load_from("", text));
    CHECK_THROWS(load_from(archived(std::string("abc")).substr(0, 10), text));
}

TEST_CASE("what can not travel is known at compile time") {
    STATIC_REQUIRE(Serialisable<int>);
    STATIC_REQUIRE(Serialisable<Event>);
    STATIC_REQUIRE(Serialisable<std::unique_ptr<Event>>);
    STATIC_REQUIRE_FALSE(Serialisable<Opaque>);
    STATIC_REQUIRE_FALSE(Serialisable<int*>);
    STATIC_REQUIRE_FALSE(Serialisable<int&>);
    STATIC_REQUIRE_FALSE(Serialisable<std::ostringstream>);
}
