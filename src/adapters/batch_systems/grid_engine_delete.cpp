#include <algorithm>
#include <stdexcept>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/grid_engine.hpp"

namespace qmr::detail::grid_engine {

namespace {

// Far below what any system allows for one argv; 2500 array tasks take qdel less than a second.
constexpr std::size_t max_num_bytes = 100'000;
constexpr std::size_t max_num_ids = 2'000;

// Operators and wildcards of wc_job_name in sge_types(1), and the comma that separates two names.
constexpr std::string_view pattern_characters = "*?[]!&|()\\, \t\n\"'";

std::string id_of(const JobToDelete& job) {
    if (!is_job_number(job.JB_job_number)) {
        // qdel would take it for a name or a pattern, and might find other queue jobs.
        throw std::invalid_argument("not a Grid Engine job number: \"" + job.JB_job_number + "\"");
    }
    return job.array_index ? job.JB_job_number + "." + std::to_string(*job.array_index) : job.JB_job_number;
}

// One line of qdel, which prints on standard output what it did and what it could not do.
bool tells_of_a_job_that_goes_or_is_gone(std::string_view line) {
    if (contains(line, " has deleted job")) return true;
    if (contains(line, " has registered the job") && line.ends_with(" for deletion")) return true;
    const bool about_a_job = line.starts_with("job ") || line.starts_with("job-array ") ||
                             line.starts_with("denied: job ") || line.starts_with("The job ");
    return about_a_job && (contains(line, " is already in deletion") || contains(line, " does not exist") ||
                           contains(line, " comprises no tasks"));
}

}  // namespace

std::vector<std::vector<std::string>> delete_commands(const std::string& program,
                                                      std::span<const JobToDelete> jobs) {
    std::vector<std::vector<std::string>> commands;
    std::size_t num_bytes = 0;
    for (const auto& job : jobs) {
        auto id = id_of(job);
        const bool full = !commands.empty() &&
                          (commands.back().size() > max_num_ids || num_bytes + id.size() + 1 > max_num_bytes);
        if (commands.empty() || full) {
            commands.push_back({program});
            num_bytes = program.size() + 1;
        }
        num_bytes += id.size() + 1;
        commands.back().push_back(std::move(id));
    }
    return commands;
}

std::vector<std::string> delete_by_name_command(const std::string& program, const std::string& JB_name) {
    const bool exact = !JB_name.empty() && JB_name.front() != '-' &&
                       !(JB_name.front() >= '0' && JB_name.front() <= '9') &&
                       JB_name.find_first_of(pattern_characters) == std::string::npos;
    if (!exact) throw std::invalid_argument("not the name of one queue job: \"" + JB_name + "\"");
    return {program, JB_name};
}

// The exit code is 1 as soon as one queue job is already gone, so it tells less than the lines. Silence is no
// proof of anything: qdel always says what it did.
bool read_delete_answer(const ClientAnswer& answer) {
    if (!answer.ended || answer.exit_code < 0 || answer.exit_code > 1) return false;
    const auto lines = answer_lines(answer.out);
    return !lines.empty() && std::all_of(lines.begin(), lines.end(), tells_of_a_job_that_goes_or_is_gone);
}

}  // namespace qmr::detail::grid_engine
