#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/slurm.hpp"

namespace qmr::detail::slurm {

namespace {

constexpr std::size_t max_num_bytes = 100'000;

// What separates two names in --name, and what would not be the same on its way there and back.
constexpr std::string_view odd_characters = ", \t\n\"'";

void require_exact(const std::string& JB_name) {
    if (JB_name.empty() || JB_name.find_first_of(odd_characters) != std::string::npos)
        throw std::invalid_argument("not the name of one queue job: \"" + JB_name + "\"");
}

}  // namespace

// Each kind of queue job in commands of its own. With --name a pending array task takes all others that wait
// in its array with it (22.05), so array tasks go by their ids. Others go by name as well, since ids are
// given out anew after a crash of slurmctld. Each cluster gets its own commands: others have other queue jobs
// under the same ids.
std::vector<std::vector<std::string>> delete_commands(const std::string& program,
                                                      std::span<const JobToDelete> jobs) {
    std::vector<std::vector<std::string>> commands;
    std::string names;
    std::vector<std::string> named_ids;
    std::vector<std::string> tasks;
    std::size_t num_bytes = 0;
    std::string_view cluster;
    const auto add_command = [&](std::vector<std::string> argv) {
        add_cluster(argv, cluster);
        commands.push_back(std::move(argv));
    };
    const auto flush = [&] {
        if (!named_ids.empty()) {
            named_ids.insert(named_ids.begin(), {program, "--name=" + names});
            add_command(std::exchange(named_ids, {}));
        }
        if (!tasks.empty()) {
            tasks.insert(tasks.begin(), program);
            add_command(std::exchange(tasks, {}));
        }
        names.clear();
        num_bytes = 0;
    };
    std::vector<JobToDelete> by_cluster(jobs.begin(), jobs.end());
    std::ranges::stable_sort(by_cluster, {},
                             [](const JobToDelete& job) { return place_of_job(job.JB_job_number); });
    for (const auto& job : by_cluster) {
        require_exact(job.JB_name);
        const auto id = number_of_job(job.JB_job_number);
        const auto place = place_of_job(job.JB_job_number);
        if (!is_job_id(id) || (id.size() < job.JB_job_number.size() && !is_cluster_name(place)))
            throw std::invalid_argument("not a Slurm job id: \"" + job.JB_job_number + "\"");
        if (num_bytes > max_num_bytes || place != cluster) flush();
        cluster = place;
        if (job.array_index) {
            tasks.push_back(fmt::format("{}_{}", id, *job.array_index));
            num_bytes += tasks.back().size() + 1;
        } else {
            names += (names.empty() ? "" : ",") + job.JB_name;
            named_ids.emplace_back(id);
            num_bytes += job.JB_name.size() + id.size() + 2;
        }
    }
    flush();
    return commands;
}

std::vector<std::string> delete_by_name_command(const std::string& program, const std::string& JB_name,
                                                const std::string& place) {
    require_exact(JB_name);
    std::vector<std::string> argv{program, "--name=" + JB_name};
    add_cluster(argv, place);
    return argv;
}

// Silence means that it is done. With a name, scancel complains of what has already ended.
bool read_delete_answer(const ClientAnswer& answer) {
    if (!answer.ended) return false;
    if (answer.exit_code == 0) return true;
    const auto lines = answer_lines(answer.err);
    return !lines.empty() && std::all_of(lines.begin(), lines.end(), [](std::string_view line) {
        return contains(line, "Invalid job id specified") ||
               contains(line, "Job/step already completing or completed");
    });
}

}  // namespace qmr::detail::slurm
