#include "pool/reduce.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace qmr::detail {

namespace {

/// Takes the outcomes of the tasks of a chunk, one after the other, from a file of results.
class OutcomeReader {
  public:
    OutcomeReader(const std::string& path, std::uint64_t session, std::size_t ichunk, TaskSpan tasks,
                  const LoadResult& load)
        : reader_(path, FileHeader{FileKind::results, session, ichunk, 0, 0}),
          loader_(reader_),
          tasks_(tasks),
          load_(load) {}

    /// Takes `num_records` outcomes.
    ChunkOutcome read(std::uint64_t num_records) {
        return complain_well([&] {
            while (num_outcomes_ < num_records) {
                if (!reader_.next()) reader_.fail("there are fewer results than were told");
                take();
            }
        });
    }

    /// Takes all of them, and what stands behind them.
    ChunkOutcome read_whole() {
        bool has_info = false;
        ChunkOutcome outcome = complain_well([&] {
            while (reader_.next()) {
                if (reader_.kind() == RecordKind::info) {
                    outcome_.info = AttemptInfo::from_json(reader_.text());
                    has_info = true;
                } else {
                    take();
                }
            }
        });
        if (num_outcomes_ != tasks_.size || !has_info) reader_.fail("there are fewer results than tasks");
        return outcome;
    }

  private:
    template <class Read>
    ChunkOutcome complain_well(Read read) {
        try {
            read();
        } catch (const cereal::Exception& bad) {
            reader_.fail(fmt::format("a result can not be read: {}", bad.what()));
        } catch (const nlohmann::json::exception& bad) {
            reader_.fail(fmt::format("a message can not be read: {}", bad.what()));
        }
        return std::move(outcome_);
    }

    void take() {
        if (num_outcomes_ == tasks_.size) reader_.fail("there are more results than tasks");
        const std::size_t itask = tasks_.first + num_outcomes_++;
        switch (reader_.kind()) {
            case RecordKind::value:
                load_(itask, loader_);
                break;
            case RecordKind::exception:
            case RecordKind::crash:
                take_failure(itask);
                break;
            default:
                reader_.fail("a record has an unknown kind");
        }
    }

    void take_failure(std::size_t itask) {
        FailureRecord record = FailureRecord::from_json(reader_.text());
        TaskFailure& failure = outcome_.failures.emplace_back();
        failure.itask = itask;
        failure.cause = record.cause;
        failure.message = std::move(record.message);
        failure.end_of_stderr = std::move(record.end_of_stderr);
        failure.history = std::move(record.history);
        if (!failure.history.empty()) failure.host = failure.history.back().host;
    }

    RecordReader reader_;
    Loader loader_;
    TaskSpan tasks_;
    const LoadResult& load_;
    ChunkOutcome outcome_;
    std::size_t num_outcomes_ = 0;
};

}  // namespace

ChunkOutcome read_results(const WorkDir& work_dir, std::uint64_t session, std::size_t ichunk, TaskSpan tasks,
                          const LoadResult& load) {
    ChunkOutcome outcome =
        OutcomeReader(work_dir.results(ichunk).native(), session, ichunk, tasks, load).read_whole();
    for (TaskFailure& failure : outcome.failures)
        if (failure.host.empty()) failure.host = outcome.info.host;
    return outcome;
}

ChunkOutcome read_part(const fs::path& path, std::uint64_t session, std::size_t ichunk, TaskSpan tasks,
                       std::uint64_t num_records, const LoadResult& load) {
    return OutcomeReader(path.native(), session, ichunk, tasks, load).read(num_records);
}

}  // namespace qmr::detail
