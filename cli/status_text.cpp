#include "cli/status_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <qmr/map_error.hpp>

#include "cli/in_words.hpp"
#include "cli/json.hpp"

namespace qmr::cli {

namespace {

std::string ago(Time time, Time now) {
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - time);
    return duration(std::max(std::chrono::seconds{0}, passed)) + " ago";
}

std::string jobs_in_words(const MapStatus& status) {
    return status.jobs == Jobs::pull ? "pulled" : "one queue job per chunk";
}

std::string percentage(const MapStatus& status) {
    if (status.num_tasks == 0) return "0 %";
    return fmt::format("{} %", 100 * (status.num_tasks - status.num_tasks_left) / status.num_tasks);
}

std::string describe_tasks(const MapStatus& status) {
    std::string text = fmt::format("{} of {} done", status.num_tasks_done, status.num_tasks);
    if (status.num_tasks_failed > 0) text += fmt::format(", {} failed", status.num_tasks_failed);
    if (status.num_tasks_left > 0) text += fmt::format(", {} left", status.num_tasks_left);
    return text + fmt::format(" ({})", percentage(status));
}

std::string describe_chunks(const MapStatus& status) {
    std::string text = fmt::format("{} of {} committed", status.num_chunks_committed, status.num_chunks);
    const auto add = [&text](std::size_t number, const char* what) {
        if (number > 0) text += fmt::format(", {} {}", number, what);
    };
    add(status.num_chunks_given_up, "given up");
    add(status.num_chunks_running, "running");
    add(status.num_chunks_waiting, "waiting");
    return text;
}

std::string describe_queue(const MapStatus& status) {
    if (status.batch_system == "local") return fmt::format("local cores, {}", jobs_in_words(status));
    return fmt::format("{}, {}: {} in {}, named {}*", status.batch_system, jobs_in_words(status),
                       count(status.num_queue_jobs, "queue job"), count(status.num_submissions, "submission"),
                       status.JB_name_prefix);
}

std::string describe_process(const ProcessNode& node, Time now) {
    std::string text = node.host.empty() ? "unknown" : fmt::format("{} on {}", node.pid, node.host);
    if (node.life == ProcessNode::Life::alive) text += ", alive";
    if (node.life == ProcessNode::Life::gone) text += ", gone";
    if (node.life == ProcessNode::Life::unknown)
        text += fmt::format(", not known from here; its last sign of life was {}", ago(node.last_sign, now));
    if (node.begin) text += ", since " + local_time(*node.begin);
    return text;
}

std::string describe_reduction(const ReductionState& reduction) {
    if (!reduction.level) return "not begun";
    return fmt::format("level {} of {}: {}, {}", reduction.ilevel, reduction.num_levels,
                       in_words(reduction.level->state), describe_tasks(*reduction.level));
}

// What a person should do; empty: nothing.
std::string hint(const SeenMap& seen) {
    const MapStatus& status = seen.map;
    std::string go_on = "to go on: " + status.how_to_go_on;
    if (status.state == MapState::left_alone && status.num_chunks == 0)
        return "its process ended before all tasks were written: map again";
    if (status.state == MapState::left_alone && status.num_tasks_left == 0)
        return "all is computed, but the process that mapped did not live to take it; " + go_on;
    if (status.state == MapState::left_alone) return go_on;
    if (status.num_tasks_failed > 0) return "qmr explain ITASK tells why a task failed";
    if (seen.state() == MapState::complete_with_failures)
        return fmt::format("qmr explain ITASK {} tells why a command failed",
                           seen.current().work_dir.native());
    if (seen.state() == MapState::left_alone) return go_on;
    return {};
}

Json to_json(const std::optional<Time>& time) {
    return time ? Json(utc_time(*time)) : Json(nullptr);
}

Json to_json(const ProcessNode& node) {
    constexpr std::array lives{"alive", "gone", "unknown"};
    return {{"host", node.host},
            {"pid", node.pid},
            {"begin", to_json(node.begin)},
            {"last_sign", utc_time(node.last_sign)},
            {"life", lives[static_cast<std::size_t>(node.life)]},
            {"is_working", node.is_working}};
}

Json to_json(const MapStatus& status) {
    Json warning = nullptr;
    if (status.last_warning)
        warning = {{"time", to_json(status.last_warning->time)}, {"message", status.last_warning->message}};
    return {{"work_dir", status.work_dir.native()},
            {"session_id", status.session_id},
            {"executable", status.executable},
            {"batch_system", status.batch_system},
            {"jobs", status.jobs == Jobs::pull ? "pull" : "one_per_chunk"},
            {"JB_name_prefix", status.JB_name_prefix},
            {"state", to_string(status.state)},
            {"process_node", status.process_node ? to_json(*status.process_node) : Json(nullptr)},
            {"num_tasks", status.num_tasks},
            {"num_tasks_done", status.num_tasks_done},
            {"num_tasks_failed", status.num_tasks_failed},
            {"num_tasks_left", status.num_tasks_left},
            {"num_chunks", status.num_chunks},
            {"num_chunks_committed", status.num_chunks_committed},
            {"num_chunks_given_up", status.num_chunks_given_up},
            {"num_chunks_running", status.num_chunks_running},
            {"num_chunks_waiting", status.num_chunks_waiting},
            {"num_submissions", status.num_submissions},
            {"num_queue_jobs", status.num_queue_jobs},
            {"begin", to_json(status.begin)},
            {"last_change", utc_time(status.last_change)},
            {"seconds", status.elapsed.count()},
            {"last_warning", std::move(warning)}};
}

}  // namespace

