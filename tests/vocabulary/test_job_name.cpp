#include <catch2/catch.hpp>
#include <cctype>
#include <limits>
#include <set>
#include <string>

#include "vocabulary/job_name.hpp"

using namespace qmr::detail;

namespace {

// Of sge_types(1), and what a shell, a path or XML would take amiss.
constexpr const char* forbidden = ":@/\\*?\n\t\r '\"<>&$`";

}  // namespace

TEST_CASE("a session id is a time in UTC and 48 random bits") {
    CHECK(make_session_id(0, 0) == "19700101T000000-000000000000");
    CHECK(make_session_id(1'700'000'000, 0xABCDEF) == "20231114T221320-000000abcdef");
    CHECK(make_session_id(1'700'000'000, std::numeric_limits<std::uint64_t>::max()) ==
          "20231114T221320-ffffffffffff");
}

TEST_CASE("trap 7: session ids of the same second differ") {
    std::set<std::string> ids;
    for (int i = 0; i < 10'000; ++i) ids.insert(new_session_id());
    CHECK(ids.size() == 10'000);
}

TEST_CASE("a session id has only digits, letters and dashes, and always the same length") {
    const std::string id = new_session_id();
    CHECK(id.size() == 28);
    for (const char c : id) CHECK((std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'));
}

TEST_CASE("hashes of session ids differ and stay what they are") {
    CHECK(session_hash("20231114T221320-000000abcdef") == session_hash("20231114T221320-000000abcdef"));
    CHECK(session_hash("20231114T221320-000000abcdef") != session_hash("20231114T221320-000000abcdee"));
    std::set<std::uint64_t> hashes;
    for (std::uint64_t i = 0; i < 10'000; ++i) hashes.insert(session_hash(make_session_id(1'700'000'000, i)));
    CHECK(hashes.size() == 10'000);
}

TEST_CASE("a JB_name is one that Grid Engine accepts") {
    const auto ichunk = GENERATE(std::optional<std::size_t>{}, std::optional<std::size_t>{0},
                                 std::optional<std::size_t>{std::numeric_limits<std::size_t>::max()});
    const std::string name = make_JB_name(new_session_id(), std::numeric_limits<std::size_t>::max(), ichunk);
    CAPTURE(name);
    CHECK(std::isalpha(static_cast<unsigned char>(name.front())) != 0);
    CHECK(name.find_first_of(forbidden) == std::string::npos);
    CHECK(name.size() < 512);
}

TEST_CASE("a JB_name tells its session, submission and chunk") {
    CHECK(make_JB_name("S", 7) == "qS.7");
    CHECK(make_JB_name("S", 7, 42) == "qS.7#000000042");
    CHECK(JB_name_prefix("S") == "qS.");
}

TEST_CASE("the submission of a JB_name is read back") {
    const std::string id = new_session_id();
    const auto isubmission = GENERATE(std::size_t{0}, std::size_t{9}, std::size_t{10}, std::size_t{123456},
                                      std::numeric_limits<std::size_t>::max());
    CHECK(isubmission_of(make_JB_name(id, isubmission), id) == isubmission);
    CHECK(isubmission_of(make_JB_name(id, isubmission, 0), id) == isubmission);
    CHECK(isubmission_of(make_JB_name(id, isubmission, 4'000'000'000), id) == isubmission);
}

TEST_CASE("trap 7: a JB_name of another session is not recognised") {
    const std::string mine = make_session_id(1'700'000'000, 1);
    CHECK(isubmission_of(make_JB_name(make_session_id(1'700'000'000, 2), 3), mine) == std::nullopt);
    CHECK(isubmission_of(make_JB_name(make_session_id(1'700'000'001, 1), 3), mine) == std::nullopt);
}

TEST_CASE("a session id that another one begins with does not take its queue jobs") {
    CHECK(isubmission_of(make_JB_name("20231114T221320-12", 3), "20231114T221320-1") == std::nullopt);
    CHECK(isubmission_of(make_JB_name("20231114T221320-1", 3), "20231114T221320-12") == std::nullopt);
    CHECK(isubmission_of(make_JB_name("1.2", 3), "1") == std::nullopt);
    CHECK_FALSE(make_JB_name("12", 3).starts_with(JB_name_prefix("1")));
}

TEST_CASE("names that only look like a JB_name are not recognised") {
    const auto name = GENERATE("", "q", "qS", "qS.", "qS.x", "qS.-1", "qS.1x", "qS.1.2", "S.1", "qqS.1",
                               " qS.1", "qS.1 ", "QS.1", "qs.1", "qS.99999999999999999999", "qS.#000000001");
    CAPTURE(name);
    CHECK(isubmission_of(name, "S") == std::nullopt);
}
