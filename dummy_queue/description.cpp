#include "dummy_queue/description.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <sstream>

#include "dummy_queue/listing.hpp"
#include "dummy_queue/resources.hpp"

namespace qmr::dummy_queue {
namespace {

bool is_named(const Job& job, const std::string& word) {
    if (const auto number = read_number(word)) return job.JB_job_number == *number;
    return job.JB_name() == word || fnmatch(word.c_str(), job.JB_name().c_str(), 0) == 0;
}

class Description {
  public:
    explicit Description(const Job& job) {
        const auto& submission = job.submission;
        line("job_number", std::to_string(job.JB_job_number));
        line("exec_file", fmt::format("job_scripts/{}", job.JB_job_number));
        line("submission_time", local_time("{:%a %b %e %H:%M:%S %Y}", job.submitted_at));
        line("owner", job.JB_owner);
        line("account", "sge");
        std::vector<std::string> resources;
        for (const auto& [name, value] : requested_resources(submission.recorded)) {
            resources.push_back(fmt::format("{}={}", name, value));
        }
        if (!resources.empty()) line("hard resource_list", fmt::format("{}", fmt::join(resources, ",")));
        line("job_name", job.JB_name());
        if (!submission.output_path.empty()) {
            line("stdout_path_list", "NONE:NONE:" + submission.output_path);
        }
        const auto& command = submission.command;
        if (command.size() > 1) {
            line("job_args", fmt::format("{}", fmt::join(command.begin() + 1, command.end(), ",")));
        }
        line("script_file", command.empty() ? "" : command.front());
        if (job.is_array()) line("job-array tasks", to_text(*submission.array));
        auto errors = job.errors;
        std::ranges::stable_sort(errors, {}, &TaskError::task);
        for (const auto& error : errors) {
            if (!job.in_error.contains(error.task)) continue;
            text_ += fmt::format("error reason {:>10}:      {} [0:0]: {}\n", error.task,
                                 local_time("{:%m/%d/%Y %H:%M:%S}", error.since), error.reason);
        }
        if (!job.in_error.empty()) line("scheduling info", "Job is in error state");
    }

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    void line(const std::string& key, const std::string& value) {
        text_ += fmt::format("{:<28}{}\n", key + ":", value);
    }

    std::string text_ = std::string(62, '=') + "\n";
};

}  // namespace

DescriptionAnswer describe_jobs(const State& state, const std::string& jobs) {
    DescriptionAnswer answer;
    std::vector<std::string> unknown;
    std::istringstream words(jobs);
    for (std::string word; std::getline(words, word, ',');) {
        bool found = false;
        for (const auto& job : state.jobs) {
            if (!is_named(job, word)) continue;
            answer.out += Description(job).text();
            found = true;
        }
        if (!found) unknown.push_back(word);
    }
    if (answer.out.empty()) {
        answer.err = fmt::format("Following jobs do not exist: \n{}\n", fmt::join(unknown, ", "));
        answer.exit_code = 1;
    }
    return answer;
}

}  // namespace qmr::dummy_queue
