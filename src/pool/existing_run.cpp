#include "qmr/detail/existing_run.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <thread>

#include "adapters/executable.hpp"
#include "adapters/options_json.hpp"
#include "ground/only_errors.hpp"
#include "pool/map_driver.hpp"
#include "pool/map_setup.hpp"
#include "pool/map_view.hpp"
#include "pool/retry_failed.hpp"
#include "pool/take_over.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/chunking.hpp"

namespace qmr::detail {

namespace {

constexpr Seconds patience_with_cleaning{60};

Manifest require_manifest(const std::filesystem::path& path) {
    const WorkDir work_dir = work_dir_at(path);
    if (auto manifest = read_own_manifest(work_dir)) return std::move(*manifest);
    throw BadInput(fmt::format("there is no map in {}: it has no manifest.json", work_dir.path().native()));
}

MapSize size_of(const Manifest& map) {
    return {map.num_tasks, map.num_chunks, [map](std::size_t ichunk) { return map.tasks_of(ichunk); }};
}

}  // namespace

struct ExistingRun::State {
    explicit State(const std::filesystem::path& work_dir) : manifest(require_manifest(work_dir)) {
        try {
            options_from_json(manifest.options, options);
        } catch (const nlohmann::json::exception& bad) {
            throw BadInput(fmt::format("the options in {}/manifest.json can not be read: {}",
                                       work_dir.native(), bad.what()));
        }
        options.work_dir.clear();
        options.work_root.clear();
        options.resume = work_dir;
    }

    std::vector<TaskFailure> run(const LoadResult& load, const std::optional<InOrder>& take) {
        OpenMap map(options, manifest.num_tasks);
        const MapSize size = size_of(map.there.value());
        if (retries_failed)
            map.progress.say(fmt::format("{} tasks are run again", detail::retry_failed(map, size)));
        MapDriver driver(map, size, take);
        driver.update_manifest();
        driver.run(load);
        return driver.take_failures();
    }

    Manifest manifest;
    PoolOptions options;
    bool retries_failed = false;
};

ExistingRun::ExistingRun(const std::filesystem::path& work_dir) try
    : state_(std::make_unique<State>(work_dir)) {
} catch (...) {
    rethrow_as_error();
}

ExistingRun::~ExistingRun() = default;

PoolOptions& ExistingRun::options() noexcept {
    return state_->options;
}

void ExistingRun::retry_failed() noexcept {
    state_->retries_failed = true;
}

void ExistingRun::cancel() try {
    const WorkDir work_dir = work_dir_at(state_->options.resume);
    write_file(work_dir.cancel(), "");
    // It deletes its queue jobs before it leaves.
    constexpr std::chrono::milliseconds period{100};
    const auto end =
        std::chrono::steady_clock::now() + longest_silence(state_->options) + patience_with_cleaning;
    while (look_at_map(state_->options.resume).is_worked_on() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(period);
    OpenMap map(state_->options, state_->manifest.num_tasks);
    MapDriver(map, size_of(map.there.value())).cancel();
    ::unlink(work_dir.cancel().c_str());
} catch (...) {
    rethrow_as_error();
}

bool ExistingRun::is_of(ChunkFunction function) const try {
    const CodeLocation place = place_of(function);
    const Manifest& map = state_->manifest;
    return map.build_id == own_build_id() && map.function_build_id == place.build_id &&
           map.function_offset == place.offset;
} catch (...) {
    rethrow_as_error();
}

void ExistingRun::deliver(ChunkFunction function, const InOrder& take) try {
    if (!is_of(function))
        throw BadInput(fmt::format("the map in {} was begun by another program, {}, or has another function",
                                   state_->options.resume.native(), state_->manifest.executable));
    state_->run([](std::size_t, Loader&) {}, take);
} catch (...) {
    rethrow_as_error();
}

std::vector<TaskFailure> ExistingRun::finish() try {
    if (is_own_executable(state_->manifest.executable) && own_build_id() != state_->manifest.build_id)
        throw BadInput(
            fmt::format("the map in {} was begun by an earlier build of {}, which is needed to go on",
                        state_->options.resume.native(), state_->manifest.executable));
    state_->options.keep_work_dir = true;
    return state_->run(nullptr, std::nullopt);
} catch (...) {
    rethrow_as_error();
}

}  // namespace qmr::detail
