#include "pool/chunk_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 18;

}  // namespace

RecordFile::RecordFile(fs::path path, const FileHeader& header, std::span<std::byte> buffer)
    : path_(std::move(path)),
      part_path_(path_.native() + ".tmp"),
      file_(create_file(part_path_)),
      writer_(file_.get(), part_path_.c_str(), buffer),
      saver_(writer_) {
    writer_.write_header(header);
}

RecordFile::~RecordFile() {
    if (!is_finished_) ::unlink(part_path_.c_str());
}

// Not synced: after a loss of power, the process that has the tasks is gone as well.
void RecordFile::finish() {
    writer_.finish();
    close_file(std::move(file_), part_path_);
    if (::rename(part_path_.c_str(), path_.c_str()) != 0)
        throw Error(
            fmt::format("cannot create {}: {}", path_.native(), std::generic_category().message(errno)));
    is_finished_ = true;
}

ChunkWriter::ChunkWriter(WorkDir work_dir, std::uint64_t session, std::optional<Chunking> chunking,
                         std::size_t chunk_size)
    : work_dir_(std::move(work_dir)),
      session_(session),
      chunking_(chunking),
      chunk_size_(chunk_size),
      buffer_(buffer_size) {}

void ChunkWriter::open_chunk() {
    const std::size_t ichunk = num_chunks_++;
    if (chunking_ && ichunk >= chunking_->num_chunks())
        throw Error("map: the range has more tasks than its size says");
    tasks_left_in_chunk_ = chunking_ ? chunking_->size(ichunk) : chunk_size_;
    // Of an unknown number, the last chunk may have fewer: the records count.
    chunk_ = std::make_unique<RecordFile>(
        work_dir_.chunk(ichunk),
        FileHeader{FileKind::chunk, session_, ichunk, num_tasks_, tasks_left_in_chunk_}, buffer_);
}

void ChunkWriter::close_chunk() {
    chunk_->finish();
    chunk_.reset();
}

Saver& ChunkWriter::begin_task() {
    if (!chunk_) open_chunk();
    chunk_->writer().begin_record(RecordKind::task);
    return chunk_->saver();
}

void ChunkWriter::end_task() {
    chunk_->writer().end_record();
    ++num_tasks_;
    if (--tasks_left_in_chunk_ == 0) close_chunk();
}

void ChunkWriter::finish() {
    if (chunking_ && num_tasks_ != chunking_->num_tasks())
        throw Error("map: the range has fewer tasks than its size says");
    if (chunk_) close_chunk();
}

}  // namespace qmr::detail
