#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "cli/command.hpp"
#include "full_chain/resumed.hpp"
#include "wait_until.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

std::int64_t throws_always(std::int64_t) {
    throw std::runtime_error("no");
}

std::int64_t waits_for_end(std::int64_t x, const std::string& mark) {
    while (std::filesystem::exists(mark)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return x;
}

/// A map that runs until its mark is gone.
struct LongMap {
    explicit LongMap(bool is_kept = true) : options(local_options(chain.directory())) {
        options.keep_work_dir = is_kept;
        options.num_chunks = 2;
        std::ofstream(mark) << "stay";
        process = std::make_unique<InProcess>([this] {
            static_cast<void>(
                Pool(options).map(waits_for_end, numbers(2), std::vector<std::string>(2, mark)));
            return 0;
        });
        wait_until([this] { return std::filesystem::exists(chain.work_dir() / "manifest.json"); });
    }
    void let_end() const { std::filesystem::remove(mark); }

    Chain chain;
    PoolOptions options;
    std::string mark = (chain.directory() / "mark").native();
    std::unique_ptr<InProcess> process;
};

}  // namespace

TEST_CASE("cli: qmr watch of a map that is over tells how it ended") {
    const Chain chain;
    CHECK(chain.pool().map(square, numbers(3)) == squares(3));
    Said said = run_command({"watch", chain.work_dir().native()});
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::StartsWith("map       complete\n"));
    const Chain other;
    static_cast<void>(other.pool().try_map(throws_always, numbers(3)));
    said = run_command({"watch", other.work_dir().native()});
    CHECK(said.exit_code == 1);
    CHECK_THAT(said.out, Catch::Contains("failed    3 x std::runtime_error: no (tasks 0, 1, 2)\n"));
}

TEST_CASE("cli: qmr watch tells how far a map is, and ends with it") {
    const LongMap map;
    RunningCommand watch({"watch", map.chain.work_dir().native()}, "/");
    wait_until([&] { return !watch.out().empty(); });
    CHECK_THAT(watch.out(), Catch::StartsWith("qmr: 0/2 tasks, "));
    map.let_end();
    const Said said = watch.finish();
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::Contains("\nmap       complete\n"));
    CHECK(map.process->exit_code() == 0);
}

TEST_CASE("cli: qmr watch ends when nobody works on the map any more") {
    const LongMap map;
    RunningCommand watch({"watch", map.chain.work_dir().native()}, "/");
    wait_until([&] { return !watch.out().empty(); });
    ::kill(map.process->pid(), SIGKILL);
    CHECK(map.process->ended_by() == SIGKILL);
    const Said said = watch.finish();
    CHECK(said.exit_code == 1);
    CHECK_THAT(said.out, Catch::Contains("\nmap       left alone\n") && Catch::Contains("QMR_RESUME="));
}

TEST_CASE("cli: qmr watch ends when the work_dir goes, as that of a map without failures does") {
    const LongMap map(false);
    RunningCommand watch({"watch", map.chain.work_dir().native()}, "/");
    wait_until([&] { return !watch.out().empty(); });
    map.let_end();
    CHECK(map.process->exit_code() == 0);
    const Said said = watch.finish();
    CHECK(said.exit_code == 0);
    CHECK_THAT(said.out, Catch::EndsWith("qmr: the map is over, and its work_dir was removed\n"));
}

TEST_CASE("cli: Ctrl-C ends qmr watch, and the map goes on") {
    const LongMap map;
    RunningCommand watch({"watch", map.chain.work_dir().native()}, "/");
    wait_until([&] { return !watch.out().empty(); });
    ::kill(watch.pid(), SIGINT);
    const Said said = watch.finish();
    CHECK(said.exit_code == 0);
    CHECK(said.err == "qmr: no longer watched; the map goes on\n");
    map.let_end();
    CHECK(map.process->exit_code() == 0);
}
