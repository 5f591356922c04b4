#include "pool/queue_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "ground/host.hpp"
#include "pool/environments.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

ClientPrograms paths_of(const BatchSystemPrograms& found) {
    const auto& programs = found.programs;
    return {programs[0].path, programs[1].path, programs[2].path, programs[3].path};
}

// The first without which nothing goes; null: they are all there.
const ClientProgram* find_missing(const BatchSystemPrograms& found) {
    const auto missing = std::ranges::find_if(
        found.programs, [](const ClientProgram& one) { return one.is_needed && one.path.empty(); });
    return missing == found.programs.end() ? nullptr : &*missing;
}

std::string not_there(const ClientProgram& program) {
    return fmt::format("{} = '{}' is not there, or is not executable", program.option, program.name);
}

void check_resources(const BatchSystem& system, const PoolOptions& options) {
    if (system.needs_parallel_environment && options.resources.slots > 1 &&
        options.resources.parallel_environment.empty())
        throw BadInput(
            fmt::format("map: {} grants {} slots only through a parallel environment: set "
                        "resources.parallel_environment; "
                        "nothing was submitted",
                        system.name, options.resources.slots));
}

QueueChoice choose_by_name(const PoolOptions& options) {
    const BatchSystem& system = named_batch_system(options);
    const BatchSystemPrograms found = find_programs(system, options);
    if (const ClientProgram* missing = find_missing(found))
        throw BadInput(fmt::format("map: {}; nothing was submitted", not_there(*missing)));
    check_resources(system, options);
    QueueChoice choice{&system, paths_of(found), {}};
    choice.reason = fmt::format("{} by {}", system.name, choice.programs.submit);
    return choice;
}

// What is missing of a batch system that seems to be here: an option names one of its programs, or one is
// here under its usual name. None: there is nothing of it.
std::optional<std::string> what_is_missing(const BatchSystemPrograms& found, const BatchSystem& system) {
    const std::array usual{system.submit_program, system.status_program, system.delete_program};
    bool has_any = false;
    for (std::size_t i = 0; i < usual.size(); ++i) {
        const ClientProgram& program = found.programs[i];
        if (program.name == usual[i])
            has_any = has_any || !program.path.empty();
        else if (program.path.empty())
            return not_there(program);
    }
    if (!has_any) return std::nullopt;
    return fmt::format("of {} there is no {} in $PATH", system.name, find_missing(found)->name);
}

/// What keeps batch systems that seem to be here from being used.
class Complaints {
  public:
    /// Of two batch systems the same counts once.
    void add(std::string complaint) {
        if (std::ranges::find(all_, complaint) == all_.end()) all_.push_back(std::move(complaint));
    }
    [[nodiscard]] bool empty() const { return all_.empty(); }
    [[nodiscard]] std::string text() const { return fmt::format("{}", fmt::join(all_, ", and ")); }

  private:
    std::vector<std::string> all_;
};

// Where a batch system is installed, hundreds of tasks on the submit host would harm it: local is never a
// guess.
QueueChoice choose_automatically(const PoolOptions& options) {
    Complaints complaints;
    std::string silent;  // the program of one that does not answer
    for (const BatchSystem& system : batch_systems()) {
        const BatchSystemPrograms found = find_programs(system, options);
        if (find_missing(found) != nullptr) {
            if (auto missing = what_is_missing(found, system)) complaints.add(std::move(*missing));
            continue;
        }
        QueueChoice choice{&system, paths_of(found), {}};
        const std::string complaint = why_no_answer(system, choice.programs, options);
        if (complaint.empty()) {
            check_resources(system, options);
            choice.reason = fmt::format("{} by {}, which answers", system.name, choice.programs.submit);
            // Where another one is down for a while, this may not be the one that is wanted.
            if (!silent.empty() && silent != choice.programs.status)
                choice.reason += fmt::format("; {}", complaints.text());
            return choice;
        }
        silent = choice.programs.status;
        complaints.add(fmt::format("{} does not answer as {} does ({})", choice.programs.status, system.name,
                                   complaint));
    }
    if (complaints.empty()) return {nullptr, {}, "local cores, since no batch system's programs are here"};
    const std::string text = fmt::format(
        "map: {}; nothing was submitted; to compute on the cores of this host, choose them by name "
        "(QMR_BATCH_SYSTEM=local, --batch-system local)",
        complaints.text());
    if (!silent.empty()) throw QueueError(text);
    throw BadInput(text);
}

}  // namespace

