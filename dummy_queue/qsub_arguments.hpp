#pragma once
// What the command line of qsub asks for.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dummy_queue/qsub_options.hpp"
#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// What qsub reads besides its arguments. Functions, so that tests need no files.
struct QsubSurroundings {
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::string working_directory;
    std::string user;
    std::string home;
    std::string host;
    /// The text of a script; throws a QsubRefusal. `-` is stdin.
    std::function<std::string(const std::string& path)> read_script;
};

struct QsubRequest {
    Submission submission;
    int priority = 0;                    ///< -p
    std::string output_host;             ///< of -o or -e; empty: none was given
    std::vector<std::string> resources;  ///< -l, as NAME=VALUE
    std::vector<std::string> warnings;   ///< that qsub prints before its answer
    bool terse = false;
    bool verify_only = false;  ///< -w v
};

/// Checks what qsub itself checks, before it asks the qmaster. Throws a QsubRefusal.
[[nodiscard]] QsubRequest read_qsub_arguments(std::span<const std::string> arguments,
                                              const QsubSurroundings&);

}  // namespace qmr::dummy_queue
