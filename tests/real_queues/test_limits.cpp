// Limits of the site are met by waiting, or by smaller arrays.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "real_queues/cluster.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

/// A value of Grid Engine's global configuration (sge_conf(5)), for the time of a test.
class GlobalValue {
  public:
    GlobalValue(std::string key, const std::string& value) : key_(std::move(key)) { before_ = set(value); }
    ~GlobalValue() { set(before_); }
    GlobalValue(const GlobalValue&) = delete;
    GlobalValue& operator=(const GlobalValue&) = delete;

  private:
    std::string set(const std::string& value) const {
        ::setenv("SGE_SINGLE_LINE", "1", 1);
        std::istringstream before(administer({"qconf", "-sconf"}));
        std::string replaced;
        const UserDirectory directory;
        std::ofstream after(directory / "global");
        for (std::string line; std::getline(before, line);) {
            if (line.starts_with(key_ + " ")) {
                replaced = line.substr(line.find_last_of(' ') + 1);
                line = key_ + " " + value;
            }
            if (!line.starts_with('#')) after << line << '\n';
        }
        after.close();
        administer({"qconf", "-Mconf", directory / "global"});
        return replaced;
    }

    std::string key_;
    std::string before_;
};

void check_map(std::int64_t count, bool arrays, const std::vector<std::string>& event) {
    const UserDirectory directory;
    check_as_user(
        directory,
        [&] {
            auto options = directory.options();
            options.arrays = arrays;
            options.command_time_limit = Seconds{5};
            return not_squares(Pool(options).map(square, numbers(count)), count);
        },
        300);
    CHECK(directory.num_events(event) > 0);
    CHECK(directory.num_events({"\"resubmit\""}) == 0);
    CHECK(directory.num_events({"\"committed\""}) == static_cast<std::size_t>(count));
}

}  // namespace

TEST_CASE("real: an array over max_aj_tasks is cut to what is allowed", "[sge]") {
    const GlobalValue limit("max_aj_tasks", "4");
    check_map(10, true, {"\"too_large\""});
}

TEST_CASE("real: at max_u_jobs the rest waits, and is submitted as room appears", "[sge]") {
    const GlobalValue limit("max_u_jobs", "2");
    check_map(6, false, {"\"busy\""});
}

TEST_CASE("real: an array over MaxArraySize is cut to what is allowed", "[slurm]") {
    const SlurmSettings settings({"MaxArraySize=5"});
    check_map(10, true, {"\"too_large\""});
}

TEST_CASE("real: at MaxJobCount the rest waits, and is submitted as room appears", "[slurm]") {
    const SlurmSettings settings({"MaxJobCount=6", "MinJobAge=2"});
    check_map(10, true, {"\"unclear\"", "sleeping and retrying"});
}
