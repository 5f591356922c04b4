#include "pool/reduce.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "adapters/part_file.hpp"

namespace qmr::detail {

namespace {

template <class Read>
void complain_well(RecordReader& reader, Read read) {
    try {
        read();
    } catch (const cereal::Exception& bad) {
        reader.fail(fmt::format("a result can not be read: {}", bad.what()));
    } catch (const nlohmann::json::exception& bad) {
        reader.fail(fmt::format("a message can not be read: {}", bad.what()));
    }
}

// Of the record that the reader is at. A value goes to load(), a failure to `failures`.
void take_outcome(RecordReader& reader, Loader& loader, std::size_t itask, const LoadResult& load,
                  std::vector<TaskFailure>& failures) {
    switch (reader.kind()) {
        case RecordKind::value:
            if (load) load(itask, loader);
            break;
        case RecordKind::exception:
        case RecordKind::crash:
            failures.push_back(to_failure(itask, FailureRecord::from_json(reader.text())));
            break;
        default:
            reader.fail("a record has an unknown kind");
    }
}

}  // namespace

TaskFailure to_failure(std::size_t itask, FailureRecord record) {
    TaskFailure failure;
    failure.itask = itask;
    failure.cause = record.cause;
    failure.message = std::move(record.message);
    failure.end_of_stderr = std::move(record.end_of_stderr);
    if (!record.history.empty()) failure.host = record.history.back().host;
    failure.history = std::move(record.history);
    failure.details = std::move(record.details);
    return failure;
}

ChunkOutcome read_results(const WorkDir& work_dir, std::uint64_t session, std::size_t ichunk, TaskSpan tasks,
                          const LoadResult& load) {
    ChunkOutcome outcome;
    RecordReader reader(work_dir.results(ichunk).native(), {FileKind::results, session, ichunk, 0, 0});
    Loader loader(reader);
    std::size_t num_outcomes = 0;
    bool has_info = false;
    complain_well(reader, [&] {
        while (true) {
            if (!load) num_outcomes += reader.skip(RecordKind::value, tasks.size - num_outcomes);
            if (!reader.next()) break;
            if (reader.kind() == RecordKind::info) {
                outcome.info = AttemptInfo::from_json(reader.text());
                has_info = true;
                continue;
            }
            if (num_outcomes == tasks.size) reader.fail("there are more results than tasks");
            take_outcome(reader, loader, tasks.first + num_outcomes++, load, outcome.failures);
        }
    });
    if (num_outcomes != tasks.size || !has_info) reader.fail("there are fewer results than tasks");
    for (TaskFailure& failure : outcome.failures)
        if (failure.host.empty()) failure.host = outcome.info.host;
    return outcome;
}

PartOutcome read_part(const fs::path& part, std::uint64_t session, std::size_t ichunk, TaskSpan tasks,
                      const LoadResult& load) {
    PartOutcome outcome;
    PartReader reader(part.native(), {FileKind::results, session, ichunk, tasks.first, tasks.size});
    try {
        std::optional<Loader> loader;
        for (; reader.next(); ++outcome.num_outcomes) {
            if (!loader) loader.emplace(reader.record());
            complain_well(reader.record(), [&] {
                take_outcome(reader.record(), *loader, tasks.first + outcome.num_outcomes, load,
                             outcome.failures);
            });
        }
    } catch (const Error&) {
        // A record that can not be read costs what is behind it only.
    }
    return outcome;
}

void add_failures(std::vector<TaskFailure>& failures, TaskFailure like, TaskSpan tasks,
                  std::size_t num_before) {
    for (std::size_t i = 0; i < tasks.size; ++i) {
        if (num_before + failures.size() >= max_num_failures_in_full) {
            like.end_of_stderr.clear();
            like.history.clear();
        }
        like.itask = tasks.first + i;
        failures.push_back(like);
    }
    for (TaskFailure& failure : failures) failure.num_attempts = like.num_attempts;
}

}  // namespace qmr::detail
