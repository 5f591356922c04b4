#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/subprocess.hpp"
#include "cli/bash_completion.hpp"
#include "cli/zsh_completion.hpp"
#include "command_line.hpp"
#include "described_app.hpp"
#include "temporary_directory.hpp"
#include "wait_until.hpp"

using Catch::Contains;
using qmr::detail::CommandResult;
using qmr::test::DescribedApp;
using Words = std::vector<std::string>;

namespace {

// $1 is a directory to be in with the script, the others are a command line; the last one is completed.
constexpr auto complete_in_bash = R"(
cd "$1"
source ./script
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_qmr
if ((${#COMPREPLY[@]} > 0)); then printf '%s\n' "${COMPREPLY[@]}"; fi
)";

// $1 likewise, the others are command lines. A shell with an editor of its own completes them.
constexpr auto complete_in_zsh = R"(
zmodload zsh/zpty || exit 9
cd "$1"
zpty shell TERM=dumb zsh -f -i
zpty -w shell 'PROMPT= RPROMPT=; autoload -U compinit; compinit -D -u; source ./script
tell() { zle complete-word; print -r -- "<$BUFFER>"; BUFFER= }; zle -N tell; bindkey "^I" tell; print RE""ADY'
zpty -r -m shell text '*READY*' || exit 8
for line in "${@:2}"; do
    zpty -w -n shell $line$'\t'
    zpty -r -m shell text '*<*>*' || exit 7
    text=${text##*<}
    print -r -- "${text%%>*}"
done
zpty -d shell
)";

Words lines_of(const std::string& text) {
    Words lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// A directory with the script for a shell, files and work_dirs.
class Shell {
  public:
    Shell(const std::string& name, const std::string& script)
        : program_(qmr::detail::find_program(name).value()) {
        std::ofstream(path("script")) << script;
        std::ofstream(path("tasks.csv")) << "\n";
        for (const char* work_dir : {".qmr_20261121T014752-5b6eaa16", ".qmr_20261122", "far/.qmr_1"})
            std::filesystem::create_directories(path(work_dir));
    }

    [[nodiscard]] CommandResult run(Words arguments) const {
        arguments.insert(arguments.begin(), program_);
        return qmr::detail::run_command(arguments, qmr::test::patience);
    }

    /// Runs `commands` with this directory and more as their arguments. Gives the lines that they print.
    [[nodiscard]] Words run(const char* commands, const Words& arguments) const {
        Words argv{"-c", commands, "shell", directory_.path().string()};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        const CommandResult ran = run(argv);
        CHECK(ran.err.empty());
        CHECK(ran.status.exit_code == 0);
        return lines_of(ran.out);
    }

    [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  private:
    qmr::test::TemporaryDirectory directory_;
    std::string program_;
};

Shell bash(const std::string& more = {}) {
    return {"bash", qmr::cli::bash_completion(qmr::cli::describe(*DescribedApp())) + more};
}

Shell zsh() {
    return {"zsh", qmr::cli::zsh_completion(qmr::cli::describe(*DescribedApp()))};
}

Words completed(Words command_line) {
    command_line.insert(command_line.begin(), "qmr");
    return bash().run(complete_in_bash, command_line);
}

}  // namespace

TEST_CASE("cli: the completion for bash is right for bash") {
    const Shell shell = bash();
    const CommandResult ran = shell.run({"-n", shell.path("script")});
    CHECK(ran.status.exit_code == 0);
    CHECK(ran.err.empty());
}

TEST_CASE("cli: bash completes each subcommand and each of its options") {
    const DescribedApp app;
    const Words subcommands = completed({""});
    CHECK(subcommands.size() == app.subcommands().size());
    for (const CLI::App* subcommand : app.subcommands()) {
        CHECK_THAT(subcommands, Catch::VectorContains(subcommand->get_name()));
        const Words options = completed({subcommand->get_name(), "-"});
        for (const std::string& name : DescribedApp::option_names(*subcommand))
            CHECK_THAT(options, Catch::VectorContains(name));
    }
    CHECK(completed({"--vers"}) == Words{"--version"});
    CHECK(completed({"res"}) == Words{"resume"});
}

TEST_CASE("cli: bash completes the options of a subcommand, and its alone") {
    CHECK(completed({"map", "--max-num-run"}) == Words{"--max-num-running"});
    CHECK(completed({"map", "--tasks", "--max", "--js"}) == Words{"--json"});
    CHECK(completed({"resume", "--num-ch"}).empty());
    CHECK(completed({"frobnicate", "--num-ch"}).empty());
}

TEST_CASE("cli: bash completes the words that an option can be") {
    CHECK(completed({"map", "--jobs", ""}) == Words{"auto", "one_per_chunk", "pull"});
    CHECK(completed({"map", "--jobs", "p"}) == Words{"pull"});
    CHECK(completed({"map", "--jobs", "="}) == Words{"auto", "one_per_chunk", "pull"});
    CHECK(completed({"map", "--jobs", "=", "p"}) == Words{"pull"});
    CHECK(completed({"map", "--jobs", "=", "pull", "--batch-system", "sl"}) == Words{"slurm"});
    CHECK(completed({"map", "--format", ""}) == Words{"lines", "csv", "tsv", "json"});
    CHECK(completed({"completion", ""}) == Words{"bash", "zsh"});
    CHECK(completed({"map", "--memory", ""}).empty());
}

TEST_CASE("cli: bash completes work_dirs, and directories that lead to some") {
    const Words here{".qmr_20261121T014752-5b6eaa16", ".qmr_20261122"};
    for (const char* begin : {"", ".", ".qmr_2"}) {
        Words found = completed({"resume", "--json", begin});
        std::ranges::sort(found);
        CHECK(found == here);
    }
    CHECK(completed({"resume", "fa"}) == Words{"far"});
    CHECK(completed({"resume", "far/"}) == Words{"far/.qmr_1"});
    CHECK(completed({"resume", ".qmr_20261122", "--js"}) == Words{"--json"});
}

TEST_CASE("cli: bash completes the command behind -- as it would without qmr") {
    CHECK_THAT(completed({"map", "--json", "--", "ba"}), Catch::VectorContains(std::string("bash")));
    CHECK(completed({"map", "--json", "--", "ls", "--jobs", ""}).empty());
    // bash-completion has a function for it.
    const Shell with_bash_completion = bash("\n_command_offset() { COMPREPLY=(\"offset $1\"); }\n");
    CHECK(with_bash_completion.run(complete_in_bash, {"qmr", "map", "--json", "--", "ls", "--col"}) ==
          Words{"offset 4"});
}

TEST_CASE("cli: the completion for zsh is right for zsh, and has each subcommand and each of its options") {
    const DescribedApp app;
    const std::string script = qmr::cli::zsh_completion(qmr::cli::describe(*app));
    CHECK_THAT(script, Catch::StartsWith("#compdef qmr\n"));
    for (const CLI::App* subcommand : app.subcommands()) {
        const auto begin = script.find("\n        " + subcommand->get_name() + ")\n");
        REQUIRE(begin != std::string::npos);
        const std::string of_subcommand = script.substr(begin, script.find(";;", begin) - begin);
        for (const std::string& name : DescribedApp::option_names(*subcommand))
            CHECK((of_subcommand.find(name + "[") != std::string::npos ||
                   of_subcommand.find(name + "=[") != std::string::npos));
    }
    const Shell shell = zsh();
    const CommandResult ran = shell.run({"-n", shell.path("script")});
    CHECK(ran.status.exit_code == 0);
    CHECK(ran.err.empty());
}

TEST_CASE("cli: zsh completes subcommands, options, their words, files, work_dirs and commands") {
    const Words lines{
        "qmr res",           "qmr map --max-num-run",    "qmr map --jobs p", "qmr map --format=c",
        "qmr map --tasks t", "qmr resume .qmr_20261122", "qmr resume far/",  "qmr map -- cat ta",
        "qmr completion b"};
    CHECK(zsh().run(complete_in_zsh, lines) ==
          Words{"qmr resume ", "qmr map --max-num-running=", "qmr map --jobs pull ", "qmr map --format=csv ",
                "qmr map --tasks tasks.csv ", "qmr resume .qmr_20261122/", "qmr resume far/.qmr_1/",
                "qmr map -- cat tasks.csv ", "qmr completion bash "});
}

TEST_CASE("cli: qmr completion prints the script of a shell") {
    const qmr::test::CommandLine qmr;
    CHECK_THAT(qmr.run({"completion", "bash"}).out, Contains("complete -F _qmr qmr\n"));
    CHECK_THAT(qmr.run({"completion", "zsh"}).out, Contains("#compdef qmr\n"));
    const auto ran = qmr.run({"completion", "fish"});
    CHECK(ran.exit_code == 2);
    CHECK_THAT(ran.err, Contains("fish") && Contains("bash,zsh"));
}

TEST_CASE("cli: -- says that no options follow where no command is to follow") {
    const qmr::test::CommandLine qmr;
    CHECK(qmr.run({"completion", "--", "bash"}).exit_code == 0);
    CHECK_THAT(qmr.run({"completion", "bash", "--", "zsh"}).err,
               Contains("\"zsh\" is one argument too many"));
}
