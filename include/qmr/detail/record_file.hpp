#pragma once
// Chunk and result files: a header, then one framed record after the other. docs/work_dir.md has the format.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <streambuf>
#include <string>
#include <vector>

#include "qmr/error.hpp"

namespace qmr::detail {

/// A file that is not what its header, a size or a checksum says. The message names the file and the offset.
class CorruptFile : public Error {
  public:
    using Error::Error;
};

/// A file could not be read just now. The message names it and the reason.
class ReadFailure : public Error {
  public:
    using Error::Error;
};

/// A record could not be written: a full disk, a quota. The message names the file and the reason.
class WriteFailure : public Error {
  public:
    WriteFailure(const std::string& message, int error) : Error(message), error_(error) {}
    [[nodiscard]] int error() const noexcept { return error_; }  ///< errno

  private:
    int error_;
};

enum class FileKind : char { chunk = 'C', results = 'R', function = 'F' };

enum class RecordKind : char {
    task = 't',       ///< a task, serialised
    function = 'f',   ///< the data of the function object
    value = 'v',      ///< a result, serialised
    exception = 'x',  ///< the task threw: JSON
    crash = 'c',      ///< the task ended its process: JSON
    info = 'i',       ///< about the attempt: JSON
    end = 'e',        ///< the last record: the file is whole
};

/// What a file says about itself.
struct FileHeader {
    FileKind kind = FileKind::chunk;
    std::uint64_t session = 0;  ///< hash of the session id, so that files of two maps can not be mixed up
    std::uint64_t ichunk = 0;
    std::uint64_t first_itask = 0;  ///< index of the chunk's first task
    std::uint64_t num_tasks = 0;    ///< in this chunk
    /// In the part of an attempt: so many of its outcomes count, whatever is behind them. None: all do.
    std::optional<std::uint64_t> num_settled = {};
};

/// Writes records through a buffer to a descriptor. Neither is owned. A payload may be larger than the
/// buffer. The state of a writer is plain data, so that it can live in memory that a process shares with its
/// child, and the parent can go on where the child died, at whatever instruction that was: it calls
/// recover() first.
class RecordWriter {
  public:
    /// Most bytes in front of a payload: kind, checksum, size.
    static constexpr std::size_t max_frame_size = 14;

    /// `path` is for messages and must outlive the writer. The buffer must hold at least 4 kB.
    RecordWriter(int descriptor, const char* path, std::span<std::byte> buffer);
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;

    void write_header(const FileHeader& header);

    /// Begins a record. What is put afterwards is its payload, until end_record().
    void begin_record(RecordKind kind);
    void put(const void* data, std::size_t size) {
        if (size == 0) return;  // memcpy(3) takes no null pointer, not even for nothing
        if (size <= static_cast<std::size_t>(limit_ - position_)) {
            std::memcpy(position_, data, size);
            position_ += size;
        } else {
            put_large(data, size);
        }
    }
    void end_record();

    /// Takes back the record that was begun, as if it had never been.
    void abandon_record();

    /// To be called when the process that wrote has died: goes back to the end of the last record that was
    /// ended. Records in the buffer that the process has damaged do not count, nor those behind them.
    void recover();

    /// A whole record.
    void write_record(RecordKind kind, std::string_view payload);

    /// Writes the ended records that are still in the buffer.
    void flush();

    /// Cuts off what a flush() that failed has left in the file of the last records. No record may be open.
    void cut();

    /// Writes the end record and what is still in the buffer. Nothing may follow.
    void finish();

    /// Records that are ended, the end record not counted.
    [[nodiscard]] std::uint64_t num_records() const noexcept { return num_records_; }

    /// Hash over the checksums of these records.
    [[nodiscard]] std::uint64_t hash() const noexcept { return chain_; }

    /// So many of them are in the file, not in the buffer.
    [[nodiscard]] std::uint64_t num_records_in_file() const noexcept { return ended().num_in_file; }

  private:
    /// The records that are ended: the first ones are in the file, the others at the front of the buffer.
    struct Ended {
        std::uint64_t offset = 0;  ///< size of the file, without what a flush or an open record adds to it
        std::uint64_t num_in_file = 0;
        std::uint64_t chain_in_file = 0;  ///< hash over their checksums
        std::size_t size = 0;             ///< bytes of the others
    };
    [[nodiscard]] const Ended& ended() const noexcept {
        return ended_[iended_.load(std::memory_order_relaxed)];
    }
    void set_ended(const Ended& ended) noexcept;
    void set_ended_size(std::size_t size) noexcept;
    void put_large(const void* data, std::size_t size);
    void begin_spill();
    std::uint32_t end_spill();
    void truncate() const;
    void write_out(const void* data, std::size_t size, std::uint64_t& offset) const;