std::vector<std::string> places_asked_for(const BatchSystem& system, const PoolOptions& options) {
    std::string value;
    for (const std::string_view variable : system.place_variables)
        if (const char* set = std::getenv(std::string(variable).c_str()); set != nullptr && value.empty())
            value = set;
    return system.places_asked_for(options.resources.submit_arguments, value);
}

const BatchSystem& named_batch_system(const PoolOptions& options) {
    if (const BatchSystem* system = find_batch_system(options.batch_system)) return *system;
    std::string known = "auto, local";
    for (const BatchSystem& one : batch_systems()) known += fmt::format(", {}", one.name);
    throw BadInput(fmt::format("map: there is no batch system '{}', only {}; nothing was submitted",
                               options.batch_system, known));
}

BatchSystemPrograms find_programs(const BatchSystem& system, const PoolOptions& options) {
    BatchSystemPrograms found{std::string(system.name), {}};
    const auto find = [&](const char* option, const std::string& path, std::string_view otherwise) {
        const std::string name = path.empty() ? std::string(otherwise) : path;
        found.programs.push_back({option, name, find_program(name).value_or("")});
    };
    find("qsub_path", options.qsub_path, system.submit_program);
    find("qstat_path", options.qstat_path, system.status_program);
    find("qdel_path", options.qdel_path, system.delete_program);
    // Beside the one that lists, where it is not said; and there need not be one.
    const std::string& status = found.programs[1].path;
    const std::string directory = status.substr(0, status.rfind('/') + 1);
    find("qacct_path", options.qacct_path, directory + std::string(system.account_program));
    ClientProgram& account = found.programs.back();
    account.is_needed = !options.qacct_path.empty();
    if (!account.is_needed && directory.empty()) account.path.clear();
    return found;
}

std::string why_no_answer(const BatchSystem& system, const ClientPrograms& programs,
                          const PoolOptions& options) {
    const std::vector<std::string> environment = without_places(system, client_environment(system));
    for (const std::string& place : places_asked_for(system, options)) {
        const CommandResult result = run_command(system.status_command(programs.status, user_name(), place),
                                                 options.command_time_limit, -1, &environment);
        const bool is_listing =
            system.read_status_answer(to_answer(result), "q", options.error_state_indicator, place)
                .has_value();
        if (!is_listing) return why_no_listing(result);
    }
    return {};
}

std::string QueueChoice::name() const {
    return batch_system == nullptr ? "local" : std::string(batch_system->name);
}

QueueChoice choose_queue(const PoolOptions& options) {
    if (options.batch_system == "local") return {nullptr, {}, "local cores"};
    return options.batch_system == "auto" ? choose_automatically(options) : choose_by_name(options);
}

std::optional<QueueChoice> foresee_queue(const PoolOptions& options) {
    if (options.batch_system != "auto") return choose_queue(options);
    std::vector<QueueChoice> to_be_asked;
    for (const BatchSystem& system : batch_systems())
        if (const auto found = find_programs(system, options); find_missing(found) == nullptr)
            to_be_asked.push_back({&system, paths_of(found), {}});
    if (to_be_asked.empty()) return choose_queue(options);
    if (to_be_asked.size() > 1) return std::nullopt;
    check_resources(*to_be_asked.front().batch_system, options);
    return to_be_asked.front();
}

}  // namespace qmr::detail
