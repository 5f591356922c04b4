#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "cli/json.hpp"
#include "cli/standard_streams.hpp"
#include "cli/status_text.hpp"
#include "cli/subcommands.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

struct StatusOptions {
    std::string work_dir;
    bool is_json = false;
};

// Whatever bytes the names of files have.
std::string to_text(const Json& object) {
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// One that can not be looked at is no reason to say nothing of the others.
std::vector<SeenMap> read_all() {
    std::vector<SeenMap> maps;
    for (const auto& work_dir : work_dirs_here()) {
        try {
            maps.push_back(SeenMap::read(work_dir));
        } catch (const BadInput& bad) {
            tell("qmr: {}\n", bad.what());
        }
    }
    return maps;
}

void tell_all(bool is_json) {
    const std::vector<SeenMap> maps = read_all();
    auto array = Json::array();
    for (const SeenMap& map : maps) array.push_back(to_json(map));
    print_out("{}", is_json ? to_text(array) : table_of(maps, std::chrono::system_clock::now()));
}

void tell_one(const std::filesystem::path& work_dir, bool is_json) {
    const SeenMap map = SeenMap::read(work_dir);
    print_out("{}", is_json ? to_text(to_json(map)) : describe_now(map));
}

}  // namespace

void add_status(CLI::App& app, int&) {
    auto* status = app.add_subcommand("status", "Tell how far a map is");
    const auto options = std::make_shared<StatusOptions>();
    status->add_option("WORK_DIR", options->work_dir,
                       "The work_dir of the map, or a directory with some; all: each .qmr_* in the current "
                       "directory or $QMR_WORK_ROOT; not given: the "
                       "newest of these");
    status->add_flag("--json", options->is_json, "One JSON object; of all, an array of them");
    status->footer("Example: qmr status --json | jq .num_tasks_left\n");
    status->callback([options] {
        options->work_dir == all_work_dirs ? tell_all(options->is_json)
                                           : tell_one(choose_work_dir(options->work_dir), options->is_json);
    });
}

}  // namespace qmr::cli
