#pragma once
// The command line, and what CLI11 knows of it.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/app.hpp"

namespace qmr::test {

class DescribedApp {
  public:
    [[nodiscard]] const CLI::App& operator*() const { return *app_; }
    [[nodiscard]] const CLI::App* operator->() const { return app_.get(); }

    /// Without hidden ones.
    [[nodiscard]] std::vector<const CLI::App*> subcommands() const {
        const CLI::App& app = *app_;
        return app.get_subcommands(
            [](const CLI::App* subcommand) { return !subcommand->get_group().empty(); });
    }

    /// All that can be written for options, also for those that --help leaves out.
    static std::vector<std::string> option_names(const CLI::App& app) {
        std::vector<std::string> names;
        for (const CLI::Option* option : app.get_options({})) {
            for (const std::string& name : option->get_snames()) names.push_back("-" + name);
            for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        }
        return names;
    }

  private:
    int exit_code_ = 0;
    std::vector<std::string> command_;
    std::unique_ptr<CLI::App> app_ = cli::make_app(exit_code_, command_);
};

}  // namespace qmr::test
