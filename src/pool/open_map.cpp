#include "pool/open_map.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "adapters/local_cores.hpp"
#include "pool/map_setup.hpp"
#include "pool/plan.hpp"
#include "pool/take_over.hpp"
#include "vocabulary/job_name.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

OwnedWorkDir::Begin begin_of(const PoolOptions& options) {
    return options.resume.empty() ? OwnedWorkDir::Begin::empty : OwnedWorkDir::Begin::as_it_is;
}

}  // namespace

void check_map_without_tasks(const PoolOptions& options, std::optional<std::size_t> num_tasks) {
    require_init();
    check_options(options, num_tasks);
    const WorkDir names(without_end(choose_work_dir(options, new_session_id())));
    if (check_work_dir(names, begin_of(options))) {
        const Manifest there = read_manifest(names);
        static_cast<void>(options_to_go_on(options, there, names));
        require_same_number(there, 0, names);
    }
    if (const auto choice = foresee_queue(options)) require_usable(names, *choice);
}

OpenMap::OpenMap(const PoolOptions& given, std::optional<std::size_t> num_tasks)
    : options((require_init(), check_options(given, num_tasks), given)),
      session_id(new_session_id()),
      progress(options.progress),
      work_dir(choose_work_dir(options, session_id), begin_of(options), longest_silence(options),
               [this](const std::string& what) { progress.say(what); }),
      there(read_there()),
      choice(choose_queue(options)),
      num_cores(usable_cores()),
      log(names().log()),
      journal(names().journal()) {
    require_usable(names(), choice);
    // Whoever asked for that has seen a process leave, or is gone.
    ::unlink(names().cancel().c_str());
}

// All that must be as it was, is so from here on.
std::optional<Manifest> OpenMap::read_there() {
    if (!work_dir.has_map()) {
        if (!options.resume.empty())
            progress.say(fmt::format("there is no map in {} yet; beginning one", names().path().native()));
        return std::nullopt;
    }
    Manifest manifest = read_manifest(names());
    options = options_to_go_on(options, manifest, names());
    session_id = manifest.session_id;
    work_dir.set_made(manifest.is_directory_made);
    return manifest;
}

}  // namespace qmr::detail
