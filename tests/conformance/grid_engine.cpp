#include <cstdio>
#include <stdexcept>

#include "adapters/subprocess.hpp"
#include "conformance/queue.hpp"
#include "real_queues/cluster.hpp"
#include "wait_until.hpp"

namespace qmr::conformance {

namespace {

class GridEngine final : public Queue {
  public:
    GridEngine() {
        if (!test::becomes_true([&] { return run("qstat", {}).out.empty(); }, 60)) {
            throw std::runtime_error("somebody has queue jobs in the queue that is to be tested");
        }
    }
    ~GridEngine() override {
        try {
            if (is_limited_) limit_num_jobs(0);
            if (numbers().empty()) return;
            (void)run("qdel", numbers());
            wait_until_gone();
        } catch (const std::exception& bad) {
            std::fprintf(stderr, "%s\n", bad.what());
        }
    }

    [[nodiscard]] const std::filesystem::path& directory() const override { return directory_.path(); }
    [[nodiscard]] std::string user() const override { return test::user(); }
    [[nodiscard]] bool is_dummy() const override { return false; }

    Answer run(const std::string& program, const std::vector<std::string>& arguments) override {
        std::vector<std::string> argv{"/usr/sbin/runuser",
                                      "-u",
                                      user(),
                                      "--",
                                      "env",
                                      "--chdir=" + directory().native(),
                                      "SGE_ROOT=/var/lib/gridengine",
                                      "/usr/lib/gridengine/" + program};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        const auto result = detail::run_command(argv, qmr::test::patience);
        return {result.timed_out ? -1 : result.status.exit_code, result.out, result.err};
    }

    void limit_num_jobs(unsigned max_u_jobs) override {
        is_limited_ = max_u_jobs != 0;
        const auto file = directory() / "global";
        (void)test::try_to({"sh", "-c",
                            "SGE_SINGLE_LINE=1 qconf -sconf | sed -E 's/^(max_u_jobs +).*/\\1" +
                                std::to_string(max_u_jobs) + "/' >" + file.native() + " && qconf -Mconf " +
                                file.native()});
    }

  private:
    void wait_until_gone() {
        const bool is_gone = test::becomes_true([&] { return run("qstat", {}).out.empty(); }, 20);
        if (!is_gone) throw std::runtime_error("queue jobs of a scenario are left");
    }

    test::UserDirectory directory_;
    bool is_limited_ = false;
};

}  // namespace

std::unique_ptr<Queue> make_queue() {
    if (!test::is_grid_engine()) return nullptr;
    return std::make_unique<GridEngine>();
}

}  // namespace qmr::conformance
