// A process that maps is killed while its queue jobs wait and run on a real batch system, and another one
// goes on.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "chaos/chaotic_task.hpp"
#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;
using detail::JobState;

namespace {

PoolOptions resumed(const UserDirectory& directory, Jobs jobs) {
    auto options = directory.options(jobs);
    options.resume = std::exchange(options.work_dir, "");
    options.max_num_running = 4;
    return options;
}

std::vector<ChaoticTask> draw_tasks(std::uint32_t seed) {
    using Kind = ChaoticTask::Kind;
    std::mt19937 random(seed);
    std::vector<ChaoticTask> tasks;
    for (std::int64_t i = 0; i < 60; ++i) {
        const auto number = random() % 20;
        const Kind kind = number == 0 ? Kind::throws : number == 1 ? Kind::segfaults : Kind::value;
        tasks.push_back({i, kind, static_cast<int>(random() % 300)});
    }
    return tasks;
}

// A process on this machine that runs tasks of a map there, or its parent.
void kill_a_worker(const UserDirectory& directory, std::mt19937& random) {
    std::vector<pid_t> workers;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().native();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream file(entry.path() / "cmdline");
        std::string arguments;
        std::getline(file, arguments);  // of a process that ends meanwhile, nothing
        if (arguments.find("--qmr-worker") != std::string::npos &&
            arguments.find(directory.work_dir().native()) != std::string::npos)
            workers.push_back(std::stoi(name));
    }
    if (!workers.empty()) ::kill(workers[random() % workers.size()], SIGKILL);
}

}  // namespace

TEST_CASE("real: queue jobs that run are adopted after the process that submitted them was killed") {
    const auto jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    const UserDirectory directory;
    const auto map = [&] {
        const std::vector<std::string> where(8, directory.path().native());
        return not_squares(Pool(resumed(directory, jobs)).map(square_when_told, numbers(8), where), 8);
    };
    UserProcess first(directory, map);
    REQUIRE(becomes_true([] { return num_in_state(JobState::running) == 4; }));
    REQUIRE(becomes_true([&] { return !directory.text("begun.0").empty(); }));
    ::kill(first.pid(), SIGKILL);
    CHECK(first.outcome() == "ended by signal 9");
    directory.touch("go");
    check_as_user(directory, map);
    CHECK(directory.num_events({"\"submit\""}) == 1);
    CHECK(directory.num_events({"\"resume\""}) == 1);
}

TEST_CASE("real: chaos, with kills of the process that maps, of workers, and deleted queue jobs") {
    const auto jobs = GENERATE(Jobs::one_per_chunk, Jobs::pull);
    const std::uint32_t seed = jobs == Jobs::pull ? 1 : 2;
    const UserDirectory directory;
    const std::vector<ChaoticTask> tasks = draw_tasks(seed);
    const auto map = [&]() -> std::string {
        auto options = resumed(directory, jobs);
        options.num_chunks = 12;
        const auto results = Pool(options).try_map(Chaotic{directory.path().native()}, tasks);
        std::string text;
        for (const std::string& wrong : what_is_wrong(tasks, results)) text += wrong + "; ";
        return text;
    };
    std::mt19937 random(seed);
    for (int i = 0; i < 4; ++i) {
        UserProcess process(directory, map);
        for (int accident = 0; accident < 2; ++accident) {
            std::this_thread::sleep_for(std::chrono::milliseconds(500 + random() % 2000));
            kill_a_worker(directory, random);
            const auto running = ids_in_state(JobState::running);
            // It may end by itself meanwhile.
            if (accident == 1 && !running.empty())
                try_to({is_slurm() ? "scancel" : "qdel", running[random() % running.size()]});
        }
        ::kill(process.pid(), SIGKILL);
        static_cast<void>(process.outcome());
    }
    check_as_user(directory, map, 300);
}
