#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "adapters/local_cores.hpp"

using namespace qmr::detail;

namespace {

using Files = std::map<std::string, std::string>;

std::optional<double> cores(const Files& files) {
    return cgroup_cores([&](const std::string& path) -> std::optional<std::string> {
        const auto found = files.find(path);
        if (found == files.end()) return std::nullopt;
        return found->second;
    });
}

const std::string self = "/proc/self/cgroup";

}  // namespace

TEST_CASE("without control groups there is no limit of cores") {
    CHECK(cores({}) == std::nullopt);
    CHECK(cores({{self, ""}}) == std::nullopt);
    CHECK(cores({{self, "0::/\n"}}) == std::nullopt);
    CHECK(cores({{self, "0::/user.slice\n"}}) == std::nullopt);
}

TEST_CASE("version 2: a group's limit is its quota over its period") {
    const auto with = [](const char* text) {
        return cores({{self, "0::/job\n"}, {"/sys/fs/cgroup/job/cpu.max", text}});
    };
    CHECK(with("200000 100000\n") == 2.0);
    CHECK(with("150000 100000\n") == 1.5);
    CHECK(with("50000 100000") == 0.5);
    CHECK(with("10000 20000\n") == 0.5);
    CHECK(with("max 100000\n") == std::nullopt);
    CHECK(with("") == std::nullopt);
    CHECK(with("100000\n") == std::nullopt);
    CHECK(with("100000 0\n") == std::nullopt);
}

TEST_CASE("version 2: the tightest limit of a group and its parents counts") {
    Files files{{self, "0::/a/b/c\n"},
                {"/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n"},
                {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
                {"/sys/fs/cgroup/a/cpu.max", "300000 100000\n"}};
    CHECK(cores(files) == 3.0);
    files["/sys/fs/cgroup/cpu.max"] = "200000 100000\n";
    CHECK(cores(files) == 2.0);
    files["/sys/fs/cgroup/a/b/c/cpu.max"] = "100000 100000\n";
    CHECK(cores(files) == 1.0);
}

TEST_CASE("version 2: in a container whose group is not seen, the limit at the root counts") {
    CHECK(cores({{self, "0::/docker/0123abcd\n"}, {"/sys/fs/cgroup/cpu.max", "400000 100000\n"}}) == 4.0);
    CHECK(cores({{self, "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "400000 100000\n"}}) == 4.0);
}

TEST_CASE("version 1: a group's limit is its quota over its period") {
    const auto with = [](const char* quota, const char* period) {
        return cores({{self, "12:pids:/x\n5:cpu,cpuacct:/job\n1:name=systemd:/y\n"},
                      {"/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", quota},
                      {"/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", period}});
    };
    CHECK(with("300000\n", "100000\n") == 3.0);
    CHECK(with("-1\n", "100000\n") == std::nullopt);
    CHECK(with("100000\n", "0\n") == std::nullopt);
    CHECK(with("", "") == std::nullopt);
}

TEST_CASE("version 1: the tightest limit of a group and its parents counts") {
    CHECK(cores({{self, "5:cpuacct,cpu:/a/b\n"},
                 {"/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "-1\n"},
                 {"/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000\n"},
                 {"/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "250000\n"},
                 {"/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"}}) == 2.5);
}

TEST_CASE("version 1: groups of other controllers are not asked") {
    std::set<std::string> asked;
    static_cast<void>(cgroup_cores([&](const std::string& path) -> std::optional<std::string> {
        asked.insert(path);
        if (path != self) return std::nullopt;
        return "9:cpuset:/x\n8:cpuacct:/y\n7:memory:/z\n";
    }));
    CHECK(asked == std::set<std::string>{self});
}

TEST_CASE("both versions at once: the tightest limit counts") {
    CHECK(cores({{self, "5:cpu,cpuacct:/job\n0::/job\n"},
                 {"/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "300000\n"},
                 {"/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n"},
                 {"/sys/fs/cgroup/job/cpu.max", "200000 100000\n"}}) == 2.0);
}

TEST_CASE("what is not a list of control groups limits nothing") {
    const auto text =
        GENERATE("nonsense\n", "::\n", "0::\n", "0::no_slash\n", ":", "\n\n", "0:cpu\n", "5:cpu:relative\n");
    CAPTURE(text);
    CHECK(cores({{self, text}}) == std::nullopt);
}

TEST_CASE("at least one core is usable, and no more than there are") {
    CHECK(usable_cores() >= 1);
    CHECK(usable_cores() <= std::max(1U, std::thread::hardware_concurrency()));
}
