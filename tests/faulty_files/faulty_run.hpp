#pragma once
// Runs programs whose files are faulty.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/subprocess.hpp"
#include "faulty_files/faults.hpp"
#include "temporary_directory.hpp"

namespace qmr::test {

/// Runs one program after the other in a directory whose files have these faults.
class FaultyFiles {
  public:
    explicit FaultyFiles(std::string faults);

    /// The directory; it is there, and empty.
    [[nodiscard]] boost::filesystem::path path() const { return directory_ / "faulty"; }
    /// For what else a test needs: nothing is wrong there.
    [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

    /// Runs argv[0], which is looked for in $PATH, with more variables in its environment.
    [[nodiscard]] detail::CommandResult run(std::vector<std::string> argv,
                                            const std::vector<std::string>& variables = {}) const;

    /// Calls so far, and those of them that failed or did half.
    [[nodiscard]] std::uint64_t num_calls(faulty_files::Call call) const;
    [[nodiscard]] std::uint64_t num_strikes() const;

  private:
    [[nodiscard]] const faulty_files::Counters& counters() const { return *counters_; }

    TemporaryDirectory directory_;
    std::string faults_;
    const faulty_files::Counters* counters_;
};

enum class Queue { local, dummy };
enum class Mode { pull, one_per_chunk };

/// What became of a map over faulty files.
struct FaultyMap {
    std::string broken_promise;  ///< empty: all is as it must be
    bool is_right = false;       ///< all results came
    std::uint64_t num_strikes = 0;
    std::array<std::uint64_t, faulty_files::call_names.size()> num_calls{};
    std::string said;
};

/// Runs qmr_faulty_map to its end, and looks for what it left behind.
[[nodiscard]] FaultyMap run_faulty_map(Queue queue, Mode mode, const std::string& faults);

}  // namespace qmr::test
