#pragma once
// Record files as lists of records, for tests.

#include <string>
#include <vector>

#include "qmr/detail/record_file.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::test {

struct Record {
    detail::RecordKind kind = detail::RecordKind::value;
    std::string payload;

    friend bool operator==(const Record&, const Record&) = default;
};
using Records = std::vector<Record>;

inline const detail::FileHeader results_header{detail::FileKind::results, 0x1234'5678'9ABC'DEF0, 42, 1000, 7};

/// The buffer of a writer, and behind it bytes that nobody may write.
class GuardedBuffer {
  public:
    explicit GuardedBuffer(std::size_t size) : memory_(size + guard_size, guard_byte), size_(size) {}
    [[nodiscard]] std::span<std::byte> span() { return std::span(memory_).first(size_); }
    [[nodiscard]] bool is_intact() const {
        for (std::size_t i = size_; i < memory_.size(); ++i)
            if (memory_[i] != guard_byte) return false;
        return true;
    }

  private:
    static constexpr std::size_t guard_size = 8192;
    static constexpr std::byte guard_byte{0xA5};
    std::vector<std::byte> memory_;
    std::size_t size_;
};

/// A new record file that is being written.
class NewRecordFile {
  public:
    explicit NewRecordFile(const detail::fs::path& path, std::size_t buffer_size = 4096,
                           const detail::FileHeader& header = results_header)
        : path_(path.native()),
          file_(detail::create_file(path)),
          buffer_(buffer_size),
          writer_(file_.get(), path_.c_str(), buffer_.span()) {
        writer_.write_header(header);
    }
    [[nodiscard]] detail::RecordWriter& writer() { return writer_; }
    [[nodiscard]] const GuardedBuffer& buffer() const { return buffer_; }

    /// Writes a record by puts of at most `put_size` bytes.
    void write(const Record& record, std::size_t put_size) {
        writer_.begin_record(record.kind);
        for (std::size_t done = 0; done < record.payload.size(); done += put_size)
            writer_.put(record.payload.data() + done, std::min(put_size, record.payload.size() - done));
        writer_.end_record();
    }

  private:
    std::string path_;
    detail::Descriptor file_;
    GuardedBuffer buffer_;
    detail::RecordWriter writer_;
};

/// Writes a whole record file. False when the writer went beyond its buffer.
inline bool write_records(const detail::fs::path& path, const Records& records,
                          std::size_t buffer_size = 4096, std::size_t put_size = SIZE_MAX / 2) {
    NewRecordFile file(path, buffer_size);
    for (const Record& record : records) file.write(record, put_size);
    file.writer().finish();
    return file.buffer().is_intact();
}

/// What can be read of a record file, and why it stopped; "": at the end record.
struct ReadBack {
    Records records;
    std::string complaint;
};

inline ReadBack read_records(const detail::fs::path& path,
                             const detail::FileHeader& expected = results_header) {
    ReadBack back;
    try {
        detail::RecordReader reader(path.native(), expected);
        while (reader.next()) back.records.push_back({reader.kind(), reader.text()});
    } catch (const detail::CorruptFile& bad) {
        back.complaint = bad.what();
    }
    return back;
}

/// `size` bytes that look random, always the same ones.
inline std::string noise(std::size_t size, std::uint64_t seed = 1) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        byte = static_cast<char>(seed >> 56);
    }
    return bytes;
}

}  // namespace qmr::test
