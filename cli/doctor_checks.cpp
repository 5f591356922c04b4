#include "cli/doctor_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <qmr/error.hpp>

#include "cli/in_words.hpp"

namespace qmr::cli {

namespace {

std::string describe(const ConfigsUsed& used) {
    std::string text =
        used.paths.empty() ? "there is no config file" : fmt::format("read {}", fmt::join(used.paths, ", "));
    if (!used.profile.empty()) text += fmt::format("; profile \"{}\"", used.profile);
    return text;
}

bool is_missing(const ClientProgram& program) {
    return program.is_needed && program.path.empty();
}

bool has_any(const BatchSystemPrograms& system) {
    return std::ranges::any_of(system.programs, [](const auto& one) { return !one.path.empty(); });
}

std::string describe(const ClientProgram& program) {
    if (!program.path.empty()) return program.path;
    const bool is_path = program.name.find('/') != std::string::npos;
    return fmt::format("{} is not {}", program.name, is_path ? "there" : "in $PATH");
}

std::string describe(const BatchSystemPrograms& system) {
    std::vector<std::string> programs;
    for (const ClientProgram& program : system.programs) programs.push_back(describe(program));
    return fmt::format("{}: {}", system.batch_system, fmt::join(programs, ", "));
}

// In fewer words, where there is nothing of it.
std::string describe_absence(const BatchSystemPrograms& system) {
    std::vector<std::string> names;
    for (const ClientProgram& program : system.programs)
        if (is_missing(program)) names.push_back(program.name);
    return fmt::format("{}: {} are not there", system.batch_system, fmt::join(names, ", "));
}

// "--qsub-path"
std::string option_of(const ClientProgram& program) {
    return command_line_name(*find_pool_option(program.option));
}

Check check_programs_of(const BatchSystemPrograms& system, bool is_named) {
    Check check{Mark::well, "programs", describe(system)};
    const auto missing = std::ranges::find_if(system.programs, is_missing);
    if (missing == system.programs.end()) {
        if (system.programs.back().path.empty())
            check.advice = "without the last one less is told of queue jobs that died; " +
                           option_of(system.programs.back()) + " says where it is";
        return check;
    }
    if (!has_any(system)) check.found = describe_absence(system);
    check.mark = is_named ? Mark::wrong : Mark::not_checked;
    if (is_named)
        check.advice = fmt::format(
            "log in to a host from which queue jobs are submitted, load its module, or say where it is by {}",
            option_of(*missing));
    return check;
}

}  // namespace

Check check_config(const PoolOptionsGiven& given, PoolOptions& options) {
    PoolOptions without_configs;
    given.change(without_configs);
    Check check{Mark::well, "config", {}};
    try {
        options = without_configs;
        options = given.options();
        check.found = describe(given.configs());
    } catch (const BadInput& bad) {
        return {Mark::wrong, "config", bad.what(), "what follows was looked at without config files"};
    }
    try {
        check_options(options);
    } catch (const BadInput& bad) {
        check = {Mark::wrong, "config", fmt::format("{}; {}", check.found, bad.what()),
                 "qmr doctor --help-all tells what options may be"};
    }
    return check;
}

std::vector<Check> check_programs(std::span<const BatchSystemPrograms> found, bool is_named) {
    if (found.empty()) return {{Mark::not_checked, "programs", "none are needed for the local cores"}};
    std::vector<Check> checks;
    for (const BatchSystemPrograms& system : found) checks.push_back(check_programs_of(system, is_named));
    return checks;
}

Check check_queue(const SiteQueue& queue, Seconds took, const PoolOptions& options) {
    if (queue.batch_system == "local")
        return {Mark::well, "queue", fmt::format("{}: {} at a time", queue.reason, queue.num_local_cores)};
    if (!queue.complaint.empty())
        return {Mark::wrong, "queue",
                fmt::format("{}, which does not answer: {}", queue.reason, queue.complaint),
                "see what the program that lists queue jobs says; --command-time-limit gives it more time"};
    const std::string answers = options.batch_system == "auto" ? "" : ", which answers";
    return {Mark::well, "queue", fmt::format("{}{}, within {}", queue.reason, answers, duration(took))};
}

}  // namespace qmr::cli
