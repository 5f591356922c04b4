#pragma once
// Of a chunk whose failed tasks are run again, the values that it has: a result file in which the tasks that
// are to be run have a failure. Written by the pool; read by the worker.

#include <memory>

#include "adapters/part_file.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Writes the record that the reader is at, piece by piece: a payload may be larger than the memory.
void copy_record(RecordReader& from, RecordWriter& to);

/// Goes along with the tasks of a chunk.
class KeptValues {
  public:
    /// Null: all tasks of the chunk are to be run. `header` is that of the chunk.
    [[nodiscard]] static std::unique_ptr<KeptValues> find(const WorkDir& work_dir, const FileHeader& header);

    explicit KeptValues(const fs::path& path, const FileHeader& header) : values_(path.native(), header) {}

    /// To be called once for each task, in their order. True: it has a value.
    [[nodiscard]] bool next() { return values_.next() && values_.record().kind() == RecordKind::value; }

    /// The value of that task.
    [[nodiscard]] RecordReader& value() { return values_.record(); }

  private:
    PartReader values_;
};

}  // namespace qmr::detail
