#pragma once
// This test program in the place of a worker that a launcher starts: it prints what it was given and ends.

#include <map>
#include <string>
#include <vector>

#include "adapters/launcher.hpp"
#include "adapters/subprocess.hpp"

namespace qmr::test {

/// Last part of a work_dir with which the program prints what it was given, instead of working.
inline constexpr const char* print_what_you_got = "/print what you got";

/// What a launched program was given.
struct Launched {
    detail::CommandResult shell;
    std::vector<std::string> arguments;  ///< without the name of the program
    std::map<std::string, std::string> environment;
    std::string current_directory;
};

/// Shells that a script for /bin/sh may meet as such, those of them that are on this machine.
[[nodiscard]] std::vector<std::vector<std::string>> shells();

/// Runs the script that launcher_script() makes of `content`, in which this program takes the executable's
/// place. `job` is the environment that the batch system gives to the queue job, `arguments` those of the
/// script.
[[nodiscard]] Launched launch(const std::vector<std::string>& shell, detail::LauncherContent content,
                              const std::vector<std::string>& job = {},
                              const std::vector<std::string>& arguments = {"7", "1"});

}  // namespace qmr::test
