#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "qmr/detail/serialize.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/chunking.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Writes a record file with a Saver, and gives it its name when it is whole.
class RecordFile {
  public:
    RecordFile(fs::path path, const FileHeader& header, std::span<std::byte> buffer);
    /// Removes the file unless it was finished.
    ~RecordFile();
    RecordFile(const RecordFile&) = delete;
    RecordFile& operator=(const RecordFile&) = delete;

    [[nodiscard]] Saver& saver() noexcept { return saver_; }
    [[nodiscard]] RecordWriter& writer() noexcept { return writer_; }
    void finish();

  private:
    fs::path path_;
    std::string part_path_;
    Descriptor file_;
    RecordWriter writer_;
    Saver saver_;
    bool is_finished_ = false;
};

/// Cuts a stream of tasks into chunk files.
class ChunkWriter {
  public:
    /// `chunking`: none when the number of tasks is not known; then each chunk but the last has `chunk_size`.
    ChunkWriter(WorkDir work_dir, std::uint64_t session, std::optional<Chunking> chunking,
                std::size_t chunk_size);

    [[nodiscard]] Saver& begin_task();
    void end_task();
    /// Closes the last chunk. Throws Error when there were fewer tasks than were said to be.
    void finish();

    [[nodiscard]] const std::optional<Chunking>& chunking() const noexcept { return chunking_; }
    [[nodiscard]] std::size_t num_tasks() const noexcept { return num_tasks_; }
    [[nodiscard]] std::size_t num_chunks() const noexcept { return num_chunks_; }

  private:
    void open_chunk();
    void close_chunk();

    WorkDir work_dir_;
    std::uint64_t session_;
    std::optional<Chunking> chunking_;
    std::size_t chunk_size_;
    std::vector<std::byte> buffer_;
    std::unique_ptr<RecordFile> chunk_;
    std::size_t tasks_left_in_chunk_ = 0;
    std::size_t num_tasks_ = 0;
    std::size_t num_chunks_ = 0;
};

}  // namespace qmr::detail
