#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

#include "ground/environment_variable.hpp"
#include "qmr/error.hpp"
#include "qmr/options.hpp"

namespace environment = qmr::environment;
using qmr::BadInput;
using qmr::test::EnvironmentVariable;

namespace {

constexpr const char* variable_name = "QMR_TEST_OPTION";
using Words = std::vector<std::string>;

template <class Read>
std::string refusal(const std::string& value, Read read) {
    const EnvironmentVariable variable(variable_name, value);
    try {
        static_cast<void>(read());
    } catch (const BadInput& bad) {
        return bad.what();
    }
    return "accepted";
}

template <class Read>
auto with(const std::string& value, Read read) {
    const EnvironmentVariable variable(variable_name, value);
    return read();
}

const auto count = [] { return environment::count(variable_name); };
const auto bytes = [] { return environment::bytes(variable_name); };
const auto seconds = [] { return environment::seconds(variable_name, 2.5).count(); };
const auto flag = [] { return environment::flag(variable_name, true); };
const auto progress = [] { return environment::progress(variable_name); };
const auto jobs = [] { return environment::jobs(variable_name); };

}  // namespace

TEST_CASE("an environment variable that is not set, or empty, leaves each default as it is") {
    const EnvironmentVariable variable(
        variable_name, GENERATE(std::optional<std::string>{}, std::optional<std::string>{""}));
    CHECK(environment::text(variable_name, "otherwise") == "otherwise");
    CHECK(environment::words(variable_name, {"a", "b"}) == Words{"a", "b"});
    CHECK(environment::words(variable_name).empty());
    CHECK(environment::count(variable_name) == std::nullopt);
    CHECK(environment::bytes(variable_name) == 0);
    CHECK(environment::seconds(variable_name, 2.5).count() == 2.5);
    CHECK(environment::flag(variable_name, true));
    CHECK_FALSE(environment::flag(variable_name));
    CHECK(environment::progress(variable_name) == qmr::Progress::automatic);
}

TEST_CASE("text of the environment is taken as it is") {
    CHECK(with(" a 'b'\n", [] { return environment::text(variable_name, "otherwise"); }) == " a 'b'\n");
}

TEST_CASE("words of the environment are split at white space") {
    const auto words = [] { return environment::words(variable_name, {"otherwise"}); };
    CHECK(with("-l h_rt=60", words) == Words{"-l", "h_rt=60"});
    CHECK(with("  a\tb \n c  ", words) == Words{"a", "b", "c"});
    CHECK(with("*", words) == Words{"*"});
}

TEST_CASE("a count of the environment is a whole number") {
    CHECK(with("0", count) == std::size_t{0});
    CHECK(with("42", count) == std::size_t{42});
    CHECK(with("18446744073709551615", count) == std::numeric_limits<std::size_t>::max());
}

TEST_CASE("what is not a whole number is refused as a count by the name of its variable") {
    const auto text = GENERATE("-1", "+1", "1.5", " 1", "1 ", "1e3", "0x10", "x", "18446744073709551616");
    CAPTURE(text);
    CHECK(refusal(text, count) ==
          "$QMR_TEST_OPTION is '" + std::string(text) + "', which is not a whole number of at least 0");
}

TEST_CASE("bytes of the environment have units that are powers of 1,024") {
    CHECK(with("0", bytes) == 0);
    CHECK(with("512", bytes) == 512);
    CHECK(with("3K", bytes) == 3 * 1024U);
    CHECK(with("500M", bytes) == 500ULL * 1024 * 1024);
    CHECK(with("4G", bytes) == 4ULL * 1024 * 1024 * 1024);
    CHECK(with("2T", bytes) == 2ULL * 1024 * 1024 * 1024 * 1024);
}

TEST_CASE("bytes of the environment may be as many as 64 bits hold, and not one unit more") {
    CHECK(with("18446744073709551615", bytes) == std::numeric_limits<std::uint64_t>::max());
    CHECK(with("16777215T", bytes) == 16777215ULL << 40);
    CHECK(refusal("16777216T", bytes) != "accepted");
    CHECK(refusal("18014398509481984K", bytes) != "accepted");
    CHECK(with("18014398509481983K", bytes) == 18014398509481983ULL << 10);
    CHECK(refusal("18446744073709551616", bytes) != "accepted");
}

TEST_CASE("what is not a size is refused as bytes by the name of its variable") {
    const auto text = GENERATE("K", "4g", "4GB", "4 G", "1.5G", "-4G", "G4", "4KK", " 4G", "4G ", "0x10");
    CAPTURE(text);
    CHECK(refusal(text, bytes) ==
          "$QMR_TEST_OPTION is '" + std::string(text) + "', which is not a size in bytes such as 500M or 4G");
}

TEST_CASE("seconds of the environment may have fractions") {
    CHECK(with("0", seconds) == 0);
    CHECK(with("0.25", seconds) == 0.25);
    CHECK(with("3600", seconds) == 3600);
    CHECK(with("1e3", seconds) == 1000);
}

TEST_CASE("what is not a time is refused as seconds by the name of its variable") {
    const auto text =
        GENERATE("-1", "-0.001", "inf", "-inf", "nan", "1e400", "1s", "1:00:00", " 1", "1 ", "x");
    CAPTURE(text);
    CHECK(refusal(text, seconds) ==
          "$QMR_TEST_OPTION is '" + std::string(text) + "', which is not a time in seconds of at least 0");
}

TEST_CASE("a flag of the environment is 1 or 0") {
    CHECK(with("1", flag));
    CHECK_FALSE(with("0", flag));
    const auto text = GENERATE("2", "10", "01", "yes", "true", " 1", "1 ", "-0");
    CAPTURE(text);
    CHECK(refusal(text, flag) == "$QMR_TEST_OPTION is '" + std::string(text) + "', which is not 0 or 1");
}

TEST_CASE("how queue jobs are given chunks is one of three words of the environment") {
    CHECK(with("auto", jobs) == qmr::Jobs::automatic);
    CHECK(with("one_per_chunk", jobs) == qmr::Jobs::one_per_chunk);
    CHECK(with("pull", jobs) == qmr::Jobs::pull);
    const auto text = GENERATE("Pull", "one", "0", "one-per-chunk", " pull");
    CAPTURE(text);
    CHECK(refusal(text, jobs) ==
          "$QMR_TEST_OPTION is '" + std::string(text) + "', which is not auto, one_per_chunk or pull");
}

TEST_CASE("the way to tell progress is one of four words of the environment") {
    CHECK(with("auto", progress) == qmr::Progress::automatic);
    CHECK(with("lines", progress) == qmr::Progress::lines);
    CHECK(with("json", progress) == qmr::Progress::json);
    CHECK(with("silent", progress) == qmr::Progress::silent);
    const auto text = GENERATE("Auto", "automatic", "line", "jsonl", "none", "0", " silent");
    CAPTURE(text);
    CHECK(refusal(text, progress) ==
          "$QMR_TEST_OPTION is '" + std::string(text) + "', which is not auto, lines, json or silent");
}
