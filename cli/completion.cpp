// qmr completion: prints what makes a shell complete command lines of qmr.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/bash_completion.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"
#include "cli/zsh_completion.hpp"

namespace qmr::cli {

void add_completion(CLI::App& app, int& /*exit_code*/) {
    CLI::App* sub = app.add_subcommand("completion", "Print a script that completes command lines of qmr");
    const auto shell = std::make_shared<std::string>();
    sub->add_option("SHELL", *shell, "bash or zsh")
        ->type_name("bash|zsh")
        ->check(CLI::IsMember({"bash", "zsh"}).description(""))
        ->required();
    sub->footer(
        "In ~/.bashrc, or in ~/.zshrc behind compinit (with zsh), where it is not installed:\n"
        "  source <(qmr completion bash)");
    sub->callback([&app, shell] {
        const CommandDescription command = describe(app);
        print_out("{}", *shell == "bash" ? bash_completion(command) : zsh_completion(command));
    });
}

}  // namespace qmr::cli
