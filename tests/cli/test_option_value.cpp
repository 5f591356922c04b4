#include <catch2/catch.hpp>
#include <cstdint>
#include <qmr/error.hpp>

#include "cli/option_value.hpp"
#include "value_of.hpp"

using namespace qmr::cli;

namespace {

Json put_and_read(const char* key, const Json& value) {
    qmr::PoolOptions options;
    put(options, *find_pool_option(key), value, "--option");
    return qmr::test::value_of(options, *find_pool_option(key));
}

std::string refusal(const char* key, const Json& value) {
    try {
        return "accepted: " + put_and_read(key, value).dump();
    } catch (const qmr::BadInput& bad) {
        return bad.what();
    }
}

}  // namespace

TEST_CASE("cli: a size is bytes, or has a unit") {
    CHECK(put_and_read("memory", "17") == 17);
    CHECK(put_and_read("memory", 17) == 17);
    CHECK(put_and_read("memory", "3K") == 3 << 10);
    CHECK(put_and_read("memory", "3M") == 3 << 20);
    CHECK(put_and_read("memory", "3G") == std::uint64_t{3} << 30);
    CHECK(put_and_read("memory", "3T") == std::uint64_t{3} << 40);
    CHECK(put_and_read("memory", "16777215T") == std::uint64_t{16777215} << 40);
    const auto bad = GENERATE(Json("4X"), Json("K"), Json(""), Json("1.5G"), Json("-1"), Json(-1), Json(1.5),
                              Json(" 1"), Json("16777216T"), Json(true), Json(nullptr), Json{"1"});
    CHECK(refusal("memory", bad) ==
          "--option: " + bad.dump() + " is no size; give bytes, or a number with K, M, G or T");
}

TEST_CASE("cli: a time is seconds, or has a unit") {
    CHECK(put_and_read("pending_notice", "2.5") == 2.5);
    CHECK(put_and_read("pending_notice", 2.5) == 2.5);
    CHECK(put_and_read("pending_notice", "90s") == 90.0);
    CHECK(put_and_read("pending_notice", "1.5m") == 90.0);
    CHECK(put_and_read("pending_notice", "2h") == 7200.0);
    CHECK(put_and_read("pending_notice", "1d") == 86400.0);
    CHECK(put_and_read("walltime", "0.1m") == 6);
    CHECK(put_and_read("walltime", 0.1) == 1);
    const auto bad = GENERATE(Json("1:30:00"), Json("1h30m"), Json("h"), Json(""), Json(-1), Json("1 h"),
                              Json("nan"), Json("inf"), Json("infd"), Json("1e9d"), Json("2H"), Json(false));
    CHECK(refusal("walltime", bad) ==
          "--option: " + bad.dump() + " is no time; give seconds, or a number with s, m, h or d");
}

TEST_CASE("cli: what is wrong with a value is told with what is expected") {
    CHECK(refusal("num_chunks", "many") ==
          "--option: \"many\" is no count; give a whole number of at least 0");
    CHECK(refusal("num_chunks", 2.0) == "--option: 2.0 is no count; give a whole number of at least 0");
    CHECK(refusal("backup_factor", "-2") == "--option: \"-2\" is no factor; give a number of at least 0");
    CHECK(refusal("queue_name", 7) == "--option: 7 is no text; give it in quotes");
    CHECK(refusal("work_dir", nullptr) == "--option: null is no text; give it in quotes");
    CHECK(refusal("arrays", 1) == "--option: 1 is neither true nor false");
    CHECK(refusal("submit_arguments", "-l gpu=1") ==
          R"(--option: "-l gpu=1" is no list of texts; give one such as ["a", "b"])");
    CHECK(refusal("submit_arguments", Json{"-l", 1}) ==
          R"(--option: ["-l",1] is no list of texts; give one such as ["a", "b"])");
}

TEST_CASE("cli: a word that is none of the few that there are is refused with them, and the nearest") {
    CHECK(refusal("progress", "jsn") ==
          R"(--option: "jsn" is none of auto, lines, json, silent; did you mean "json"?)");
    CHECK(refusal("batch_system", "pbs") == "--option: \"pbs\" is none of auto, sge, slurm, local");
    CHECK(refusal("batch_system", "") == "--option: \"\" is none of auto, sge, slurm, local");
    CHECK(refusal("jobs", 1) == "--option: 1 is none of auto, one_per_chunk, pull");
}

TEST_CASE("cli: a value that is no UTF-8 is refused in one line like others") {
    CHECK(refusal("memory", "4\xff") ==
          "--option: \"4\xEF\xBF\xBD\" is no size; give bytes, or a number with K, M, G or T");
}
