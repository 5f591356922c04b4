#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <memory>
#include <qmr/remove_map.hpp>
#include <vector>

#include "cli/in_words.hpp"
#include "cli/standard_streams.hpp"
#include "cli/status_text.hpp"
#include "cli/subcommands.hpp"
#include "cli/text_reader.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

struct CleanOptions {
    std::string work_dir;
    bool is_agreed = false;
    bool is_forced = false;
};

using Paths = std::vector<std::filesystem::path>;

void say_on_stderr(const std::string& what) {
    tell("qmr: {}\n", what);
}

// The work_dirs that may be removed. It is printed why each of the others stays.
Paths choose_from(const Paths& work_dirs, bool is_forced) {
    Paths chosen;
    for (const auto& work_dir : work_dirs) {
        try {
            const SeenMap seen = SeenMap::read(work_dir);
            if (seen.current().is_worked_on() || (seen.state() != MapState::complete && !is_forced))
                say_on_stderr(
                    fmt::format("{} stays: the map is {}", work_dir.native(), in_words(seen.state())));
            else
                chosen.push_back(work_dir);
        } catch (const BadInput& bad) {
            say_on_stderr(bad.what());
        }
    }
    return chosen;
}

Paths choose(const CleanOptions& options) {
    if (options.work_dir == all_work_dirs) return choose_from(work_dirs_here(), options.is_forced);
    if (is_work_root(options.work_dir)) return choose_from(work_dirs_in(options.work_dir), options.is_forced);
    return {choose_work_dir(options.work_dir)};
}

bool is_agreed_to(const Paths& work_dirs) {
    if (::isatty(STDIN_FILENO) == 0)
        throw BadInput("clean asks before it removes anything, and nobody can be asked here; --yes agrees");
    for (const auto& work_dir : work_dirs) print_out("{}\n", work_dir.native());
    print_out("Remove {}? [y/N] ", work_dirs.size() == 1 ? "it" : count(work_dirs.size(), "work_dir"));
    std::string answer;
    return TextReader().read_line(answer) && (answer.starts_with('y') || answer.starts_with('Y'));
}

// Nobody deletes them after that.
void tell_of_queue_jobs(const std::filesystem::path& work_dir) {
    const SeenMap seen = SeenMap::read(work_dir);
    const MapStatus& map = seen.current();
    if (map.state == MapState::left_alone && map.num_queue_jobs > 0 && map.batch_system != "local")
        say_on_stderr(fmt::format("queue jobs named {}* may still be in the queue; delete them yourself",
                                  map.JB_name_prefix));
}

void clean(const CleanOptions& options) {
    const Paths work_dirs = choose(options);
    if (work_dirs.empty()) {
        print_out("nothing to remove\n");
        return;
    }
    if (!options.is_agreed && !is_agreed_to(work_dirs)) return;
    for (const auto& work_dir : work_dirs) {
        if (options.is_forced) tell_of_queue_jobs(work_dir);
        const RemovedMap removed =
            remove_all(work_dir, options.is_forced ? Remove::any : Remove::complete, say_on_stderr);
        print_out("removed {}: {}, {}\n", work_dir.native(), count(removed.num_files, "file"),
                  size(removed.num_bytes));
    }
}

}  // namespace

void add_clean(CLI::App& app, int&) {
    auto* subcommand =
        app.add_subcommand("clean", "Remove the work_dirs of maps that are complete, without failures");
    const auto options = std::make_shared<CleanOptions>();
    subcommand->add_option(
        "WORK_DIR", options->work_dir,
        "The work_dir of the map, or a directory with some; all: each .qmr_* in the current directory or "
        "$QMR_WORK_ROOT; not given: the newest of these");
    subcommand->add_flag("--yes", options->is_agreed, "Do not ask");
    subcommand->add_flag(
        "--force", options->is_forced,
        "Also of maps that failed or did not come to their end; never while a process works on one");
    subcommand->footer("Example: qmr clean all --yes\n");
    subcommand->callback([options] { clean(*options); });
}

}  // namespace qmr::cli
