#pragma once
// The options of qsub as words: which there are, and how many arguments each takes.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qmr::dummy_queue {

/// An answer of qsub to a command line that it does not accept.
struct QsubRefusal {
    std::string message;
    int exit_code = 2;
};

struct QsubOption {
    std::string name;  ///< with its dash
    std::vector<std::string> arguments;
};

/// Options from left to right; the first word that is none begins the command. Throws a QsubRefusal.
struct QsubWords {
    std::vector<QsubOption> options;
    std::vector<std::string> command;
};
[[nodiscard]] QsubWords read_qsub_words(std::span<const std::string> words);

/// The options in the lines of a script that begin with `prefix`. Throws a QsubRefusal.
[[nodiscard]] std::vector<QsubOption> options_in_script(const std::string& script, const std::string& prefix);

}  // namespace qmr::dummy_queue
