#include "worker/take_over.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "adapters/chunk_head.hpp"
#include "adapters/part_file.hpp"
#include "worker/leave_signals.hpp"

namespace qmr::detail {

namespace {

std::optional<ChunkHead> read_head(const WorkDir& work_dir, std::uint64_t ichunk) {
    try {
        return ChunkHead::read(work_dir, ichunk);
    } catch (const Error& bad) {
        std::fprintf(stderr, "qmr worker: the chunk begins with its first task again: %s\n", bad.what());
        return std::nullopt;
    }
}

// Piece by piece: a payload may be larger than the memory.
void copy(RecordReader& from, RecordWriter& to) {
    std::array<char, 65536> piece;
    to.begin_record(from.kind());
    while (const auto size =
               static_cast<std::size_t>(std::min<std::uint64_t>(from.payload_left(), piece.size()))) {
        from.get(piece.data(), size);
        to.put(piece.data(), size);
    }
    to.end_record();
}

}  // namespace

std::uint64_t take_over(const WorkDir& work_dir, const FileHeader& header, RecordWriter& results) {
    const std::optional<ChunkHead> head = read_head(work_dir, header.ichunk);
    if (!head) return 0;
    if (!head->part.empty()) {
        PartReader part((work_dir.path() / head->part).native(), header);
        while (results.num_records() < head->num_records && told_to_leave() == 0 && part.next())
            copy(part.record(), results);
    }
    const std::uint64_t num_copied = results.num_records();
    // Of a task that is not the next one, nothing is known.
    if (head->failed && results.num_records() == head->num_records &&
        results.num_records() < header.num_tasks)
        results.write_record(RecordKind::crash, head->failed->to_json());
    results.flush();
    return num_copied;
}

}  // namespace qmr::detail
