#include "pool/reduce.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace qmr::detail {

ChunkOutcome read_results(const WorkDir& work_dir, std::uint64_t session, std::size_t ichunk, TaskSpan tasks,
                          const LoadResult& load) {
    ChunkOutcome outcome;
    RecordReader reader(work_dir.results(ichunk).native(),
                        FileHeader{FileKind::results, session, ichunk, 0, 0});
    Loader loader(reader);
    std::size_t num_outcomes = 0;
    bool has_info = false;
    try {
        while (reader.next()) {
            if (reader.kind() == RecordKind::info) {
                outcome.info = AttemptInfo::from_json(reader.text());
                has_info = true;
                continue;
            }
            if (num_outcomes == tasks.size) reader.fail("there are more results than tasks");
            const std::size_t itask = tasks.first + num_outcomes++;
            switch (reader.kind()) {
                case RecordKind::value:
                    load(itask, loader);
                    break;
                case RecordKind::exception:
                case RecordKind::crash: {
                    TaskFailure failure;
                    failure.itask = itask;
                    FailureRecord record = FailureRecord::from_json(reader.text());
                    failure.cause = record.cause;
                    failure.message = std::move(record.message);
                    failure.end_of_stderr = std::move(record.end_of_stderr);
                    failure.history = std::move(record.history);
                    outcome.failures.push_back(std::move(failure));
                    break;
                }
                default:
                    reader.fail("a record has an unknown kind");
            }
        }
    } catch (const cereal::Exception& bad) {
        reader.fail(fmt::format("a result can not be read: {}", bad.what()));
    } catch (const nlohmann::json::exception& bad) {
        reader.fail(fmt::format("a message can not be read: {}", bad.what()));
    }
    if (num_outcomes != tasks.size || !has_info) reader.fail("there are fewer results than tasks");
    for (TaskFailure& failure : outcome.failures) failure.host = outcome.info.host;
    return outcome;
}

}  // namespace qmr::detail
