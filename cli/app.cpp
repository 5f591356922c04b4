#include "cli/app.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <functional>
#include <iterator>
#include <qmr/qmr.hpp>
#include <sstream>
#include <string_view>

#include "cli/help_formatter.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"
#include "cli/unknown_argument.hpp"

namespace qmr::cli {

namespace {

constexpr AddSubcommand subcommands[] = {add_status, add_watch,  add_logs,       add_explain,
                                         add_resume, add_retry,  add_wait,       add_cancel,
                                         add_clean,  add_doctor, add_completion, add_man};

ExitCode complain(std::string_view what, ExitCode exit_code) {
    tell("qmr: {}\n", what);
    return exit_code;
}

// Behind "--" is another command, whose options are none of ours; where there is none, it says that no
// options follow.
std::vector<std::string> take_command(std::vector<std::string>& words) {
    const auto is_option = [](const std::string& word) { return word.starts_with('-'); };
    const auto subcommand = std::ranges::find_if_not(words, is_option);
    if (subcommand == words.end() || !takes_command(*subcommand)) return {};
    const auto mark = std::ranges::find(words, "--");
    std::vector<std::string> command(mark == words.end() ? mark : std::next(mark), words.end());
    words.erase(mark, words.end());
    return command;
}

// What was asked for with --help or --version.
ExitCode print_help(const CLI::App& app, const CLI::ParseError& asked) {
    std::ostringstream text;
    app.exit(asked, text, text);
    print_bytes(text.str());
    check_stdout();
    return all_well;
}

// As any program ends whose reader has left.
ExitCode end_by_broken_pipe(const ReaderGone& gone) {
    ::signal(SIGPIPE, SIG_DFL);
    ::raise(SIGPIPE);
    return complain(gone.what(), queue_failed);  // the signal is held back
}

int run(const CLI::App& app, const int& exit_code, const std::function<void()>& parse) {
    try {
        try {
            parse();
        } catch (const CLI::ParseError& bad) {
            if (bad.get_exit_code() == 0) return print_help(app, bad);
            throw;
        }
        check_stdout();
        return exit_code;
    } catch (const CLI::ParseError& bad) {
        // What is missing may well be what was mistyped.
        return complain(complain_of_unknown_argument(app).value_or(bad.what()), bad_input);
    } catch (const BadInput& bad) {
        return complain(bad.what(), bad_input);
    } catch (const ReaderGone& gone) {
        return end_by_broken_pipe(gone);
    } catch (const std::exception& bad) {
        return complain(bad.what(), queue_failed);
    }
}

}  // namespace

std::unique_ptr<CLI::App> make_app(int& exit_code, const std::vector<std::string>& command) {
    auto app = std::make_unique<CLI::App>(
        "qmr maps a program over tasks, through the batch queue you already have.", "qmr");
    app->formatter(std::make_shared<HelpFormatter>());
    app->set_help_flag("-h,--help", "Print this help and leave");
    app->set_help_all_flag("--help-all", "The same with all options");
    app->set_version_flag("--version", std::string(version), "Print the version and leave");
    app->footer("The man page, qmr(1), tells all of it.");
    app->require_subcommand(1);
    add_map(*app, exit_code, command);
    for (const AddSubcommand add : subcommands) add(*app, exit_code);
    return app;
}

int run(int argc, char** argv) {
    // A reader that leaves and a limit of file sizes are errors of a write: queue jobs are to be deleted, and
    // what can not be told ends nothing.
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    std::vector<std::string> words(argv + 1, argv + argc);
    const std::vector<std::string> command = take_command(words);
    int exit_code = all_well;
    const auto app = make_app(exit_code, command);
    std::ranges::reverse(words);  // as CLI11 wants them
    return run(*app, exit_code, [&] { app->parse(words); });
}

}  // namespace qmr::cli
