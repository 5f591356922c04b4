#include "pool/program_maps.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <cstdlib>

#include <algorithm>
#include <utility>

#include "ground/standard_streams.hpp"
#include "qmr/error.hpp"
#include "qmr/remove_map.hpp"

namespace qmr::detail {

ProgramMaps& ProgramMaps::of_this_process() {
    // Never destroyed, since it is of use until the process has ended.
    static auto& maps = *new ProgramMaps;
    return maps;
}

ProgramMaps::Running::Running() {
    ProgramMaps& maps = of_this_process();
    const std::lock_guard lock(maps.mutex_);
    if (maps.num_running_ > 0) maps.is_one_by_one_ = false;
    if (maps.is_one_by_one_) position_ = maps.num_begun_;
    ++maps.num_running_;
    ++maps.num_begun_;
}

ProgramMaps::Running::~Running() {
    ProgramMaps& maps = of_this_process();
    const std::lock_guard lock(maps.mutex_);
    --maps.num_running_;
}

std::size_t ProgramMaps::take_turn(const MapIdentity& map) {
    const std::lock_guard lock(mutex_);
    return num_before_[map]++;
}

FoundMaps& ProgramMaps::found(const fs::path& place) {
    const auto known = found_.find(place);
    if (known != found_.end()) return known->second;
    watch_exit();
    return found_.try_emplace(place, find_maps(place)).first->second;
}

std::optional<FoundMap> ProgramMaps::guess(const fs::path& place, const MapSketch& map) {
    const std::lock_guard lock(mutex_);
    return found(place).guess(map);
}

std::optional<FoundMap> ProgramMaps::take(const fs::path& place, const MapIdentity& map, std::size_t turn) {
    const std::lock_guard lock(mutex_);
    auto all = found(place).all_of(map, turn);
    if (all.empty()) return std::nullopt;
    auto best = all.begin();
    if (all.size() > 1)
        best = std::ranges::max_element(all, {},
                                        [](const FoundMap& one) { return count_results(one.work_dir); });
    found(place).take(best->work_dir);
    return std::move(*best);
}

std::size_t ProgramMaps::num_left(const fs::path& place) {
    const std::lock_guard lock(mutex_);
    return found(place).left().size();
}

std::vector<FoundMap> ProgramMaps::left(const fs::path& place) {
    const std::lock_guard lock(mutex_);
    return found(place).left();
}

void ProgramMaps::keep_until_exit(const fs::path& work_dir) {
    const std::lock_guard lock(mutex_);
    watch_exit();
    kept_.push_back(work_dir);
}

void ProgramMaps::tell_at_exit(bool is_told) {
    const std::lock_guard lock(mutex_);
    is_told_ = is_told;
}

// on_exit(3), and not atexit(3): it tells the exit code.
void ProgramMaps::watch_exit() {
    if (pid_ == ::getpid()) return;
    if (!pid_ && ::on_exit(&ProgramMaps::at_exit, nullptr) != 0)
        throw Error("map: no function can be registered with on_exit(3)");
    // A copy of the process has the registration of its parent, whose maps are not its own.
    pid_ = ::getpid();
    kept_.clear();
    found_.clear();
}

void ProgramMaps::at_exit(int exit_code, void*) noexcept {
    try {
        ProgramMaps& maps = of_this_process();
        // A thread that still maps has the lock at most for a look at files.
        const std::lock_guard lock(maps.mutex_);
        if (maps.pid_ == ::getpid()) maps.end(exit_code);
    } catch (const std::exception& bad) {
        tell_on_stderr(fmt::format("qmr: {}\n", bad.what()));
    }
}

void ProgramMaps::end(int exit_code) {
    if (is_told_) tell_what_was_not_taken();
    if (exit_code != 0) {
        if (is_told_ && !kept_.empty())
            tell_on_stderr(
                fmt::format("qmr: the program ended with exit code {}, so the results of its {} are kept in "
                            "{}; to go on: the same command "
                            "with QMR_RESUME={}\n",
                            exit_code, kept_.size() == 1 ? "map" : fmt::format("{} maps", kept_.size()),
                            kept_.front().parent_path().native(), kept_.front().parent_path().native()));
        return;
    }
    for (const fs::path& work_dir : kept_) {
        try {
            remove_map(work_dir.native(), Remove::complete);
        } catch (const Error& bad) {
            tell_on_stderr(fmt::format("qmr: {}\n", bad.what()));
        }
    }
}

void ProgramMaps::tell_what_was_not_taken() const {
    for (const auto& [place, maps] : found_) {
        if (maps.left().empty()) continue;
        if (maps.left().front().work_dir == place)
            tell_on_stderr(fmt::format(
                "qmr: the map in {} is none of those that the program made, and stays as it was\n",
                place.native()));
        else
            tell_on_stderr(
                fmt::format("qmr: {} in {} of this program stay as they were, such as {}: the program made "
                            "no such maps\n",
                            maps.left().size() == 1 ? "1 map" : fmt::format("{} maps", maps.left().size()),
                            place.native(), maps.left().front().work_dir.filename().native()));
    }
}

}  // namespace qmr::detail
