// Programs with several maps that are killed and started again.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "full_chain/chain.hpp"
#include "wait_until.hpp"

using namespace qmr::test;

namespace {

constexpr int num_steps = 18;
// Of each map: 0 + 1 + 2 + 3 + 4, and what is added.
constexpr const char* right_sums = "60\n560\n5010\n";

/// tests/full_chain/programs/three_maps.cpp in a directory of its own.
class ThreeMaps {
  public:
    ThreeMaps() {
        set("QMR_BATCH_SYSTEM", "local");
        set("QMR_MAX_NUM_RUNNING", "2");
        set("QMR_PROGRESS", "lines");
    }

    void use_dummy_queue(qmr::Jobs jobs) {
        const auto options = chain_.options();
        set("QMR_BATCH_SYSTEM", "sge");
        set("QMR_QSUB_PATH", options.qsub_path);
        set("QMR_QSTAT_PATH", options.qstat_path);
        set("QMR_QDEL_PATH", options.qdel_path);
        set("QMR_POLLING_INTERVAL", "0.01");
        set("QMR_FILE_SYSTEM_LATENCY", "0.2");
        set("QMR_SETTLING_TIME", "0");
        set("QMR_JOBS", jobs == qmr::Jobs::pull ? "pull" : "one_per_chunk");
    }

    [[nodiscard]] bool is_local() const { return variables_.at("QMR_BATCH_SYSTEM") == "local"; }

    void set(const std::string& variable, const std::string& value) { variables_[variable] = value; }
    void unset(const std::string& variable) { variables_.erase(variable); }

    /// Gives its exit code, or the number of the signal that ended it, negative.
    [[nodiscard]] int run() const {
        const pid_t child = ::fork();
        if (child == 0) start();
        int status = 0;
        while (::waitpid(child, &status, 0) < 0) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    [[nodiscard]] std::string out() const { return text_of(chain_.directory() / "out"); }
    [[nodiscard]] std::string err() const { return text_of(chain_.directory() / "err"); }

    /// How often the tasks of a map were run, and its end was seen.
    [[nodiscard]] std::ptrdiff_t num_steps_of(char name) const {
        const std::string steps = text_of(chain_.directory() / "steps");
        return std::ranges::count(steps, name);
    }

    [[nodiscard]] std::filesystem::path directory() const { return chain_.directory(); }
    [[nodiscard]] std::filesystem::path work_root() const { return chain_.directory() / "root"; }

    /// Those that were left.
    [[nodiscard]] static std::vector<std::string> work_dirs(const std::filesystem::path& directory) {
        std::vector<std::string> all;
        if (std::filesystem::exists(directory))
            for (const auto& entry : std::filesystem::directory_iterator(directory))
                if (entry.path().filename().native().starts_with(".qmr_"))
                    all.push_back(entry.path().native());
        return all;
    }
    [[nodiscard]] std::vector<std::string> work_dirs_here() const { return work_dirs(chain_.directory()); }

  private:
    [[noreturn]] void start() const {
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
        if (::chdir(chain_.directory().c_str()) != 0) ::_exit(99);
        for (const auto& [file, number] : {std::pair{"out", STDOUT_FILENO}, std::pair{"err", STDERR_FILENO}})
            ::dup2(::open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600), number);
        for (const char* variable : {"QMR_RESUME", "QMR_WORK_ROOT"}) ::unsetenv(variable);
        for (const auto& [variable, value] : variables_) ::setenv(variable.c_str(), value.c_str(), 1);
        ::execl(QMR_TEST_THREE_MAPS, QMR_TEST_THREE_MAPS, static_cast<char*>(nullptr));
        ::_exit(99);
    }

    Chain chain_;
    std::map<std::string, std::string> variables_;
};

// Workers of the local cores end with their process node, but not in the same moment. They would read what is
// to be added in the next life.
bool has_processes_in(const std::filesystem::path& directory) {
    std::error_code ignored;
    for (const auto& process : std::filesystem::directory_iterator("/proc", ignored))
        if (std::filesystem::read_symlink(process.path() / "cwd", ignored) == directory) return true;
    return false;
}

void require_kill_at(ThreeMaps& program, int istep) {
    program.set("KILL_AT", std::to_string(istep));
    REQUIRE(program.run() == -SIGKILL);
    if (program.is_local()) wait_until([&program] { return !has_processes_in(program.directory()); });
    program.unset("KILL_AT");
}

void check_that_it_goes_on_in_its_work_root(ThreeMaps& program, int istep) {
    program.set("QMR_WORK_ROOT", program.work_root());
    require_kill_at(program, istep);
    program.set("QMR_RESUME", program.work_root());
    CHECK(program.run() == 0);
    INFO(program.err());
    CHECK(program.out() == right_sums);
    CHECK(ThreeMaps::work_dirs(program.work_root()).empty());
}

}  // namespace

