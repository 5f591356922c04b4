#include "dummy_queue/job_environment.hpp"

#include <fmt/format.h>

#include <map>

namespace qmr::dummy_queue {

std::vector<std::string> job_environment(const RunOrder& order, const JobPlace& place) {
    const auto& submission = order.submission;
    std::map<std::string, std::string> variables{{"HOME", place.home},
                                                 {"USER", place.user},
                                                 {"LOGNAME", place.user},
                                                 {"SHELL", "/bin/sh"},
                                                 {"TERM", ""}};

    std::string path = "/usr/local/bin:/bin:/usr/bin";
    for (const auto& variable : submission.environment) {
        const auto equals = variable.find('=');
        const auto name = variable.substr(0, equals);
        const auto value = equals == std::string::npos ? "" : variable.substr(equals + 1);
        if (name == "PATH") {
            path = value;
        } else {
            variables.insert_or_assign(name, value);
        }
    }

    const auto array_word = [&](std::uint64_t number) {
        return submission.array ? std::to_string(number) : std::string("undefined");
    };
    const auto array = submission.array.value_or(TaskRange{});
    const auto queue = submission.queue_name.substr(0, submission.queue_name.find_first_of(",@"));
    const std::map<std::string, std::string> of_grid_engine{
        {"PATH", place.temporary_directory + ":" + path},
        {"TMPDIR", place.temporary_directory},
        {"TMP", place.temporary_directory},
        {"HOSTNAME", place.host},
        {"QUEUE", queue.empty() ? "all.q" : queue},
        {"ENVIRONMENT", "BATCH"},
        {"JOB_ID", std::to_string(order.JB_job_number)},
        {"JOB_NAME", submission.JB_name},
        {"JOB_SCRIPT", place.script},
        {"REQNAME", submission.JB_name},
        {"REQUEST", submission.JB_name},
        {"NSLOTS", std::to_string(submission.num_slots)},
        {"NHOSTS", "1"},
        {"NQUEUES", "1"},
        {"RESTARTED", order.restarted ? "1" : "0"},
        {"ARC", "lx-amd64"},
        {"SGE_ARCH", "lx-amd64"},
        {"SGE_ACCOUNT", "sge"},
        {"SGE_BINARY_PATH", "/usr/sbin/lx-amd64"},
        {"SGE_ROOT", "/var/lib/gridengine"},
        {"SGE_CELL", "default"},
        {"SGE_TASK_ID", array_word(order.task)},
        {"SGE_TASK_FIRST", array_word(array.first)},
        {"SGE_TASK_LAST", array_word(array.last)},
        {"SGE_TASK_STEPSIZE", array_word(array.step)},
        {"SGE_STDIN_PATH", "/dev/null"},
        {"SGE_STDOUT_PATH", place.stdout_path},
        {"SGE_STDERR_PATH", place.stderr_path},
        {"SGE_CWD_PATH", place.working_directory},
        {"SGE_JOB_SPOOL_DIR", place.spool_directory},
    };
    if (!submission.parallel_environment.empty()) {
        variables.insert_or_assign("PE", submission.parallel_environment);
    }
    for (const auto& [name, value] : of_grid_engine) variables.insert_or_assign(name, value);

    std::vector<std::string> environment;
    for (const auto& [name, value] : variables) environment.push_back(fmt::format("{}={}", name, value));
    return environment;
}

}  // namespace qmr::dummy_queue
