#include "pool/map_setup.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <cstring>

#include "adapters/launcher.hpp"
#include "adapters/lease.hpp"
#include "ground/initialised.hpp"
#include "ground/standard_streams.hpp"
#include "pool/environments.hpp"
#include "qmr/error.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/current_directory.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

void require_init() {
    if (!is_initialised())
        throw BadInput(
            "map: qmr::init(argc, argv) was not called; it must be the first line of main(), since workers "
            "are this executable, started again; nothing was submitted");
    // The program may have closed them since, as a daemon does.
    occupy_standard_streams();
}

CodeLocation place_of(ChunkFunction function) {
    const auto location = locate(reinterpret_cast<const void*>(function));
    if (!location || location->build_id.empty() || own_build_id().empty())
        throw BadInput(
            "map: the executable has no build-id, by which workers recognise it: link it with "
            "-Wl,--build-id; nothing was submitted");
    return *location;
}

fs::path normal_path(const std::filesystem::path& path) {
    return without_end(absolute_path(path.native()));
}

fs::path choose_work_dir(const PoolOptions& options, const std::string& session_id) {
    const auto& chosen = options.resume.empty() ? options.work_dir : options.resume;
    return normal_path(chosen.empty() ? options.work_root / (work_dir_begin + session_id) : chosen);
}

void require_usable(const WorkDir& work_dir, const QueueChoice& queue) {
    const std::string& path = work_dir.path().native();
    const auto why_not =
        queue.batch_system != nullptr ? queue.batch_system->cannot_carry(path) : std::nullopt;
    if (why_not)
        throw BadInput(fmt::format("map: {} can not use the work_dir {}: {}; nothing was submitted",
                                   queue.batch_system->name, path, *why_not));
}

Seconds longest_silence(const PoolOptions& options) {
    return Lease::period + options.command_time_limit + options.file_system_latency;
}

void write_launcher(const WorkDir& work_dir, const PoolOptions& options, const QueueChoice& queue,
                    const std::string& executable) {
    LauncherContent content;
    if (queue.batch_system != nullptr) {
        content.array_index_variable = queue.batch_system->array_index_variable;
        if (const std::string script(queue.batch_system->script); !script.empty())
            write_file(work_dir.script(), script, 0700);
    }
    content.environment = task_environment(options, queue);
    content.current_directory = current_directory().native();
    content.executable = executable;
    content.work_dir = work_dir.path().native();
    write_file(work_dir.launcher(), launcher_script(content), 0700);
}

void throw_interrupted(int signal, const WorkDir& work_dir) {
    throw Interrupted(fmt::format("map: interrupted by signal {} ({}); what was computed is in {}", signal,
                                  ::strsignal(signal), work_dir.path().native()),
                      signal);
}

}  // namespace qmr::detail
