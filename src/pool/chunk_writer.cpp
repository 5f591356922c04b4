#include "pool/chunk_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "adapters/kept_values.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t write_buffer_size = std::size_t{1} << 18;
constexpr std::uint64_t prime = 0x9E3779B185EBCA87;  // odd, so that no hash of a chunk is lost

// What a process before this one began has no name yet that counts.
Descriptor create_anew(const fs::path& path) {
    ::unlink(path.c_str());
    return create_file(path);
}

}  // namespace

RecordFile::RecordFile(fs::path path, const FileHeader& header, std::span<std::byte> buffer, Write write)
    : path_(std::move(path)),
      header_(header),
      write_(write),
      part_path_(path_.native() + ".tmp"),
      file_(create_anew(part_path_)),
      writer_(file_.get(), part_path_.c_str(), buffer),
      saver_(writer_) {
    writer_.write_header(header);
}

RecordFile::~RecordFile() {
    if (has_part_) ::unlink(part_path_.c_str());
}

std::uint64_t RecordFile::finish() {
    const std::uint64_t hash = writer_.hash();
    writer_.finish();
    close_file(std::move(file_), part_path_);
    if (write_ == Write::first) {
        commit();
    } else if (has_records(path_, header_, hash)) {
        ::unlink(part_path_.c_str());
        has_part_ = false;
    }
    return hash;
}

// Not synced, since it is slow and hardly ever needed: what a loss of power tears is written again by the
// process that goes on with the map.
void RecordFile::commit() {
    if (::rename(part_path_.c_str(), path_.c_str()) != 0)
        throw Error(
            fmt::format("cannot create {}: {}", path_.native(), std::generic_category().message(errno)));
    has_part_ = false;
}

bool has_records(const fs::path& path, const FileHeader& header, std::uint64_t hash) {
    try {
        RecordReader there(path.native(), header);
        while (there.next()) {
        }
        return there.hash() == hash;
    } catch (const Error&) {
        return false;
    }
}

void copy_records(const fs::path& from, const FileHeader& there, const fs::path& to, const FileHeader& own,
                  std::span<std::byte> buffer) {
    RecordReader reader(from.native(), there);
    RecordFile file(to, own, buffer, Write::first);
    while (reader.next()) copy_record(reader, file.writer());
    file.finish();
}

ChunkWriter::ChunkWriter(MapFiles own, std::optional<Chunking> chunking, std::size_t chunk_size, Write write,
                         std::optional<MapFiles> twin)
    : own_(std::move(own)),
      twin_(std::move(twin)),
      chunking_(chunking),
      chunk_size_(chunk_size),
      write_(write),
      buffer_(write_buffer_size) {}

void ChunkWriter::open_chunk() {
    const std::size_t ichunk = num_chunks_++;
    if (chunking_ && ichunk >= chunking_->num_chunks())
        throw Error("map: the range has more tasks than its size says");
    tasks_left_in_chunk_ = chunking_ ? chunking_->size(ichunk) : chunk_size_;
    // Of an unknown number, the last chunk may have fewer: the records count.
    chunk_ = std::make_unique<RecordFile>(
        own_.work_dir.chunk(ichunk),
        FileHeader{FileKind::chunk, own_.session, ichunk, num_tasks_, tasks_left_in_chunk_}, buffer_, write_);
}

void ChunkWriter::close_chunk() {
    const std::size_t ichunk = num_chunks_ - 1;
    hashes_.push_back(chunk_->finish());
    hash_ = (hash_ ^ hashes_.back()) * prime;
    if (chunk_->needs_mending()) to_mend_.push_back(std::move(chunk_));
    chunk_.reset();
    if (!twin_ || !has_records(twin_->work_dir.chunk(ichunk), header_of(*twin_, ichunk), hashes_.back()))
        return;
    ::unlink(own_.work_dir.chunk(ichunk).c_str());
    in_twin_.push_back(ichunk);
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

TaskSpan ChunkWriter::tasks_of(std::size_t ichunk) const {
    if (chunking_) return {chunking_->first_itask(ichunk), chunking_->size(ichunk)};
    const std::size_t first = ichunk * chunk_size_;
    return {first, std::min(chunk_size_, num_tasks_ - first)};
}

void ChunkWriter::mend() {
    for (const auto& chunk : to_mend_) chunk->mend();
    to_mend_.clear();
}

FileHeader ChunkWriter::header_of(const MapFiles& map, std::size_t ichunk) const {
    const TaskSpan tasks = tasks_of(ichunk);
    // As open_chunk() writes it, which does not know which one is the last of an unknown number.
    return {FileKind::chunk, map.session, ichunk, tasks.first, chunking_ ? tasks.size : chunk_size_};
}

void ChunkWriter::copy(const MapFiles& from, const MapFiles& to, std::size_t ichunk) {
    copy_records(from.work_dir.chunk(ichunk), header_of(from, ichunk), to.work_dir.chunk(ichunk),
                 header_of(to, ichunk), buffer_);
}

void ChunkWriter::fetch_from_twin() {
    for (const std::size_t ichunk : in_twin_) copy(*twin_, own_, ichunk);
    in_twin_.clear();
}

void ChunkWriter::mend(const MapFiles& same) {
    if (!twin_ || twin_->session != same.session) fetch_from_twin();
    for (std::size_t ichunk = 0; ichunk < num_chunks_; ++ichunk)
        if (!std::ranges::binary_search(in_twin_, ichunk) &&
            !has_records(same.work_dir.chunk(ichunk), header_of(same, ichunk), hashes_[ichunk]))
            copy(own_, same, ichunk);
}

}  // namespace qmr::detail
