#include <fmt/format.h>

#include <algorithm>

#include "dummy_queue/help.hpp"
#include "dummy_queue/programs.hpp"
#include "dummy_queue/state_file.hpp"
#include "dummy_queue/user_and_host.hpp"

namespace qmr::dummy_queue {
namespace {

constexpr const char* qacct_usage = "dummy_qacct -j job|name [-t tasks]";

int refuse(const std::string& why) {
    fmt::print(stderr, "{}\nusage: {}\n", why, qacct_usage);
    return 1;
}

int run_qacct(const std::vector<std::string>& words) {
    if (!words.empty() && (words[0] == "--help" || words[0] == "-help")) {
        fmt::print("{}",
                   help_text(qacct_usage, "Tells how tasks of the dummy queue ended, each of their runs."));
        return 0;
    }
    std::string job;
    std::optional<TaskRange> tasks;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        const bool has_value = i + 1 < words.size();
        if (words[i] == "-j" && has_value) {
            job = words[i + 1];
        } else if (words[i] == "-t" && has_value) {
            const auto read = read_task_range(words[i + 1]);
            if (read.verdict != TaskRangeArgument::Verdict::good) return refuse("error: invalid -t");
            tasks = read.range;
        } else {
            return refuse(fmt::format("error: dummy_qacct does not model {}", words[i]));
        }
    }
    if (job.empty()) return refuse("error: no job is named");

    // As the real one, which takes no notice of a task in -j NUMBER.TASK.
    const auto number = read_number(std::string_view(job).substr(0, job.find('.')));
    bool found = false;
    const auto state_path = state_path_of_environment();
    const LockedStateFile lock(state_path);
    for (const auto& record : load_records(state_path)) {
        const bool is_it = number ? record.JB_job_number == *number : record.JB_name == job;
        if (!is_it || (tasks && !(record.array_task && tasks->contains(*record.array_task)))) continue;
        found = true;
        fmt::print("{}", to_paragraph(record));
    }
    if (found) return 0;
    fmt::print(stderr, "error: job {} {} not found\n", number ? "id" : "name", job);
    return 1;
}

}  // namespace

int qacct_main(int argc, char** argv) {
    return guarded_main("dummy_qacct", argc, argv, run_qacct);
}

}  // namespace qmr::dummy_queue
