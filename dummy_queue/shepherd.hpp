#pragma once
// A process that outlives dummy_qstat: it runs a command to its end and writes the end into the state,
// also when the caller of dummy_qstat loses patience and kills it.

#include <sys/types.h>

#include <boost/filesystem/path.hpp>
#include <cstdint>

#include "dummy_queue/run_job.hpp"

namespace qmr::dummy_queue {

class Shepherd {
  public:
    /// Starts the process; it waits for let_go(), which is to come after the state file is unlocked.
    /// Where the caller is killed before that, it runs the command when the state says that it has taken the
    /// task.
    Shepherd(const boost::filesystem::path& state_path, const RunOrder&);
    ~Shepherd();
    Shepherd(const Shepherd&) = delete;
    Shepherd& operator=(const Shepherd&) = delete;

    [[nodiscard]] std::int64_t pid() const { return pid_; }
    /// Lets it run the command.
    void let_go() const;
    /// Until the end is in the state file.
    void wait() const;

  private:
    int let_go_ = -1;
    pid_t pid_ = -1;
};

/// False when there is no such process any more.
[[nodiscard]] bool is_alive(std::int64_t shepherd);

/// Lets a shepherd kill its command.
void kill_command_of(std::int64_t shepherd);

}  // namespace qmr::dummy_queue
