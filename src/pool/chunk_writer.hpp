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

    fs::path path_;
    FileHeader header_;
    Write write_;
    bool has_part_ = true;
    std::string part_path_;
    Descriptor file_;
    RecordWriter writer_;
    Saver saver_;
};

/// The files of a map.
struct MapFiles {
    WorkDir work_dir;
    std::uint64_t session = 0;
};

/// Writes the chunk, or `function.bin`, of one map for another one.
void copy_records(const fs::path& from, const FileHeader& there, const fs::path& to, const FileHeader& own,
                  std::span<std::byte> buffer);

/// Whether a record file can be read, and has these records.
[[nodiscard]] bool has_records(const fs::path& path, const FileHeader& header, std::uint64_t hash);

/// Cuts a stream of tasks into chunk files.
class ChunkWriter {
  public:
    /// `chunking`: none when the number of tasks is not known; then each chunk but the last has `chunk_size`.
    /// `twin`: a map that probably is the same. What is equal in it is not kept twice: some_in_twin() tells.
    ChunkWriter(MapFiles own, std::optional<Chunking> chunking, std::size_t chunk_size, Write write,
                std::optional<MapFiles> twin = std::nullopt);

    [[nodiscard]] Saver& begin_task();
    void end_task();
    /// Closes the last chunk. Throws Error when there were fewer tasks than were said to be.
    void finish();
    /// Puts files in the place of those that can not be read.
    void mend();

    /// When all are written: brings them all here, since the twin is another map. Throws Error when it can
    /// not be read any more.
    void fetch_from_twin();
    /// When all are written: replaces what can not be read in a map that is the same.
    void mend(const MapFiles& same);

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
    [[nodiscard]] FileHeader header_of(const MapFiles& map, std::size_t ichunk) const;
    void copy(const MapFiles& from, const MapFiles& to, std::size_t ichunk);

    MapFiles own_;
    std::optional<MapFiles> twin_;
    std::optional<Chunking> chunking_;
    std::size_t chunk_size_;
    Write write_;
    std::vector<std::byte> buffer_;
    std::unique_ptr<RecordFile> chunk_;
    std::vector<std::unique_ptr<RecordFile>> to_mend_;
    std::vector<std::uint64_t> hashes_;  ///< by ichunk, of the records
    std::vector<std::size_t> in_twin_;   ///< chunks that are only there
    std::size_t tasks_left_in_chunk_ = 0;
    std::size_t num_tasks_ = 0;
    std::size_t num_chunks_ = 0;
    std::uint64_t hash_ = 0;
};

}  // namespace qmr::detail
