#include <sys/wait.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "adapters/record_files.hpp"
#include "temporary_directory.hpp"
#include "worker/shared_run.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

using Kind = RecordKind;

/// Runs `body` in a child that ends at once afterwards.
template <class Body>
void in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
        body();
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
}

}  // namespace

TEST_CASE("a parent goes on with the records where its child died") {
    const std::size_t size = GENERATE(10U, 200'000U, 300'000U, 2'000'000U);
    const TemporaryDirectory directory;
    const std::string path = (directory / "f").native();
    const Descriptor file = create_file(path);
    SharedRun shared;
    shared.begin_results(file.get(), path);
    shared.writer().write_header(results_header);
    in_child([&] {
        shared.writer().write_record(Kind::value, noise(size));
        shared.writer().begin_record(Kind::value);
        const std::string half = noise(size, 2);
        shared.writer().put(half.data(), half.size() / 2);
    });
    CHECK(shared.writer().num_records() == 1);
    shared.writer().recover();
    shared.writer().write_record(Kind::crash, "x");
    in_child([&] { shared.writer().write_record(Kind::value, noise(size, 3)); });
    CHECK(shared.writer().num_records() == 3);
    shared.writer().finish();
    CHECK((read_records(path).records ==
           Records{{Kind::value, noise(size)}, {Kind::crash, "x"}, {Kind::value, noise(size, 3)}}));
}

TEST_CASE("a parent goes on with the records at whatever instruction its child died") {
    const TemporaryDirectory directory;
    const std::string payload = noise(300'000);
    for (int i = 0; i < 200; ++i) {
        const std::string path = (directory / std::to_string(i)).native();
        const Descriptor file = create_file(path);
        SharedRun shared;
        shared.begin_results(file.get(), path);
        shared.writer().write_header(results_header);
        const pid_t child = ::fork();
        if (child == 0) {
            // Small records for the most part, and now and then one that does not fit the buffer.
            for (std::size_t n = 0;; ++n) {
                shared.writer().write_record(
                    Kind::value, std::string_view(payload).substr(0, n % 500 == 499 ? 300'000 : n % 300));
                if (n % 7 == 0) shared.writer().flush();
            }
        }
        ::usleep(static_cast<useconds_t>(500 + 7 * i));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        shared.writer().recover();
        const std::uint64_t num_records = shared.writer().num_records();
        shared.writer().write_record(Kind::crash, "x");
        shared.writer().finish();
        const ReadBack back = read_records(path);
        REQUIRE(back.complaint.empty());
        REQUIRE(back.records.size() == num_records + 1);
        REQUIRE(back.records.back().kind == Kind::crash);
        fs::remove(path);
    }
}

TEST_CASE("records in the buffer that a child has damaged do not count, nor those behind them") {
    const TemporaryDirectory directory;
    const std::string path = (directory / "f").native();
    const Descriptor file = create_file(path);
    std::vector<std::byte> buffer(4096);
    RecordWriter writer(file.get(), path.c_str(), buffer);
    writer.write_header(results_header);
    writer.write_record(Kind::value, "in the file");
    writer.flush();
    writer.write_record(Kind::value, "whole");
    std::byte* spoilt = buffer.data() + 6 + std::string("whole").size();
    SECTION("a payload") {
        writer.write_record(Kind::value, "spoilt");
        spoilt[6] ^= std::byte{1};
    }
    SECTION("a size") {
        writer.write_record(Kind::value, noise(300));
        spoilt[13] = std::byte{255};
    }
    writer.write_record(Kind::value, "behind");
    writer.recover();
    CHECK(writer.num_records() == 2);
    writer.finish();
    CHECK((read_records(path).records == Records{{Kind::value, "in the file"}, {Kind::value, "whole"}}));
}

TEST_CASE("a child tells its parent what went wrong") {
    SharedRun shared;
    CHECK(shared.report().state == RunReport::State::running);
    CHECK(shared.report().itask == no_task);
    in_child([&] {
        shared.report().itask = 5;
        shared.report().fail("no room", 28);
    });
    CHECK(shared.report().state == RunReport::State::failed);
    CHECK(shared.report().itask == 5);
    CHECK(std::string(shared.report().message.data()) == "no room");
    CHECK(shared.report().error == 28);
}

TEST_CASE("a long message is cut") {
    RunReport report;
    report.fail(std::string(10'000, 'x'), 0);
    CHECK(std::string(report.message.data()) == std::string(report.message.size() - 1, 'x'));
}
