#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
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
    shared.writer().abandon_record();
    shared.writer().write_record(Kind::crash, "x");
    in_child([&] { shared.writer().write_record(Kind::value, noise(size, 3)); });
    CHECK(shared.writer().num_records() == 3);
    shared.writer().finish();
    CHECK((read_records(path).records ==
           Records{{Kind::value, noise(size)}, {Kind::crash, "x"}, {Kind::value, noise(size, 3)}}));
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
