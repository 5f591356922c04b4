#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "adapters/record_hash.hpp"
#include "vocabulary/private_files.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 18;
constexpr std::size_t large_payload = std::size_t{1} << 15;  // where it pays to read frames one by one

template <class T>
T load_from(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

}  // namespace

RecordReader::RecordReader(std::string path, const FileHeader& expected)
    : path_(std::move(path)), descriptor_(open_private_file(path_).release()) {
    if (descriptor_ < 0) throw ReadFailure(fmt::format("cannot open {}: {}", path_, why_not_opened(errno)));
    try {
        struct stat status {};
        const bool is_known = ::fstat(descriptor_, &status) == 0 && status.st_size > 0;
        buffer_.resize(is_known ? std::min(buffer_size, static_cast<std::size_t>(status.st_size) + 1)
                                : buffer_size);
        if (fill(header_size) < header_size) fail("the file is shorter than its header");
        const char* bytes = buffer_.data();
        if (std::memcmp(bytes, "QMRF", 4) != 0 || std::memcmp(bytes + 5, "\r\n\x1a", 3) != 0)
            fail("this is not a chunk or result file of qmr");
        // Before all else: another version may have another header.
        const auto version = load_from<std::uint32_t>(bytes + 8);
        if (version != format_version && version != version_with_mark)
            fail(fmt::format("the format has version {}, this program reads versions {} and {}", version,
                             format_version, version_with_mark));
        if (load_from<std::uint64_t>(bytes + header_size - 8) != XXH3_64bits(bytes, header_size - 8))
            fail("the checksum of the header is wrong");
        header_.kind = FileKind{bytes[4]};
        header_.session = load_from<std::uint64_t>(bytes + 16);
        header_.ichunk = load_from<std::uint64_t>(bytes + 24);
        header_.first_itask = load_from<std::uint64_t>(bytes + 32);
        header_.num_tasks = load_from<std::uint64_t>(bytes + 40);
        if (header_.kind != expected.kind || header_.session != expected.session ||
            header_.ichunk != expected.ichunk)
            fail("the file belongs to another map or chunk");
        begin_ = header_size;
        if (version == version_with_mark) read_mark();
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

// One that is torn tells nothing, so nothing counts.
void RecordReader::read_mark() {
    if (fill(mark_size) < mark_size) fail("the file is shorter than its header");
    const auto number = load_from<std::uint64_t>(buffer_.data() + begin_);
    const auto inverse = load_from<std::uint64_t>(buffer_.data() + begin_ + sizeof number);
    header_.num_settled = number == ~inverse ? number : 0;
    begin_ += mark_size;
}

RecordReader::~RecordReader() {
    ::close(descriptor_);
}

bool RecordReader::next() {
    if (has_ended_) return false;
    unread_in_file_ = 0;
    if (fill(short_frame_size) < short_frame_size) fail("the file ends without an end record");
    const char* frame = buffer_.data() + begin_;
    const auto checksum = load_from<std::uint32_t>(frame + 1);
    std::size_t frame_size = short_frame_size;
    payload_size_ = load_from<unsigned char>(frame + 5);
    if (payload_size_ == long_size_mark) {
        if (fill(long_frame_size) < long_frame_size) fail("a record is torn");
        frame = buffer_.data() + begin_;
        frame_size = long_frame_size;
        payload_size_ = load_from<std::uint64_t>(frame + 6);
    }
    kind_ = RecordKind{frame[0]};

    is_large_ = payload_size_ > buffer_.size() - frame_size;
    if (!is_large_) {
        const auto whole = frame_size + static_cast<std::size_t>(payload_size_);
        if (fill(whole) < whole) fail("a record is torn");
        char* payload = buffer_.data() + begin_ + frame_size;
        if (record_checksum(payload, payload_size_, num_records_, kind_) != checksum)
            fail("the checksum of a record is wrong");
        begin_ += whole;
        setg(payload, payload, payload + payload_size_);
    } else {
        payload_offset_ = file_offset_ - (end_ - begin_) + frame_size;
        check_large_payload(checksum);
        file_offset_ = payload_offset_ + payload_size_;
        begin_ = end_ = 0;
        rewind();
    }
    if (kind_ == RecordKind::end) {
        check_end();
        has_ended_ = true;
        return false;
    }
    chain_ = chained(chain_, checksum);
    ++num_records_;
    return true;
}

std::uint64_t RecordReader::skip(RecordKind kind, std::uint64_t max_num) {
    struct stat status {};
    if (has_ended_ || ::fstat(descriptor_, &status) != 0) return 0;
    unread_in_file_ = 0;
    setg(nullptr, nullptr, nullptr);
    std::array<char, long_frame_size> frame;
    std::uint64_t size = 0;
    std::uint64_t num = 0;
    for (; num < max_num; ++num) {
        const std::size_t got = peek(frame.data(), size > large_payload);
        if (got < short_frame_size || RecordKind{frame[0]} != kind) break;
        std::size_t frame_size = short_frame_size;
        size = load_from<unsigned char>(frame.data() + 5);
        if (size == long_size_mark) {
            if (got < long_frame_size) break;
            frame_size = long_frame_size;
            size = load_from<std::uint64_t>(frame.data() + 6);
        }
        const std::uint64_t offset = file_offset_ - (end_ - begin_) + frame_size;
        const auto size_of_file = static_cast<std::uint64_t>(status.st_size);
        if (offset > size_of_file || size > size_of_file - offset) break;
        if (size <= end_ - begin_ - std::min(end_ - begin_, frame_size)) {
            begin_ += frame_size + static_cast<std::size_t>(size);
        } else {
            file_offset_ = offset + size;
            begin_ = end_ = 0;
        }
        chain_ = chained(chain_, load_from<std::uint32_t>(frame.data() + 1));
        ++num_records_;
    }
    return num;
}

// The frame of the next record, as far as the file has it. `is_sparse`: what is behind it is not wanted soon.
std::size_t RecordReader::peek(char* frame, bool is_sparse) {
    if (is_sparse && end_ - begin_ < long_frame_size)
        return read_at(file_offset_ - (end_ - begin_), frame, long_frame_size);
    const std::size_t size = std::min(fill(long_frame_size), long_frame_size);
    std::memcpy(frame, buffer_.data() + begin_, size);
    return size;
}

void RecordReader::rewind() {
    if (is_large_) {
        unread_in_file_ = payload_size_;
        payload_offset_ = file_offset_ - payload_size_;
        setg(window_.data(), window_.data(), window_.data());
    } else {
        setg(eback(), eback(), egptr());
    }
}

void RecordReader::check_end() {
    if (payload_size_ != 16) fail("the end record has a wrong size");
    std::array<std::uint64_t, 2> totals{};
    get(totals.data(), sizeof totals);
    if (totals[0] != num_records_ || totals[1] != chain_) fail("the end record does not match the records");
    if (fill(1) > 0) fail("there are bytes behind the end record");
}

void RecordReader::check_large_payload(std::uint32_t checksum) {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || payload_size_ > static_cast<std::uint64_t>(status.st_size) ||
        payload_offset_ > static_cast<std::uint64_t>(status.st_size) - payload_size_)
        fail("a record is torn");
    XXH3_state_t state;
    start_hash(state, num_records_, kind_);
    for (std::uint64_t done = 0; done < payload_size_;) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(payload_size_ - done, buffer_.size()));
        const std::size_t got = read_at(payload_offset_ + done, buffer_.data(), wanted);
        if (got < wanted) fail("a record is torn");
        XXH3_64bits_update(&state, buffer_.data(), got);
        done += got;
    }
    if (static_cast<std::uint32_t>(XXH3_64bits_digest(&state)) != checksum)
        fail("the checksum of a record is wrong");
}

