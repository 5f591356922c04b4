#include "cli/reduce.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <qmr/qmr.hpp>

#include "cli/private_directory.hpp"
#include "cli/reduce_function.hpp"
#include "cli/reduction_state.hpp"
#include "cli/run_map.hpp"
#include "cli/standard_streams.hpp"

namespace qmr::cli {

namespace {

namespace fs = std::filesystem;

/// One level of the tree, which is a map in a work_dir of its own.
struct Level {
    fs::path work_dir;
    ReduceFunction function;
    std::vector<ReduceTask> tasks;
    PoolOptions options;
    bool retries_failed = false;

    [[nodiscard]] std::vector<TaskFailure> run() const {
        if (!retries_failed) return Pool(options).map_to_work_dir(function, tasks).failures;
        ExistingMap map = existing();
        return map.finish();
    }

    void deliver(OutcomePrinter& printer) const {
        if (!retries_failed) return Pool(options).for_each_result(function, tasks, std::ref(printer));
        ExistingMap map = existing();
        map.for_each_result<ReduceFunction, ReduceTask>(std::ref(printer));
    }

  private:
    [[nodiscard]] ExistingMap existing() const {
        ExistingMap map(work_dir);
        map.options() = options;
        map.retry_failed();
        return map;
    }
};

CommandRunner runner_in(const fs::path& work_dir, const Reduction& reduction) {
    CommandUse use;
    use.timeout = reduction.timeout;
    use.num_retries = reduction.num_retries;
    return {use, (work_dir / "outputs").native()};
}

// It begins, or goes on where another process ended; and the way to go on with it is that of the whole map.
PoolOptions options_of(const ReductionOf& map, const fs::path& work_dir) {
    PoolOptions options = map.options;
    options.work_dir.clear();
    options.work_root.clear();
    options.resume.clear();
    (fs::exists(work_dir) ? options.resume : options.work_dir) = work_dir;
    options.resume_hint = fmt::format(resume_hint, fmt::arg("work_dir", map.work_dir.native()));
    options.application_data.clear();
    options.keep_work_dir = true;
    options.num_chunks.reset();
    options.chunk_size.reset();
    options.max_num_retries.exception = map.reduction.num_retries;
    return options;
}

Level make_level(const ReductionOf& map, std::size_t ilevel, std::size_t num_outputs,
                 std::size_t num_commands) {
    const fs::path work_dir = level_dir(map.work_dir, ilevel);
    const fs::path below = ilevel == 1 ? map.work_dir : level_dir(map.work_dir, ilevel - 1);
    const bool is_local = map.options.batch_system == "local";
    const double patience = is_local ? 0 : map.options.file_system_latency.count();
    return {
        work_dir,
        ReduceFunction(map.reduction.command, runner_in(work_dir, map.reduction), below.native(), patience),
        commands_of(num_outputs, num_commands), options_of(map, work_dir),
        map.retries_failed && is_begun(work_dir)};
}

void tell_level(const ReductionOf& map, std::size_t ilevel, std::size_t num_levels, std::size_t num_outputs) {
    if (map.options.progress == Progress::silent || map.options.progress == Progress::json) return;
    tell("qmr: reducing {} outputs, level {} of {}\n", num_outputs, ilevel, num_levels);
}

// What workers themselves had to say.
bool has_stderr(const fs::path& work_dir) {
    return std::ranges::any_of(fs::directory_iterator(work_dir), [](const fs::directory_entry& entry) {
        return entry.path().extension() == ".e";
    });
}

void remove_unless_wanted(const ReductionOf& map, std::size_t num_levels) {
    if (map.reduction.keeps_work_dir || has_stderr(map.work_dir)) return;
    for (std::size_t ilevel = 1; ilevel <= num_levels; ++ilevel)
        if (const fs::path level = level_dir(map.work_dir, ilevel); fs::exists(level) && has_stderr(level))
            return;
    // The last output is printed, so all of it has been of use.
    remove_all(map.work_dir, Remove::any, [](const std::string&) {});
}

}  // namespace

void reduce(ReductionOf map, const std::vector<TaskFailure>& failures_of_tasks, OutcomePrinter& printer) {
    const MapStatus status = read_map_status(map.work_dir);
    printer.take_failures(failures_of_tasks, status.num_tasks);
    if (!failures_of_tasks.empty()) return;
    map.options.batch_system = status.batch_system;
    const auto sizes = levels_of(status.num_tasks, map.reduction.fan_in);
    std::size_t num_outputs = status.num_tasks;
    for (std::size_t ilevel = 1; ilevel <= sizes.size(); ++ilevel) {
        const bool is_last = ilevel == sizes.size();
        Level level = make_level(map, ilevel, num_outputs, sizes[ilevel - 1]);
        if (is_last) level.options.keep_work_dir = map.reduction.keeps_work_dir;
        make_private_directory(level.work_dir.parent_path());
        tell_level(map, ilevel, sizes.size(), num_outputs);
        printer.reduces_in(level.work_dir);
        if (is_last)
            level.deliver(printer);
        else
            printer.take_failures(level.run(), level.tasks.size());
        if (printer.num_failed() > 0) return;
        num_outputs = level.tasks.size();
    }
    remove_unless_wanted(map, sizes.size());
}

}  // namespace qmr::cli
