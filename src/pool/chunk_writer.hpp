#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "qmr/detail/serialize.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/chunking.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// `again`: a process that was here before has written the same files. Those that can be read stay.
enum class Write { first, again };

/// Writes a record file with a Saver, and gives it its name when it is whole.
class RecordFile {
  public:
    RecordFile(fs::path path, const FileHeader& header, std::span<std::byte> buffer, Write write);
    /// Removes the file unless it was finished.
    ~RecordFile();
    RecordFile(const RecordFile&) = delete;
    RecordFile& operator=(const RecordFile&) = delete;

    [[nodiscard]] Saver& saver() noexcept { return saver_; }
    [[nodiscard]] RecordWriter& writer() noexcept { return writer_; }
    /// Gives the hash over its records.
    std::uint64_t finish();

    /// Whether another process has written it, and it can not be read.
    [[nodiscard]] bool needs_mending() const noexcept { return has_part_; }
    void mend() { commit(); }

  private:
    void commit();
    [[nodiscard]] bool is_there(std::uint64_t hash) const;

    fs::path path_;
    FileHeader header_;
    Write write_;
    bool has_part_ = true;
    std::string part_path_;
    Descriptor file_;
    RecordWriter writer_;
    Saver saver_;
};

/// Cuts a stream of tasks into chunk files.
class ChunkWriter {
  public:
    /// `chunking`: none when the number of tasks is not known; then each chunk but the last has `chunk_size`.
    ChunkWriter(WorkDir work_dir, std::uint64_t session, std::optional<Chunking> chunking,
                std::size_t chunk_size, Write write);

    [[nodiscard]] Saver& begin_task();
    void end_task();
    /// Closes the last chunk. Throws Error when there were fewer tasks than were said to be.
    void finish();
    /// Puts files in the place of those that can not be read.
    void mend();

    [[nodiscard]] const std::optional<Chunking>& chunking() const noexcept { return chunking_; }
    /// Of a chunk, when all are written.
    [[nodiscard]] TaskSpan tasks_of(std::size_t ichunk) const;
    [[nodiscard]] std::size_t num_tasks() const noexcept { return num_tasks_; }
    [[nodiscard]] std::size_t num_chunks() const noexcept { return num_chunks_; }
    /// Of all tasks, in their order.
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

  private:
    void open_chunk();
    void close_chunk();

    WorkDir work_dir_;
    std::uint64_t session_;
    std::optional<Chunking> chunking_;
    std::size_t chunk_size_;
    Write write_;
    std::vector<std::byte> buffer_;
    std::unique_ptr<RecordFile> chunk_;
    std::vector<std::unique_ptr<RecordFile>> to_mend_;
    std::size_t tasks_left_in_chunk_ = 0;
    std::size_t num_tasks_ = 0;
    std::size_t num_chunks_ = 0;
    std::uint64_t hash_ = 0;
};

}  // namespace qmr::detail
