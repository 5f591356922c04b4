#pragma once
// What the journal of a map tells a process that goes on with it.

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/json_lines.hpp"
#include "decisions/demand.hpp"
#include "vocabulary/job_key.hpp"

namespace qmr::detail {

/// A submission of the process that worked on the map before.
struct JournalSubmission {
    enum class State {
        asked,     ///< the submit program was started, or was about to be; nobody wrote down its answer
        accepted,  ///< by the batch system, under its JB_job_number
        lost,      ///< it is not in the queue and never was
        over,      ///< nothing of it is in the queue any more
    };
    State state = State::asked;
    std::string JB_name;
    std::string JB_job_number;
    std::size_t num_jobs = 0;
    Demand demand;                    ///< of each of its queue jobs
    std::set<std::uint64_t> deleted;  ///< indices of queue jobs that were to be deleted, or have been
};

struct Journal {
    std::map<std::size_t, JournalSubmission> submissions;  ///< by isubmission
    /// Chunks that wait no more for a queue job which had begun with them: ichunk, and that.
    std::vector<std::pair<std::size_t, JobKey>> freed;
    std::map<std::size_t, std::size_t> first_isubmission;  ///< by ichunk: submissions before do not matter
};

/// Reads the text of a journal. A last line without an end is torn, and counts as not written; any other that
/// can not be read, or tells of a chunk beyond `num_chunks`, throws Error that names `path` and the byte.
[[nodiscard]] Journal read_journal(std::string_view text, std::size_t num_chunks, std::string_view path);

/// Plays a journal line by line, for who wants to know more of each.
class JournalReplay {
  public:
    explicit JournalReplay(std::size_t num_chunks) : num_chunks_(num_chunks) {}

    /// Throws std::exception when the line makes no sense.
    void take(const Json& line);

    [[nodiscard]] Journal& journal() noexcept { return journal_; }
    /// The number of the next submission.
    [[nodiscard]] std::size_t first_unused() const;

    /// What a line is about. Throws std::exception when it does not tell, or tells of no chunk of the map.
    [[nodiscard]] std::size_t ichunk_of(const Json& line) const;
    [[nodiscard]] static JobKey key_of(const Json& line);

  private:
    void begin_submission(const Json& line);
    [[nodiscard]] JournalSubmission& submission_of(const Json& line);

    std::size_t num_chunks_;
    Journal journal_;
};

/// Calls take() for each whole line of a journal. Throws Error that names `path` and the byte where it
/// throws, or where the line can not be read.
void for_each_line(std::string_view text, std::string_view path,
                   const std::function<void(const Json& line)>& take);

}  // namespace qmr::detail