    int descriptor_;
    const char* path_;
    std::byte* buffer_;
    std::byte* limit_;
    std::byte* position_;  ///< where the next byte goes
    /// Two, of which one counts, so that one store brings it from one state to the next.
    std::array<Ended, 2> ended_;
    std::atomic<unsigned> iended_ = 0;
    std::uint64_t num_records_ = 0;
    std::uint64_t chain_ = 0;  ///< hash over the checksums of all ended records
    RecordKind kind_ = RecordKind::end;
    bool is_open_ = false;
    bool is_spilled_ = false;  ///< the open record did not fit the buffer: its beginning is in the file
    std::uint64_t spill_end_ = 0;
    std::uint64_t spill_size_ = 0;
    alignas(64) std::array<std::byte, 640> hash_state_;
};

/// So many outcomes of a part, whose header has FileHeader::num_settled, count from now on. It may be called
/// by another process than the one that writes records. Throws WriteFailure.
void mark_settled(int descriptor, const char* path, std::uint64_t num_outcomes);

/// The payload of the open record of a RecordWriter as a stream, for cereal.
class RecordSink final : public std::streambuf {
  public:
    explicit RecordSink(RecordWriter& writer) : writer_(writer) {}

  protected:
    std::streamsize xsputn(const char* data, std::streamsize size) override;
    int_type overflow(int_type character) override;

  private:
    RecordWriter& writer_;
};

/// Reads records from a file. Each payload is checked before it is handed out.
class RecordReader final : private std::streambuf {
  public:
    /// Opens the file and checks its header. Throws ReadFailure when it can not be read, as all others do,
    /// CorruptFile when it is not such a file, or not the one that `expected` describes (num_tasks and
    /// first_itask are not compared).
    RecordReader(std::string path, const FileHeader& expected);
    ~RecordReader() override;
    RecordReader(const RecordReader&) = delete;
    RecordReader& operator=(const RecordReader&) = delete;

    [[nodiscard]] const FileHeader& header() const noexcept { return header_; }

    /// Goes to the next record. False after the end record. Throws CorruptFile when the record is torn, its
    /// checksum is wrong, or the file ends without an end record.
    bool next();

    /// Passes over the records of this kind that come next, at most so many, by their frames alone: payloads
    /// are neither read nor checked. Gives their number. A torn one is not passed over.
    std::uint64_t skip(RecordKind kind, std::uint64_t max_num);

    /// Hash over the checksums of the records so far.
    [[nodiscard]] std::uint64_t hash() const noexcept { return chain_; }

    [[nodiscard]] RecordKind kind() const noexcept { return kind_; }
    [[nodiscard]] std::uint64_t payload_size() const noexcept { return payload_size_; }

    /// Bytes of the payload that were not read yet.
    [[nodiscard]] std::uint64_t payload_left() const noexcept {
        return unread_in_file_ + static_cast<std::uint64_t>(egptr() - gptr());
    }

    /// Goes back to the first byte of the payload.
    void rewind();

    /// Reads the next bytes of the payload. Throws CorruptFile when there are fewer.
    void get(void* data, std::size_t size) {
        if (size == 0) return;
        if (size <= static_cast<std::size_t>(egptr() - gptr()) &&
            size <= static_cast<std::size_t>(std::numeric_limits<int>::max())) {
            std::memcpy(data, gptr(), size);
            gbump(static_cast<int>(size));
        } else {
            get_large(data, size);
        }
    }

    /// The whole rest of the payload.
    [[nodiscard]] std::string text();

    /// The payload as a stream, for cereal.
    [[nodiscard]] std::streambuf& stream() noexcept { return *this; }

    [[noreturn]] void fail(const std::string& what) const;

  protected:
    int_type underflow() override;
    std::streamsize xsgetn(char* data, std::streamsize size) override;

  private:
    void read_mark();
    void get_large(void* data, std::size_t size);
    std::size_t peek(char* frame, bool is_sparse);
    std::size_t fill(std::size_t size);
    std::size_t read_at(std::uint64_t offset, void* data, std::size_t size) const;
    void check_large_payload(std::uint32_t checksum);
    void check_end();

    std::string path_;
    int descriptor_ = -1;
    FileHeader header_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  ///< unread part of the buffer
    std::size_t end_ = 0;
    std::uint64_t file_offset_ = 0;  ///< of the buffer's end
    RecordKind kind_ = RecordKind::end;
    std::uint64_t payload_size_ = 0;
    bool is_large_ = false;             ///< the payload is larger than the buffer
    std::uint64_t unread_in_file_ = 0;  ///< of such a payload
    std::uint64_t payload_offset_ = 0;  ///< in the file, of what is unread there
    std::uint64_t num_records_ = 0;
    std::uint64_t chain_ = 0;
    bool has_ended_ = false;         ///< the end record was read, and it is right
    std::array<char, 4096> window_;  ///< what underflow() hands out of a large payload
};

}  // namespace qmr::detail
