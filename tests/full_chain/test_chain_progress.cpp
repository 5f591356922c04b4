// What a map tells on stderr.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

/// Everything that a map with this kind of progress writes to stderr, which is no terminal.
std::string told_by(Progress kind) {
    const TemporaryDirectory directory;
    const std::string file = (directory / "stderr").native();
    InProcess caller([&] {
        if (std::freopen(file.c_str(), "w", stderr) == nullptr) return 2;
        auto options = local_options(directory.path().native());
        options.progress = kind;
        options.keep_work_dir = false;
        return Pool(options).map(square, numbers(10)) == squares(10) ? 0 : 1;
    });
    CHECK(caller.exit_code() == 0);
    return text_of(file);
}

}  // namespace

TEST_CASE(
    "where stderr is no terminal a short map tells two plain lines: what it does, and that it is done") {
    std::istringstream told(told_by(Progress::automatic));
    std::string line;
    std::getline(told, line);
    CHECK_THAT(line, Catch::StartsWith("qmr: 10 tasks in 10 chunks"));
    CHECK_THAT(line, Catch::Contains("; local cores: "));
    std::getline(told, line);
    CHECK_THAT(line, Catch::StartsWith("qmr: 10 of 10 tasks done in "));
    CHECK_FALSE(std::getline(told, line));
}

TEST_CASE("progress for programs is valid JSON on each line, and ends with the last figures") {
    std::istringstream told(told_by(Progress::json));
    nlohmann::json figures;
    for (std::string line; std::getline(told, line);) {
        const auto object = nlohmann::json::parse(line);
        if (object.contains("tasks")) figures = object;
    }
    CHECK(figures.at("tasks") == 10);
    CHECK(figures.at("done") == 10);
    CHECK(figures.at("failed") == 0);
}

TEST_CASE("a silent map tells nothing") {
    CHECK(told_by(Progress::silent).empty());
}

TEST_CASE(
    "each line of the log and of the journal is valid JSON, whatever the programs of the batch system "
    "print") {
    const Chain chain({{.kind = dummy_queue::FaultKind::qsub_refuses,
                        .max_num_fails = 1,
                        .message = "\"quotes\", a tab\t, no UTF-8 \xff and a backslash \\"}});
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    for (const char* name : {"log.jsonl", "journal.jsonl"}) {
        std::istringstream lines(chain.text_of(name));
        std::size_t num_lines = 0;
        for (std::string line; std::getline(lines, line); ++num_lines) CHECK(nlohmann::json::accept(line));
        CHECK(num_lines > 2);
    }
    CHECK_THAT(chain.text_of("log.jsonl"), Catch::Contains("\\\"quotes\\\""));
}
