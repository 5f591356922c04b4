#pragma once
// The command, run in a copy of this process, in a directory.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"
#include "temporary_directory.hpp"

namespace qmr::test {

struct Said {
    int exit_code = 0;
    std::string out;
    std::string err;
};

/// A command that may still run; what it says goes to files. Nobody can be asked by it.
class RunningCommand {
  public:
    RunningCommand(std::vector<std::string> arguments, const std::filesystem::path& directory)
        : process_((static_cast<void>(std::fflush(nullptr)), [&] {
              static_cast<void>(std::freopen("/dev/null", "r", stdin));
              static_cast<void>(std::freopen(path("out").c_str(), "w", stdout));
              static_cast<void>(std::freopen(path("err").c_str(), "w", stderr));
              std::filesystem::current_path(directory);
              arguments.insert(arguments.begin(), "qmr");
              std::vector<char*> argv;
              for (std::string& argument : arguments) argv.push_back(argument.data());
              argv.push_back(nullptr);
              const int exit_code = cli::run(static_cast<int>(argv.size()) - 1, argv.data());
              std::fflush(nullptr);
              return exit_code;
          })) {}

    [[nodiscard]] pid_t pid() const { return process_.pid(); }
    [[nodiscard]] std::string out() const { return text_of(path("out")); }

    /// Waits for its end.
    Said finish() { return {process_.exit_code(), text_of(path("out")), text_of(path("err"))}; }

  private:
    [[nodiscard]] std::string path(const char* name) const { return (directory_ / name).native(); }

    TemporaryDirectory directory_;
    InProcess process_;
};

inline Said run_command(std::vector<std::string> arguments, const std::filesystem::path& directory = "/") {
    return RunningCommand(std::move(arguments), directory).finish();
}

}  // namespace qmr::test
