#pragma once

#include <string>

#include "decisions/job_monitor.hpp"

namespace qmr::detail {

/// How far a map is.
struct Standing {
    std::size_t num_tasks = 0;
    std::size_t num_done = 0;    ///< tasks with an outcome, failed ones included
    std::size_t num_failed = 0;  ///< tasks
    Counts counts;
    Seconds elapsed{0};
    std::size_t num_done_before = 0;  ///< of those that are done, before the time that has elapsed
};

/// "qmr: 450/1000 tasks, 2 running, 5 pending, 1 failed, 12.5/s, 44 s left". Where that is too long for
/// `width` columns, what matters least is left out.
[[nodiscard]] std::string progress_line(const Standing& standing, std::size_t width);

/// The same as a JSON object.
[[nodiscard]] std::string progress_json(const Standing& standing);

/// Tells on stderr how far a map is, in the way that was asked for.
class ProgressTeller {
  public:
    explicit ProgressTeller(Progress kind);
    ~ProgressTeller();
    ProgressTeller(const ProgressTeller&) = delete;
    ProgressTeller& operator=(const ProgressTeller&) = delete;

    /// Whether sentences are told.
    [[nodiscard]] bool is_for_a_person() const noexcept {
        return kind_ == Progress::automatic || kind_ == Progress::lines;
    }

    /// The terminal is about to be written to by somebody else.
    void make_way() { clear_line(); }

    /// Something that the user should read.
    void say(const std::string& sentence);

    /// Whether it is time to tell.
    [[nodiscard]] bool is_due(Seconds elapsed) const;
    void tell(const Standing& standing);

    /// The map is over: programs get the last figures, a person a sentence.
    void conclude(const Standing& standing, const std::string& sentence);

  private:
    [[nodiscard]] Seconds period() const;
    void clear_line();

    Progress kind_;
    Seconds last_told_{-1e9};
    Seconds line_period_{10};
    bool is_line_shown_ = false;
};

}  // namespace qmr::detail
