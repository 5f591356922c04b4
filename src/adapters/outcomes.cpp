#include "adapters/outcomes.hpp"

#include <functional>

namespace qmr::detail {

namespace {

bool is_failure(RecordKind kind) {
    return kind == RecordKind::exception || kind == RecordKind::crash;
}

// Where something is wrong with the file, what was seen until then is all.
void look_into(const std::string& path, FileHeader& expected, FileKind kind,
               const std::function<void(RecordReader& reader)>& look) {
    expected.kind = kind;
    try {
        RecordReader reader(path, expected);
        if (reader.header().first_itask == expected.first_itask) look(reader);
    } catch (const Error&) {
        // It is torn, or not there.
    } catch (const nlohmann::json::exception&) {
        // A failure that can not be read.
    }
}

}  // namespace

Outcomes read_outcomes(const std::string& path, FileHeader expected) {
    Outcomes seen;
    look_into(path, expected, FileKind::results, [&](RecordReader& reader) {
        while (true) {
            seen.num_outcomes += reader.skip(RecordKind::value, expected.num_tasks - seen.num_outcomes);
            if (!reader.next()) return;
            if (is_failure(reader.kind()) && seen.num_outcomes < expected.num_tasks) {
                seen.failures.push_back({seen.num_outcomes, FailureRecord::from_json(reader.text())});
                ++seen.num_outcomes;
            } else if (reader.kind() == RecordKind::info) {
                seen.info = AttemptInfo::from_json(reader.text());
            } else {
                return;
            }
        }
    });
    return seen;
}

std::uint64_t pass_outcomes(RecordReader& reader, std::uint64_t max_num) {
    std::uint64_t num = 0;
    while ((num += reader.skip(RecordKind::value, max_num - num)) < max_num) {
        if (!reader.next() || !is_failure(reader.kind())) break;
        ++num;
    }
    return num;
}

std::optional<std::string> read_value(const std::string& path, FileHeader expected, std::uint64_t place) {
    std::optional<std::string> value;
    look_into(path, expected, FileKind::results, [&](RecordReader& reader) {
        if (pass_outcomes(reader, place) == place && reader.next() && reader.kind() == RecordKind::value)
            value = reader.text();
    });
    return value;
}

std::optional<std::string> read_task(const std::string& path, FileHeader expected, std::uint64_t place) {
    std::optional<std::string> task;
    look_into(path, expected, FileKind::chunk, [&](RecordReader& reader) {
        if (reader.skip(RecordKind::task, place) == place && reader.next() &&
            reader.kind() == RecordKind::task)
            task = reader.text();
    });
    return task;
}

}  // namespace qmr::detail
