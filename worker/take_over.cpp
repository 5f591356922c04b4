#include "worker/take_over.hpp"

#include <fmt/format.h>

#include <optional>

#include "adapters/chunk_head.hpp"
#include "adapters/kept_values.hpp"
#include "ground/standard_streams.hpp"
#include "worker/leave_signals.hpp"

namespace qmr::detail {

namespace {

std::optional<ChunkHead> read_head(const WorkDir& work_dir, std::uint64_t ichunk) {
    try {
        return ChunkHead::read(work_dir, ichunk);
    } catch (const Error& bad) {
        tell_on_stderr(
            fmt::format("qmr worker: the chunk begins with its first task again: {}\n", bad.what()));
        return std::nullopt;
    }
}

}  // namespace

TakenOver take_over(const WorkDir& work_dir, const FileHeader& header, RecordWriter& results) {
    const std::optional<ChunkHead> head = read_head(work_dir, header.ichunk);
    if (!head) return {};
    if (!head->part.empty()) {
        PartReader part((work_dir.path() / head->part).native(), header);
        while (results.num_records() < head->num_records && told_to_leave() == 0 && part.next())
            copy_record(part.record(), results);
    }
    const std::uint64_t num_copied = results.num_records();
    // Of a task that is not the next one, nothing is known.
    if (head->failed && results.num_records() == head->num_records &&
        results.num_records() < header.num_tasks)
        results.write_record(RecordKind::crash, head->failed->to_json());
    results.flush();
    return {num_copied, head->alone};
}

}  // namespace qmr::detail
