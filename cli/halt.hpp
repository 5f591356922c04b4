#pragma once
// --halt: when too many commands have failed, no other is begun. The commands run on many hosts, so who fails
// leaves a file, and draws the next number by another; whose number is high enough looks whether so many
// tasks have failed, and leaves the file that all look for. So a failure costs the same however many there
// are.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace qmr::cli {

/// When to halt.
struct Halt {
    std::uint64_t num_failures = 0;  ///< after so many failed tasks; 0: never
    bool now = false;                ///< commands that run are killed

    template <class Archive>
    void serialize(Archive& archive) {
        archive(num_failures, now);
    }
};

/// Reads "never", "soon,fail=3", "now,fail=10%", as GNU parallel has them. A percentage is of `num_tasks`;
/// there is none where that is not known. Throws BadInput.
[[nodiscard]] Halt read_halt(std::string_view text, std::optional<std::uint64_t> num_tasks);

/// The first number from `begin` on that is not taken, where all below such a number are. Asks about few of
/// them, however far it is.
[[nodiscard]] std::uint64_t first_not_taken(std::uint64_t begin,
                                            const std::function<bool(std::uint64_t)>& is_taken);

/// The files, in a directory that all workers see.
class HaltFiles {
  public:
    explicit HaltFiles(std::string directory)
        : directory_(std::move(directory)), halt_(directory_ + "/halt") {}

    /// Whether nothing is to be begun any more. Costs a system call.
    [[nodiscard]] bool is_halted() const;

    /// A task has failed. `num_drawn`: so many numbers are drawn, as far as this process knows; 0 at first.
    /// Throws Error that names the file.
    void count(std::uint64_t itask, const Halt& halt, std::uint64_t& num_drawn) const;

    /// As if no task had failed.
    void forget() const;

  private:
    void draw_number(std::uint64_t& num_drawn) const;
    [[nodiscard]] std::uint64_t num_failed() const;

    std::string directory_;
    std::string halt_;
};

}  // namespace qmr::cli
