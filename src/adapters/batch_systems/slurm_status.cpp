#include <algorithm>
#include <array>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/slurm.hpp"
#include "ground/number.hpp"

namespace qmr::detail::slurm {

namespace {

using namespace std::string_view_literals;

// A record for each queue job: id, array index, state, reason, name. The name comes last, since it may hold
// anything, newlines too; so a record begins and ends with a mark of its own. The heading is a record that
// shows that the answer comes from squeue. -r: each array task for itself; the short form is cut off.
constexpr auto status_format = "qmr|%F|%K|%t|%r|%j|qmr"sv;
constexpr auto begin_of_status = "qmr|"sv;
constexpr auto end_of_status = "|qmr"sv;

struct Record {
    std::string_view id, index, state, reason, name;

    [[nodiscard]] bool is_array() const { return index != "N/A"; }
};

std::optional<Record> read_record(std::string_view line) {
    if (!line.starts_with(begin_of_status) || !line.ends_with(end_of_status)) return std::nullopt;
    if (line.size() < begin_of_status.size() + end_of_status.size()) return std::nullopt;
    line.remove_prefix(begin_of_status.size());
    line.remove_suffix(end_of_status.size());
    std::array<std::string_view, 4> fields;
    for (auto& field : fields) {
        const auto bar = line.find('|');
        if (bar == std::string_view::npos) return std::nullopt;
        field = line.substr(0, bar);
        if (contains(field, "\n")) return std::nullopt;
        line.remove_prefix(bar + 1);
    }
    return Record{fields[0], fields[1], fields[2], fields[3], line};
}

/// None: not what squeue prints, or cut off.
std::optional<std::vector<Record>> read_records(std::string_view out) {
    std::vector<Record> records;
    if (out.empty() || out.back() != '\n') return std::nullopt;
    while (!out.empty()) {
        const auto next = out.find("\nqmr|");
        auto line = out.substr(0, next);
        out.remove_prefix(next == std::string_view::npos ? out.size() : next + 1);
        if (line.ends_with('\n')) line.remove_suffix(1);
        const auto record = read_record(line);
        if (!record) return std::nullopt;
        records.push_back(*record);
    }
    // The heading.
    if (is_job_id(records.front().id)) return std::nullopt;
    records.erase(records.begin());
    const bool are_whole = std::all_of(records.begin(), records.end(), [](const Record& record) {
        return is_job_id(record.id) && !record.state.empty() &&
               (!record.is_array() || read_number<std::uint64_t>(record.index));
    });
    return are_whole ? std::optional(records) : std::nullopt;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// A queue job that the execution host could not start, or that was put aside for good.
bool never_starts(const Record& record) {
    return record.state == "SE" || contains(record.reason, "launch failed") ||
           contains(record.reason, "launch_failed");
}

/// The codes are those of JOB STATE CODES in squeue(1). None: it has ended.
std::optional<JobState> decode_state(const Record& record, std::string_view error_state_indicator) {
    const auto code = record.state;
    if (is_end(code)) return std::nullopt;
    if (never_starts(record) || code.find_first_of(error_state_indicator) != std::string_view::npos)
        return JobState::error;
    if (is_one_of(code, {"RH", "RD"})) return JobState::held;
    if (code == "PD") {
        const bool is_held = record.reason.starts_with("JobHeld") || contains(record.reason, "held state");
        return is_held ? JobState::held : JobState::pending;
    }
    if (is_one_of(code, {"RQ", "RF"})) return JobState::pending;
    if (is_one_of(code, {"R", "CF", "RS", "SI", "SO"})) return JobState::running;
    if (is_one_of(code, {"S", "ST"})) return JobState::suspended;
    if (code == "CG") return JobState::deleting;
    return JobState::unknown;
}

std::optional<std::uint64_t> index_of(const Record& record) {
    return record.is_array() ? read_number<std::uint64_t>(record.index) : std::nullopt;
}

/// The records of a cluster. `name`: empty where none is told.
struct ClusterRecords {
    std::string_view name;
    std::vector<Record> records;
};

std::optional<std::vector<ClusterRecords>> read_answer(const ClientAnswer& answer) {
    if (!answer.ended || answer.exit_code != 0) return std::nullopt;
    std::vector<ClusterRecords> all;
    for (const ClusterAnswer& one : split_by_cluster(answer.out, end_of_status)) {
        auto records = read_records(one.text);
        if (!records) return std::nullopt;
        all.push_back({one.name, std::move(*records)});
    }
    return all;
}

// What is printed of another cluster than was asked for tells nothing of this one: there, nothing of ours is
// listed.
bool is_of(std::string_view place, const std::vector<ClusterRecords>& answers) {
    if (place == all_clusters) return true;
    return answers.size() == 1 && answers.front().name == place;
}

}  // namespace

bool is_end(std::string_view state) {
    return is_one_of(state, {"BF", "CA", "CD", "DL", "F", "NF", "OOM", "PR", "TO"});
}

// What a user's SQUEUE_* variables say is overruled, or withheld from squeue where no argument does that.
std::vector<std::string> status_command(const std::string& program, const std::string& user,
                                        const std::string& place) {
    std::vector<std::string> argv{program, "--user=" + user, "--array",
                                  "--format=" + std::string(status_format)};
    add_cluster(argv, place);
    return argv;
}

Listing read_status_answer(const ClientAnswer& answer, std::string_view name_prefix,
                           std::string_view error_state_indicator, std::string_view place) {
    const auto answers = read_answer(answer);
    if (!answers || !is_of(place, *answers)) return std::nullopt;
    std::vector<ListedJob> jobs;
    for (const auto& [cluster, records] : *answers) {
        const std::string of_cluster = cluster.empty() ? std::string() : ";" + std::string(cluster);
        for (const Record& record : records) {
            if (!record.name.starts_with(name_prefix)) continue;
            if (const auto state = decode_state(record, error_state_indicator)) {
                jobs.push_back({std::string(record.id) + of_cluster, std::string(record.name),
                                index_of(record), *state, std::string(record.state)});
            }
        }
    }
    return jobs;
}

std::vector<std::string> reason_command(const std::string& program, const std::string& JB_job_number) {
    std::vector<std::string> argv{program, "--jobs=" + std::string(number_of_job(JB_job_number)),
                                  "--states=all", "--array", "--format=" + std::string(status_format)};
    add_cluster(argv, place_of_job(JB_job_number));
    return argv;
}

std::vector<JobReport> read_reason_answer(const ClientAnswer& answer) {
    std::vector<JobReport> reports;
    const auto answers = read_answer(answer);
    for (const auto& [cluster, records] : answers.value_or(std::vector<ClusterRecords>{}))
        for (const Record& record : records) {
            const auto state = decode_state(record, "");
            if (state == JobState::pending || state == JobState::held || state == JobState::error)
                reports.push_back({std::string(record.name), index_of(record), Cause::error_state,
                                   std::string(record.reason)});
        }
    return reports;
}

}  // namespace qmr::detail::slurm
