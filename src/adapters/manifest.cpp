#include "adapters/manifest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

#include "adapters/json_lines.hpp"
#include "ground/host.hpp"
#include "ground/number.hpp"
#include "qmr/error.hpp"
#include "qmr/version.hpp"

namespace qmr::detail {

namespace {

constexpr std::uint64_t work_dir_format = 1;
constexpr std::string_view only_these = " only";
constexpr const char* ascending = "ascending";

std::optional<JobLine> read_line(std::string_view line) {
    JobLine job;
    job.is_only = line.ends_with(only_these);
    if (job.is_only) line.remove_suffix(only_these.size());
    while (true) {
        const auto ichunk = take_number<std::size_t>(line);
        if (!ichunk) return std::nullopt;
        job.chunks.push_back(*ichunk);
        if (line.empty()) return job;
        if (line.front() != ' ') return std::nullopt;
        line.remove_prefix(1);
    }
}

JobLine require_line(std::string_view line, const fs::path& path, std::uint64_t number) {
    if (auto job = read_line(line)) return std::move(*job);
    throw Error(fmt::format("{}, line {}: '{}' is no list of chunks", path.native(), number, line));
}

}  // namespace

TaskSpan Manifest::tasks_of(std::size_t ichunk) const {
    if (chunk_size == 0) {
        const Chunking chunking(num_tasks, num_chunks);
        return {chunking.first_itask(ichunk), chunking.size(ichunk)};
    }
    const std::size_t first = ichunk * chunk_size;
    return {first, std::min(chunk_size, num_tasks - first)};
}

std::size_t Manifest::ichunk_of(std::size_t itask) const {
    return chunk_size > 0 ? itask / chunk_size : Chunking(num_tasks, num_chunks).ichunk_of(itask);
}

void Manifest::add_withheld_names(const std::vector<std::string>& names) {
    withheld_names.insert(withheld_names.end(), names.begin(), names.end());
    std::ranges::sort(withheld_names);
    withheld_names.erase(std::ranges::unique(withheld_names).begin(), withheld_names.end());
}

void write_manifest(const WorkDir& work_dir, const Manifest& manifest) {
    const Json object{
        {"format", work_dir_format},
        {"qmr", version},
        {"session_id", manifest.session_id},
        {"executable", manifest.executable},
        {"build_id", manifest.build_id},
        {"function", {{"build_id", manifest.function_build_id}, {"offset", manifest.function_offset}}},
        {"num_tasks", manifest.num_tasks},
        {"num_chunks", manifest.num_chunks},
        {"chunk_size", manifest.chunk_size},
        {"function_hash", manifest.function_hash},
        {"tasks_hash", manifest.tasks_hash},
        {"turn", manifest.turn},
        {"position", manifest.position ? Json(*manifest.position) : Json()},
        {"work_root", manifest.work_root},
        {"is_directory_made", manifest.is_directory_made},
        {"batch_system", manifest.batch_system},
        {"jobs", manifest.is_pulled ? "pull" : "one_per_chunk"},
        {"pull_order", manifest.pull_way == PullWay::ascending ? ascending : "spread"},
        {"max_job_time", manifest.max_job_time},
        {"walltime", manifest.walltime},
        {"settling_time", manifest.settling_time},
        {"max_num_retries",
         {{"exception", manifest.max_num_retries_exception}, {"crash", manifest.max_num_retries_crash}}},
        {"withheld_names", manifest.withheld_names},
        {"options", manifest.options},
        {"process_node", host_name()},
        {"pid", ::getpid()},
        {"user", user_name()},
        {"time", timestamp()},
    };
    write_file(work_dir.manifest(), object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Manifest read_manifest(const WorkDir& work_dir) {
    const std::string path = work_dir.manifest().native();
    try {
        const Json object = Json::parse(read_file(work_dir.manifest()));
        if (const auto format = number_at(object, "format"); format != work_dir_format)
            throw Error(
                fmt::format("{} has format {}, this program knows format {}", path, format, work_dir_format));
        Manifest manifest;
        object.at("session_id").get_to(manifest.session_id);
        object.at("executable").get_to(manifest.executable);
        object.at("build_id").get_to(manifest.build_id);
        object.at("function").at("build_id").get_to(manifest.function_build_id);
        manifest.function_offset = number_at(object.at("function"), "offset");
        manifest.num_tasks = number_at(object, "num_tasks");
        manifest.num_chunks = number_at(object, "num_chunks");
        manifest.chunk_size = number_at(object, "chunk_size");
        manifest.function_hash = number_at(object, "function_hash");
        manifest.tasks_hash = number_at(object, "tasks_hash");
        if (object.contains("turn")) manifest.turn = number_at(object, "turn");
        if (!object.value("position", Json()).is_null()) manifest.position = number_at(object, "position");
        manifest.is_directory_made = object.value("is_directory_made", false);
        manifest.work_root = object.value("work_root", std::string());
        object.at("batch_system").get_to(manifest.batch_system);
        manifest.is_pulled = object.at("jobs").get<std::string>() == "pull";
        // Any order gives the same results, so one that is missing or not known is no reason to refuse a map.
        if (object.value("pull_order", std::string()) == ascending) manifest.pull_way = PullWay::ascending;
        object.at("max_job_time").get_to(manifest.max_job_time);
        object.at("walltime").get_to(manifest.walltime);
        manifest.settling_time = object.value("settling_time", 0.0);
        manifest.max_num_retries_exception = number_at(object.at("max_num_retries"), "exception");
        manifest.max_num_retries_crash = number_at(object.at("max_num_retries"), "crash");
        manifest.withheld_names = object.value("withheld_names", std::vector<std::string>());
        if (object.contains("options")) manifest.options = object.at("options");
        return manifest;
    } catch (const nlohmann::json::exception& bad) {
        throw Error(fmt::format("{} is not a manifest of qmr: {}", path, bad.what()));
    }
}

void write_jobs(const WorkDir& work_dir, std::size_t isubmission, const std::vector<JobLine>& jobs) {
    std::string text;
    for (const JobLine& job : jobs)
        text += fmt::format("{}{}\n", fmt::join(job.chunks, " "), job.is_only ? only_these : "");
    write_file(work_dir.jobs(isubmission), text);
}

std::vector<JobLine> read_jobs(const WorkDir& work_dir, std::size_t isubmission) {
    std::istringstream text(read_file(work_dir.jobs(isubmission)));
    std::vector<JobLine> jobs;
    for (std::string line; std::getline(text, line);)
        jobs.push_back(require_line(line, work_dir.jobs(isubmission), jobs.size() + 1));
    return jobs;
}

// Each queue job of a large submission is here, so the lines of the others are passed over.
JobLine read_job(const WorkDir& work_dir, std::size_t isubmission, std::uint64_t index) {
    const fs::path path = work_dir.jobs(isubmission);
    const std::string text = read_file(path);
    std::size_t begin = 0;
    for (std::uint64_t number = 1; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (number == index)
            return require_line(std::string_view(text).substr(begin, end - begin), path, number);
        begin = end + 1;
    }
    throw Error(fmt::format("{} has no line {}", path.native(), index));
}

}  // namespace qmr::detail