TEST_CASE("several maps: a program that is killed at any step goes on in its work_root and repeats no map") {
    const int istep = GENERATE(range(1, num_steps + 1));
    CAPTURE(istep);
    ThreeMaps program;
    check_that_it_goes_on_in_its_work_root(program, istep);
    // What was running when it was killed runs again.
    CHECK(program.num_steps_of('a') + program.num_steps_of('b') <= 15 + 2);
    if (istep > 6) CHECK(program.num_steps_of('b') + program.num_steps_of('a') >= 15);
    if (istep > 12) CHECK(program.num_steps_of('b') == 5);
    CHECK(program.work_dirs_here().empty());
}

TEST_CASE("several maps: on a batch system too") {
    const auto jobs = GENERATE(qmr::Jobs::one_per_chunk, qmr::Jobs::pull);
    // Queue jobs live on; those of the third map would read what the first one is to add.
    const int istep = GENERATE(3, 6, 8, 12);
    CAPTURE(istep);
    ThreeMaps program;
    program.use_dummy_queue(jobs);
    check_that_it_goes_on_in_its_work_root(program, istep);
    CHECK(program.num_steps_of('a') + program.num_steps_of('b') == 15);
}

TEST_CASE("several maps: a program goes on by the work_dir of any of its maps, and does the others anew") {
    const int istep = GENERATE(range(1, num_steps + 1));
    CAPTURE(istep);
    ThreeMaps program;
    require_kill_at(program, istep);
    const auto left = program.work_dirs_here();
    // Between two maps there is none.
    REQUIRE(left.size() <= 1);
    if (!left.empty()) program.set("QMR_RESUME", left.front());
    CHECK(program.run() == 0);
    INFO(program.err());
    CHECK(program.out() == right_sums);
    CHECK(program.work_dirs_here().empty());
}

TEST_CASE("several maps: a program that names the work_dir of each is told by that which one is meant") {
    ThreeMaps program;
    program.set("NAMED", "1");
    require_kill_at(program, 8);
    const auto before = program.num_steps_of('b');
    program.set("QMR_RESUME", program.directory() / "named_1");
    CHECK(program.run() == 0);
    INFO(program.err());
    CHECK(program.out() == right_sums);
    CHECK(program.num_steps_of('b') <= 5 + before);
    CHECK_FALSE(std::filesystem::exists(program.directory() / "named_1"));
}

TEST_CASE("several maps: results in a work_root outlive a program that ends with an error") {
    ThreeMaps program;
    program.set("QMR_WORK_ROOT", program.work_root());
    program.set("EXIT_CODE", "3");
    CHECK(program.run() == 3);
    CHECK(ThreeMaps::work_dirs(program.work_root()).size() == 3);
    CHECK_THAT(
        program.err(),
        Catch::EndsWith("ended with exit code 3, so the results of its 3 maps are kept in " +
                        program.work_root().native() + "; to go on: the same command with QMR_RESUME=" +
                        program.work_root().native() + "\n"));
    program.unset("EXIT_CODE");
    program.set("QMR_RESUME", program.work_root());
    CHECK(program.run() == 0);
    CHECK(program.out() == right_sums);
    CHECK(program.num_steps_of('a') == 10);
    CHECK(program.num_steps_of('b') == 5);
    CHECK(ThreeMaps::work_dirs(program.work_root()).empty());
}

TEST_CASE(
    "several maps: a map with other tasks is refused where the user named that map, and begins in a "
    "work_root") {
    ThreeMaps program;
    const bool is_root = GENERATE(false, true);
    if (is_root) program.set("QMR_WORK_ROOT", program.work_root());
    require_kill_at(program, 8);
    const auto left = program.work_dirs_here();
    program.set("QMR_RESUME", is_root ? program.work_root().native() : left.at(0));
    program.set("SECOND_OFFSET", "1");
    if (!is_root) {
        CHECK(program.run() == -SIGABRT);
        CHECK_THAT(program.err(), Catch::Contains("its 5 tasks are other ones; nothing was submitted"));
        CHECK(program.work_dirs_here() == left);
        return;
    }
    CHECK(program.run() == 0);
    INFO(program.err());
    CHECK(program.out() == "60\n565\n5010\n");
    CHECK_THAT(program.err(), Catch::Contains("none of the 1 maps left in " + program.work_root().native() +
                                              " is this one, so it begins"));
    CHECK_THAT(program.err(), Catch::Contains("1 map in " + program.work_root().native() +
                                              " of this program stay as they were"));
    CHECK(ThreeMaps::work_dirs(program.work_root()).size() == 1);
}

TEST_CASE("several maps: a QMR_RESUME that fits no map of the program is told") {
    ThreeMaps program;
    require_kill_at(program, 8);
    const auto left = program.work_dirs_here();
    REQUIRE(left.size() == 1);
    program.set("QMR_RESUME", left.front());
    program.set("ONLY_FIRST", "1");
    CHECK(program.run() == 0);
    CHECK_THAT(program.err(),
               Catch::EndsWith("the map in " + left.front() +
                               " is none of those that the program made, and stays as it was\n"));
    CHECK(program.work_dirs_here() == left);
}
