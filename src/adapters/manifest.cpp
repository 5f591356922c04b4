#include "adapters/manifest.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <sstream>

#include "adapters/json_lines.hpp"
#include "ground/host.hpp"
#include "ground/number.hpp"
#include "qmr/error.hpp"
#include "qmr/version.hpp"

namespace qmr::detail {

namespace {

constexpr std::uint64_t work_dir_format = 1;

}  // namespace

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
        {"batch_system", manifest.batch_system},
        {"jobs", manifest.is_pulled ? "pull" : "one_per_chunk"},
        {"max_job_time", manifest.max_job_time},
        {"walltime", manifest.walltime},
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
        object.at("batch_system").get_to(manifest.batch_system);
        manifest.is_pulled = object.at("jobs").get<std::string>() == "pull";
        object.at("max_job_time").get_to(manifest.max_job_time);
        object.at("walltime").get_to(manifest.walltime);
        return manifest;
    } catch (const nlohmann::json::exception& bad) {
        throw Error(fmt::format("{} is not a manifest of qmr: {}", path, bad.what()));
    }
}

void write_jobs(const WorkDir& work_dir, std::size_t isubmission,
                const std::vector<std::vector<std::size_t>>& jobs) {
    std::string text;
    for (const auto& chunks : jobs) text += fmt::format("{}\n", fmt::join(chunks, " "));
    write_file(work_dir.jobs(isubmission), text);
}

std::vector<std::size_t> read_job(const WorkDir& work_dir, std::size_t isubmission, std::uint64_t index) {
    std::istringstream text(read_file(work_dir.jobs(isubmission)));
    std::string line;
    for (std::uint64_t i = 0; i < index; ++i) {
        if (std::getline(text, line)) continue;
        line.clear();
        break;
    }
    if (index == 0 || line.empty())
        throw Error(fmt::format("{} has no line {}", work_dir.jobs(isubmission).native(), index));
    std::istringstream words(line);
    std::vector<std::size_t> chunks;
    for (std::string word; std::getline(words, word, ' ');) {
        const auto ichunk = read_number<std::size_t>(word);
        if (!ichunk)
            throw Error(
                fmt::format("{}: line {} is no list of chunks", work_dir.jobs(isubmission).native(), index));
        chunks.push_back(*ichunk);
    }
    return chunks;
}

}  // namespace qmr::detail
