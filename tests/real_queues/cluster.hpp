#pragma once
// A real batch system on this machine, and an ordinary user of it. The tests run as root, so that they can do
// what an administrator does, and what goes wrong on a cluster; maps run as the user, in a process of their
// own.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

#include "decisions/batch_system.hpp"
#include "temporary_directory.hpp"

namespace qmr::test {

/// "sge" or "slurm", from $QMR_TEST_CLUSTER.
[[nodiscard]] const std::string& cluster_name();
[[nodiscard]] inline bool is_slurm() {
    return cluster_name() == "slurm";
}
[[nodiscard]] inline bool is_grid_engine() {
    return cluster_name() == "sge";
}

/// The ordinary user: $QMR_TEST_USER.
[[nodiscard]] const std::string& user();

/// Runs a program as root and gives what it printed on both streams. Fails the test when it fails, or takes
/// longer than two minutes.
std::string administer(const std::vector<std::string>& argv);
/// The same, whatever comes of it.
std::string try_to(const std::vector<std::string>& argv);

/// "master" (qmaster, slurmctld) or "node" (execd, slurmd): the process.
[[nodiscard]] pid_t daemon(const std::string& which);
/// Starts those daemons that do not run, by the script that $QMR_TEST_CLUSTER_SCRIPT names; Slurm with these
/// lines in its slurm.conf.
void bring_up(const std::vector<std::string>& slurm_lines = {}, int slots = 8);

/// Lines of slurm.conf, for the time of a test.
class SlurmSettings {
  public:
    explicit SlurmSettings(const std::vector<std::string>& lines) { bring_up(lines); }
    ~SlurmSettings() { bring_up(); }
    SlurmSettings(const SlurmSettings&) = delete;
    SlurmSettings& operator=(const SlurmSettings&) = delete;
};

/// The id of a queue job, with its array index, as the client programs want it.
[[nodiscard]] std::string id_of(const detail::ListedJob& job);
[[nodiscard]] std::vector<std::string> ids_in_state(detail::JobState state);
/// Deletes, as an administrator, one of the queue jobs that run.
void delete_one_that_runs();

/// The user's queue jobs, of all maps.
[[nodiscard]] std::vector<detail::ListedJob> queue();

/// How many of them are in this state; those on their way out do not count as anything else.
[[nodiscard]] std::size_t num_in_state(detail::JobState state);

/// Looks again and again until `condition` holds. False: it did not within so many seconds.
[[nodiscard]] bool becomes_true(const std::function<bool()>& condition, double seconds = 60);

/// Fails the test unless the user's queue is empty, now or within a few seconds.
void check_that_queue_is_empty();

/// A new directory that belongs to the user, gone at the end of the test, with whatever a test that failed
/// has left in the queue.
class UserDirectory {
  public:
    UserDirectory();
    ~UserDirectory();
    UserDirectory(const UserDirectory&) = delete;
    UserDirectory& operator=(const UserDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    [[nodiscard]] std::filesystem::path work_dir() const { return path_ / "work_dir"; }

    /// A file in it, whole; empty when it is not there.
    [[nodiscard]] std::string text(const std::string& name) const;
    /// Lines of the journal that hold all of these texts.
    [[nodiscard]] std::size_t num_events(const std::vector<std::string>& texts) const;
    /// Makes an empty file that belongs to the user.
    void touch(const std::string& name) const;

    /// Polls quickly, keeps its files, and expects results within three seconds after a queue job has ended.
    [[nodiscard]] PoolOptions options(Jobs jobs = Jobs::one_per_chunk) const;

  private:
    TemporaryDirectory directory_{"/tmp", "qmr_real"};
    std::filesystem::path path_{(directory_ / "user").native()};
};

/// A process of the user in which a map runs, with its stderr in the file `stderr` of the directory.
class UserProcess {
  public:
    /// `work` tells in a sentence what is not as it should be; empty: all is well.
    UserProcess(const UserDirectory& directory, const std::function<std::string()>& work);
    ~UserProcess();
    UserProcess(const UserProcess&) = delete;
    UserProcess& operator=(const UserProcess&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    /// Waits for its end, and gives what `work` told, how an exception reads, or which signal ended it. A
    /// process that takes longer than this is killed.
    [[nodiscard]] std::string outcome(double seconds = 120);

  private:
    const UserDirectory& directory_;
    pid_t pid_ = -1;
    bool is_over_ = false;
};

/// Fails unless such a process finds all well, and leaves the queue empty.
void check_as_user(const UserDirectory& directory, const std::function<std::string()>& work,
                   double seconds = 120);

/// 0, 1, 2, ...
[[nodiscard]] std::vector<std::int64_t> numbers(std::int64_t count);
/// Empty when `results` are the squares of 0, 1, 2, ...
[[nodiscard]] std::string not_squares(const std::vector<std::int64_t>& results, std::int64_t count);

std::int64_t square(std::int64_t x);

/// Squares x when the file `go` is in the directory; waits for it until then, with a file `begun.X` to show,
/// or until this one is gone with the directory of a test that failed.
std::int64_t square_when_told(std::int64_t x, const std::string& directory);

}  // namespace qmr::test
