#include "adapters/options_json.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace qmr::detail {

namespace {

constexpr std::array jobs_words{std::pair{Jobs::automatic, std::string_view("auto")},
                                std::pair{Jobs::one_per_chunk, std::string_view("one_per_chunk")},
                                std::pair{Jobs::pull, std::string_view("pull")}};

// All of them, once for both ways.
template <class Options, class Visit>
void visit_members(Options& options, Visit visit) {
    visit("batch_system", options.batch_system);
    visit("queue_name", options.queue_name);
    visit("qsub_path", options.qsub_path);
    visit("qstat_path", options.qstat_path);
    visit("qdel_path", options.qdel_path);
    visit("qacct_path", options.qacct_path);
    visit("polling_interval", options.polling_interval);
    visit("command_time_limit", options.command_time_limit);
    visit("max_num_resubmissions", options.max_num_resubmissions);
    visit("backup_factor", options.backup_factor);
    visit("error_state_indicator", options.error_state_indicator);
    visit("file_system_latency", options.file_system_latency);
    visit("settling_time", options.settling_time);
    visit("pending_notice", options.pending_notice);
    visit("jobs", options.jobs);
    visit("max_job_time", options.max_job_time);
    visit("keep_work_dir", options.keep_work_dir);
    visit("resume_hint", options.resume_hint);
    visit("application_data", options.application_data);
    visit("max_num_running", options.max_num_running);
    visit("arrays", options.arrays);
    visit("max_array_size", options.max_array_size);
    visit("exported_variables", options.exported_variables);
    visit("withheld_variables", options.withheld_variables);
    auto& limits = options.max_num_retries;
    visit("max_num_retries_exception", limits.exception);
    visit("max_num_retries_crash", limits.crash);
    visit("max_num_retries_out_of_memory", limits.out_of_memory);
    visit("max_num_retries_out_of_time", limits.out_of_time);
    visit("max_num_retries_error_state", limits.error_state);
    visit("max_num_retries_vanished", limits.vanished);
    visit("max_num_retries_worker_failure", limits.worker_failure);
    visit("max_num_retries_corrupt_result", limits.corrupt_result);
    auto& resources = options.resources;
    visit("memory", resources.memory);
    visit("walltime", resources.walltime);
    visit("memory_factor", resources.memory_factor);
    visit("walltime_factor", resources.walltime_factor);
    visit("max_memory", resources.max_memory);
    visit("max_walltime", resources.max_walltime);
    visit("slots", resources.slots);
    visit("parallel_environment", resources.parallel_environment);
    visit("account", resources.account);
    visit("submit_arguments", resources.submit_arguments);
}

struct Writer {
    Json& object;

    template <class T>
    void operator()(const char* name, const T& member) const {
        object[name] = member;
    }
    void operator()(const char* name, const Seconds& member) const { object[name] = member.count(); }
    void operator()(const char* name, const std::chrono::seconds& member) const {
        object[name] = member.count();
    }
    void operator()(const char* name, const std::optional<std::size_t>& member) const {
        if (member) object[name] = *member;
    }
    void operator()(const char* name, Jobs member) const {
        for (const auto& [jobs, word] : jobs_words)
            if (jobs == member) object[name] = word;
    }
};

struct Reader {
    const Json& object;

    template <class T>
    void operator()(const char* name, T& member) const {
        if (object.contains(name)) read(name, member);
    }

  private:
    template <class T>
    void read(const char* name, T& member) const {
        object.at(name).get_to(member);
    }
    void read(const char* name, std::uint64_t& member) const { member = number_at(object, name); }
    void read(const char* name, std::optional<std::size_t>& member) const {
        member = number_at(object, name);
    }
    void read(const char* name, Seconds& member) const { member = Seconds{object.at(name).get<double>()}; }
    void read(const char* name, std::chrono::seconds& member) const {
        member = std::chrono::seconds{object.at(name).get<std::int64_t>()};
    }
    void read(const char* name, Jobs& member) const {
        const auto word = object.at(name).get<std::string>();
        for (const auto& [jobs, known] : jobs_words)
            if (known == word) member = jobs;
    }
};

}  // namespace

Json options_to_json(const PoolOptions& options) {
    Json object = Json::object();
    visit_members(options, Writer{object});
    return object;
}

void options_from_json(const Json& object, PoolOptions& options) {
    visit_members(options, Reader{object});
}

}  // namespace qmr::detail
