#pragma once
// Which queue job works on which chunk, where queue jobs pull chunks: a file for each chunk that is taken. It
// is a symbolic link whose target names the queue job: made in one step, exclusively (symlink(2)), and never
// seen half. Results do not depend on it: the first complete result file wins, whoever claimed its chunk.

#include <optional>
#include <vector>

#include "vocabulary/job_key.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

class Claims {
  public:
    explicit Claims(WorkDir work_dir) : work_dir_(std::move(work_dir)) {}

    /// True: the chunk is for this queue job. Throws Error that names the file.
    [[nodiscard]] bool take(std::size_t ichunk, JobKey job) const;

    /// Makes it the claim of this queue job, whoever had it, without a moment in which nobody has. For the
    /// pool alone. Throws Error that names the file.
    void hand_over(std::size_t ichunk, JobKey to) const;

    /// Who has claimed the chunk. None: nobody, or it can not be read, now or ever.
    [[nodiscard]] std::optional<JobKey> claimant(std::size_t ichunk) const;

    /// The chunks with a claim, in no order; only those below `num_chunks`. Over NFS what others did in the
    /// last seconds may not be seen. Throws Error that names the directory.
    [[nodiscard]] std::vector<std::size_t> taken(std::size_t num_chunks) const;

    /// Takes away the claim of this queue job; that of another one stays. Throws Error that names the file.
    void free(std::size_t ichunk, JobKey job) const;

    /// Takes away what is in the place of a claim and is none. Throws Error that names the file.
    void free_if_no_claim(std::size_t ichunk) const;

  private:
    void remove(std::size_t ichunk) const;

    WorkDir work_dir_;
};

}  // namespace qmr::detail
