#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "full_chain/resumed.hpp"
#include "ground/environment_variable.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::int64_t throws(std::int64_t) {
    throw std::runtime_error("no");
}

void map_five_in(const std::filesystem::path& directory, const std::string& name,
                 std::int64_t (*function)(std::int64_t)) {
    auto options = local_options(directory);
    options.work_dir = directory / name;
    static_cast<void>(Pool(options).try_map(function, numbers(5)));
}

}  // namespace

TEST_CASE("cli: qmr clean removes a map that is complete, when that is agreed to") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    map_five_in(here, ".qmr_a", square);
    Said said = run_command({"clean"}, here);
    CHECK(said.exit_code == 2);
    CHECK_THAT(said.err, Catch::Contains("--yes agrees"));
    CHECK(std::filesystem::exists(here / ".qmr_a"));
    said = run_command({"clean", "--yes"}, here);
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::Matches("removed .*/\\.qmr_a: [0-9]+ files, [0-9.]+ kB\n"));
    CHECK_FALSE(std::filesystem::exists(here / ".qmr_a"));
}

TEST_CASE("cli: qmr clean refuses a map with failures by name, unless it is forced") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    map_five_in(here, ".qmr_a", throws);
    Said said = run_command({"clean", "--yes", ".qmr_a"}, here);
    CHECK(said.exit_code == 2);
    CHECK(said.err ==
          "qmr: " + (here / ".qmr_a").native() +
              " was not removed: 5 of its 5 tasks failed, and what is known of them is in there\n");
    CHECK(std::filesystem::exists(here / ".qmr_a"));
    said = run_command({"clean", "--yes", "--force", ".qmr_a"}, here);
    CHECK(said.exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(here / ".qmr_a"));
}

TEST_CASE("cli: qmr clean takes a directory, or $QMR_WORK_ROOT, for the maps that are in there") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    const std::filesystem::path root = here / "root";
    for (const char* name : {".qmr_a", ".qmr_b"}) map_five_in(root, name, square);
    map_five_in(here, ".qmr_c", square);
    const EnvironmentVariable set("QMR_WORK_ROOT", root.c_str());
    Said said = run_command({"status"}, here);
    CHECK_THAT(said.out, Catch::Contains(root.native() + "/.qmr_"));
    said = run_command({"clean", "all", "--yes"}, here);
    CHECK(std::filesystem::is_empty(root));
    map_five_in(root, ".qmr_d", square);
    said = run_command({"clean", here.native(), "--yes"}, root);
    CHECK(said.exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(here / ".qmr_c"));
    CHECK(std::filesystem::exists(root / ".qmr_d"));
}

TEST_CASE("cli: qmr clean all removes what is complete, and tells what stays") {
    const TemporaryDirectory directory;
    const std::filesystem::path here = directory.path().native();
    map_five_in(here, ".qmr_a", square);
    map_five_in(here, ".qmr_b", throws);
    map_five_in(here, ".qmr_c", square);
    std::filesystem::create_directory(here / ".qmr_none");
    const Said said = run_command({"clean", "all", "--yes"}, here);
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::Contains("removed .qmr_a: ") && Catch::Contains("removed .qmr_c: "));
    CHECK_THAT(said.err, Catch::Contains("qmr: .qmr_b stays: the map is complete with failures\n") &&
                             Catch::Contains(".qmr_none is no work_dir"));
    CHECK(directory.num_entries() == 2);
    CHECK(run_command({"clean", "all", "--yes"}, here).out == "nothing to remove\n");
    CHECK(run_command({"clean", "all", "--yes", "--force"}, here).exit_code == 0);
    CHECK(directory.num_entries() == 1);
}

TEST_CASE("cli: whoever removes a map that was left alone is told of its queue jobs") {
    const Resumed map(all_sites[1], 20);
    const auto work_dir = map.chain().work_dir();
    InProcess caller([&] { return map.is_right() ? 0 : 1; });
    while (!std::filesystem::exists(work_dir / "000000000.out"))
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ::kill(caller.pid(), SIGINT);
    CHECK(caller.ended_by() == SIGINT);
    Said said = run_command({"clean", "--yes", work_dir.native()});
    CHECK(said.exit_code == 2);
    CHECK_THAT(said.err, Catch::Contains("the map did not come to its end"));
    said = run_command({"clean", "--yes", "--force", work_dir.native()});
    CHECK(said.exit_code == 0);
    CHECK_THAT(
        said.err,
        Catch::Matches("qmr: queue jobs named q[^ ]*[*] may still be in the queue; delete them yourself\n"));
    CHECK_FALSE(std::filesystem::exists(work_dir));
}