std::string in_words(MapState state) {
    std::string text(to_string(state));
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string describe(const SeenMap& seen, const std::vector<TaskFailure>& failures, Time now) {
    const MapStatus& status = seen.map;
    std::string text;
    const auto add = [&text](std::string_view what, const std::string& value) {
        if (!value.empty()) text += fmt::format("{:<9} {}\n", what, value);
    };
    add("map", in_words(status.state));
    add("work_dir", status.work_dir.native());
    add("program", status.executable);
    if (status.num_chunks > 0) {
        add("tasks", describe_tasks(status));
        if (&seen.current() == &seen.map) add("failed", summary_of(failures));
        add("chunks", describe_chunks(status));
        add("queue", describe_queue(status));
    }
    if (seen.reduction) add("reduction", describe_reduction(*seen.reduction));
    if (&seen.current() != &seen.map) add("failed", summary_of(failures));
    if (status.process_node) add("process", describe_process(*status.process_node, now));
    if (status.begin) add("begun", fmt::format("{}, {}", local_time(*status.begin), ago(*status.begin, now)));
    add("changed", fmt::format("{}, {}", local_time(status.last_change), ago(status.last_change, now)));
    const bool is_over =
        status.state == MapState::complete || status.state == MapState::complete_with_failures;
    if (status.last_warning && !is_over) add("log", status.last_warning->message);
    add("hint", hint(seen));
    return text;
}

std::string describe_now(const SeenMap& seen) {
    const MapStatus& current = seen.current();
    const auto failures =
        current.num_tasks_failed > 0 ? read_failures(current.work_dir) : std::vector<TaskFailure>();
    return describe(seen, failures, std::chrono::system_clock::now());
}

std::string table_of(const std::vector<SeenMap>& maps, Time now) {
    std::vector<std::array<std::string, 6>> rows{
        {"work_dir", "state", "tasks", "failed", "running", "changed"}};
    for (const SeenMap& seen : maps)
        rows.push_back({seen.map.work_dir.filename().native(), in_words(seen.state()),
                        fmt::format("{}/{}", seen.map.num_tasks_done, seen.map.num_tasks),
                        fmt::format("{}", seen.map.num_tasks_failed),
                        fmt::format("{}", seen.current().num_chunks_running),
                        ago(seen.current().last_change, now)});
    std::array<std::size_t, 6> widths{};
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

Json to_json(const SeenMap& seen) {
    Json object = to_json(seen.map);
    if (seen.reduction) {
        object["reduction"] = {
            {"num_levels", seen.reduction->num_levels}, {"level", seen.reduction->ilevel}, {"map", nullptr}};
        if (seen.reduction->level) object["reduction"]["map"] = to_json(*seen.reduction->level);
    }
    return object;
}

}  // namespace qmr::cli
