#include "pool/resume_choice.hpp"

#include <fmt/format.h>
#include <cstdlib>

#include <boost/filesystem/operations.hpp>
#include <utility>

#include "pool/map_setup.hpp"
#include "pool/map_view.hpp"
#include "pool/plan.hpp"
#include "pool/take_over.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

// The program named no place for this map, but its user did, who can not say which of its maps he means.
bool is_from_environment(const std::filesystem::path& path, const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && path == value;
}

bool is_map_in(const fs::path& path) {
    boost::system::error_code ignored;
    return fs::exists(WorkDir(path).manifest(), ignored);
}

}  // namespace

ResumeChoice::ResumeChoice(PoolOptions given, const CodeLocation& function,
                           std::optional<std::size_t> num_tasks)
    : options_(std::move(given)) {
    choose_work_dir();
    check_options(options_, num_tasks);
    choose_place();
    if (!place_) return;
    options_.resume.clear();
    guess_ = ProgramMaps::of_this_process().guess(*place_, {function.build_id, function.offset, num_tasks});
    if (guess_) cut_as(options_, guess_->manifest);
}

// A program that names a work_dir for each of its maps tells by that which map the user means.
void ResumeChoice::choose_work_dir() {
    if (!options_.work_root.empty()) options_.work_root = normal_path(options_.work_root).native();
    if (options_.work_dir.empty()) return;
    options_.work_root.clear();
    if (options_.resume.empty() || !is_from_environment(options_.resume, "QMR_RESUME") ||
        is_from_environment(options_.work_dir, "QMR_WORK_DIR"))
        return;
    if (normal_path(options_.work_dir) == normal_path(options_.resume))
        options_.work_dir.clear();
    else
        options_.resume.clear();
}

void ResumeChoice::choose_place() {
    if (options_.resume.empty()) return;
    const fs::path resume = normal_path(options_.resume);
    const bool is_map = is_map_in(resume);
    is_place_root_ = !is_map && (options_.work_root == resume.native() || is_work_root(resume));
    if (is_place_root_) {
        options_.work_root = resume.native();
        place_ = resume;
    } else if (is_map && is_from_environment(options_.resume, "QMR_RESUME")) {
        place_ = resume;
        require_same_executable();
    } else {
        options_.work_root.clear();
    }
}

void ResumeChoice::require_same_executable() const {
    const WorkDir work_dir(*place_);
    if (const auto there = read_own_manifest(work_dir)) detail::require_same_executable(*there, work_dir);
}

std::optional<FoundMap> ResumeChoice::find(const Manifest& own) {
    if (!place_) return std::nullopt;
    auto found = ProgramMaps::of_this_process().take(*place_, identity_of(own), own.turn);
    if (!found && !is_place_root_) require_another(own);
    return found;
}

// A program that maps one after the other has come to the map that its user named, but it has other tasks
// now. To compute it from the begin, unasked, would take long and be no help.
void ResumeChoice::require_another(const Manifest& own) const {
    for (const FoundMap& there : ProgramMaps::of_this_process().left(*place_))
        if (own.position && there.manifest.position == own.position &&
            there.manifest.function_build_id == own.function_build_id &&
            there.manifest.function_offset == own.function_offset)
            require_same_map(there.manifest, own, WorkDir(there.work_dir));
}

std::optional<std::string> ResumeChoice::why_new() const {
    if (!place_) return std::nullopt;
    const auto num_left = ProgramMaps::of_this_process().num_left(*place_);
    if (num_left == 0) return std::nullopt;
    return is_place_root_ ? fmt::format("none of the {} maps left in {} is this one, so it begins", num_left,
                                        place_->native())
                          : fmt::format("the map in {} is not this one, so it begins", place_->native());
}

PoolOptions ResumeChoice::options_to_go_on(const FoundMap& map) const {
    PoolOptions options = options_;
    options.work_dir.clear();
    options.resume = map.work_dir.native();
    return options;
}

}  // namespace qmr::detail