void RecordReader::get_large(void* data, std::size_t size) {
    const std::uint64_t left = payload_left();
    if (size > left) fail("a record is shorter than the type that is read from it");
    xsgetn(static_cast<char*>(data), static_cast<std::streamsize>(size));
}

std::streamsize RecordReader::xsgetn(char* data, std::streamsize size) {
    std::streamsize done = 0;
    while (done < size) {
        if (gptr() < egptr()) {
            const auto count = std::min(size - done, static_cast<std::streamsize>(egptr() - gptr()));
            std::memcpy(data + done, gptr(), static_cast<std::size_t>(count));
            setg(eback(), gptr() + count, egptr());
            done += count;
            continue;
        }
        const auto wanted =
            static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(size - done), unread_in_file_));
        if (wanted == 0) break;
        const std::size_t got = read_at(payload_offset_, data + done, wanted);
        if (got == 0) fail("a record is torn");
        payload_offset_ += got;
        unread_in_file_ -= got;
        done += static_cast<std::streamsize>(got);
    }
    return done;
}

RecordReader::int_type RecordReader::underflow() {
    if (gptr() == egptr()) {
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(window_.size(), unread_in_file_));
        if (wanted == 0) return traits_type::eof();
        const std::size_t got = read_at(payload_offset_, window_.data(), wanted);
        if (got == 0) fail("a record is torn");
        payload_offset_ += got;
        unread_in_file_ -= got;
        setg(window_.data(), window_.data(), window_.data() + got);
    }
    return traits_type::to_int_type(*gptr());
}

std::string RecordReader::text() {
    std::string text(static_cast<std::size_t>(payload_left()), '\0');
    get(text.data(), text.size());
    return text;
}

// Makes `size` unread bytes stand in the buffer, or as many as the file has; tells how many there are.
std::size_t RecordReader::fill(std::size_t size) {
    if (end_ - begin_ >= size) return end_ - begin_;
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (size > buffer_.size()) buffer_.resize(size);
    const std::size_t got = read_at(file_offset_, buffer_.data() + end_, buffer_.size() - end_);
    end_ += got;
    file_offset_ += got;
    return end_;
}

std::size_t RecordReader::read_at(std::uint64_t offset, void* data, std::size_t size) const {
    auto* bytes = static_cast<char*>(data);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(descriptor_, bytes + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0) {
            if (errno == EINTR) continue;
            throw ReadFailure(
                fmt::format("cannot read {}: {}", path_, std::generic_category().message(errno)));
        }
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

void RecordReader::fail(const std::string& what) const {
    throw CorruptFile(fmt::format("{}: {} (record {}, byte {})", path_, what, num_records_,
                                  file_offset_ - (end_ - begin_)));
}

}  // namespace qmr::detail
