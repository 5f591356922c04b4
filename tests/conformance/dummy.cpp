#include <pwd.h>
#include <unistd.h>

#include <boost/filesystem/path.hpp>
#include <map>
#include <stdexcept>

#include "adapters/subprocess.hpp"
#include "conformance/queue.hpp"
#include "dummy_queue/dummy_queue.hpp"
#include "temporary_directory.hpp"

namespace qmr::conformance {

namespace {

class Dummy final : public Queue {
  public:
    [[nodiscard]] const std::filesystem::path& directory() const override { return directory_; }
    [[nodiscard]] std::string user() const override { return ::getpwuid(::geteuid())->pw_name; }
    [[nodiscard]] bool is_dummy() const override { return true; }

    /// A qstat that runs a command waits for its end, which a scenario may bring about only afterwards. One
    /// that is killed leaves the command running, and the next one lists it.
    Answer run(const std::string& program, const std::vector<std::string>& arguments) override {
        std::vector<std::string> argv{"/usr/bin/env", "--chdir=" + directory_.native(),
                                      "DUMMY_QUEUE_STATE=" + queue_.state_path().native(), path_of(program)};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        for (double seconds = 0.3; seconds < 100; seconds *= program == "qstat" ? 1.3 : 100) {
            const auto limit = program == "qstat" ? seconds : 60;
            const auto result = detail::run_command(argv, std::chrono::duration<double>(limit));
            if (!result.timed_out) return {result.status.exit_code, result.out, result.err};
        }
        throw std::runtime_error("dummy_" + program + " does not end");
    }

    void limit_num_jobs(unsigned max_u_jobs) override {
        queue_.change([&](dummy_queue::State& state) { state.max_u_jobs = max_u_jobs; });
    }

  private:
    static std::string path_of(const std::string& program) {
        using dummy_queue::DummyQueue;
        const std::map<std::string, boost::filesystem::path> paths{{"qsub", DummyQueue::qsub_path()},
                                                                   {"qstat", DummyQueue::qstat_path()},
                                                                   {"qdel", DummyQueue::qdel_path()},
                                                                   {"qacct", DummyQueue::qacct_path()}};
        return paths.at(program).native();
    }

    test::TemporaryDirectory temporary_;
    std::filesystem::path directory_ = temporary_.path().native();
    dummy_queue::DummyQueue queue_ = dummy_queue::make_dummy_queue(temporary_.path().native());
};

}  // namespace

std::unique_ptr<Queue> make_queue() {
    return std::make_unique<Dummy>();
}

}  // namespace qmr::conformance
