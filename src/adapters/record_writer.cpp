#include <fmt/format.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <system_error>

#include "adapters/record_hash.hpp"

namespace qmr::detail {

namespace {

XXH3_state_t* hash_state(std::array<std::byte, 640>& storage) {
    static_assert(sizeof(XXH3_state_t) <= 640 && alignof(XXH3_state_t) <= 64);
    return reinterpret_cast<XXH3_state_t*>(storage.data());
}

std::uint32_t load_checksum(const std::byte* record) {
    std::uint32_t checksum = 0;
    std::memcpy(&checksum, record + 1, sizeof checksum);
    return checksum;
}

// Of a whole record that is the first of `left` bytes; 0: there is none.
std::size_t size_of_record(const std::byte* record, std::size_t left, std::uint64_t index) {
    if (left < short_frame_size) return 0;
    std::size_t frame_size = short_frame_size;
    auto size = std::to_integer<std::uint64_t>(record[5]);
    if (size == long_size_mark) {
        if (left < long_frame_size) return 0;
        frame_size = long_frame_size;
        std::memcpy(&size, record + 6, sizeof size);
    }
    if (size > left - frame_size) return 0;
    const auto kind = static_cast<RecordKind>(record[0]);
    return record_checksum(record + frame_size, size, index, kind) == load_checksum(record)
               ? frame_size + size
               : 0;
}

template <class T>
std::byte* store(std::byte* to, const T& value) {
    std::memcpy(to, &value, sizeof value);
    return to + sizeof value;
}

std::array<std::uint64_t, 2> mark_of(std::uint64_t number) {
    return {number, ~number};
}

// Brings `offset` to the end of what was written.
void write_at(int descriptor, const char* path, const void* data, std::size_t size, std::uint64_t& offset) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::pwrite(descriptor, bytes, size, static_cast<off_t>(offset));
        if (written < 0) {
            if (errno == EINTR) continue;
            const int error = errno;
            throw WriteFailure(
                fmt::format("cannot write {}: {}", path, std::generic_category().message(error)), error);
        }
        bytes += written;
        size -= static_cast<std::size_t>(written);
        offset += static_cast<std::uint64_t>(written);
    }
}

}  // namespace

RecordWriter::RecordWriter(int descriptor, const char* path, std::span<std::byte> buffer)
    : descriptor_(descriptor),
      path_(path),
      buffer_(buffer.data()),
      // A frame may grow from the short to the long form when its record ends.
      limit_(buffer.data() + buffer.size() - (long_frame_size - short_frame_size)),
      position_(buffer_) {
    assert(buffer.size() >= 4096);
}

// What was written before is there when this is seen: the process may end at any instruction.
void RecordWriter::set_ended(const Ended& ended) noexcept {
    const unsigned inext = 1 - iended_.load(std::memory_order_relaxed);
    ended_[inext] = ended;
    iended_.store(inext, std::memory_order_release);
}

void RecordWriter::set_ended_size(std::size_t size) noexcept {
    std::atomic_signal_fence(std::memory_order_release);
    ended_[iended_.load(std::memory_order_relaxed)].size = size;
}

void RecordWriter::write_header(const FileHeader& header) {
    std::array<std::byte, header_size + mark_size> bytes{};
    const std::size_t size = header.num_settled ? header_size + mark_size : header_size;
    constexpr std::array<char, 8> magic{'Q', 'M', 'R', 'F', '?', '\r', '\n', '\x1a'};
    std::byte* to = store(bytes.data(), magic);
    bytes[4] = static_cast<std::byte>(header.kind);
    to = store(to, header.num_settled ? version_with_mark : format_version);
    to = store(to, static_cast<std::uint32_t>(size));
    to = store(to, header.session);
    to = store(to, header.ichunk);
    to = store(to, header.first_itask);
    to = store(to, header.num_tasks);
    to = store(to, static_cast<std::uint64_t>(XXH3_64bits(bytes.data(), header_size - 8)));
    if (header.num_settled) store(to, mark_of(*header.num_settled));
    Ended next = ended();
    write_out(bytes.data(), size, next.offset);
    set_ended(next);
}

void mark_settled(int descriptor, const char* path, std::uint64_t num_outcomes) {
    const auto mark = mark_of(num_outcomes);
    std::uint64_t offset = header_size;
    write_at(descriptor, path, mark.data(), sizeof mark, offset);
}

void RecordWriter::begin_record(RecordKind kind) {
    assert(!is_open_);
    // A record that grew when it ended may have gone beyond the limit.
    if (limit_ - position_ < static_cast<std::ptrdiff_t>(long_frame_size)) flush();
    kind_ = kind;
    is_open_ = true;
    position_ += short_frame_size;
}

void RecordWriter::put_large(const void* data, std::size_t size) {
    assert(is_open_);
    if (!is_spilled_) {
        flush();
        if (size <= static_cast<std::size_t>(limit_ - position_)) return put(data, size);
        begin_spill();
    }
    const auto hash_and_write = [&](const void* bytes, std::size_t count) {
        XXH3_64bits_update(hash_state(hash_state_), bytes, count);
        write_out(bytes, count, spill_end_);
        spill_size_ += count;
    };
    hash_and_write(buffer_, static_cast<std::size_t>(position_ - buffer_));
    position_ = buffer_;
    if (size <= static_cast<std::size_t>(limit_ - position_))
        put(data, size);
    else
        hash_and_write(data, size);
}

void RecordWriter::begin_spill() {
    const auto payload_size = static_cast<std::size_t>(position_ - buffer_) - short_frame_size;
    is_spilled_ = true;
    spill_end_ = ended().offset;
    spill_size_ = 0;
    // A frame of zeros is no record.
    const std::array<std::byte, long_frame_size> room{};
    write_out(room.data(), room.size(), spill_end_);
    start_hash(*hash_state(hash_state_), num_records_, kind_);
    std::memmove(buffer_, buffer_ + short_frame_size, payload_size);
    position_ = buffer_ + payload_size;
}

void RecordWriter::end_record() {
    assert(is_open_);
    std::uint32_t checksum = 0;
    if (is_spilled_) {
        checksum = end_spill();
    } else {
        std::byte* record = buffer_ + ended().size;
        std::byte* payload = record + short_frame_size;
        const auto size = static_cast<std::uint64_t>(position_ - payload);
        checksum = record_checksum(payload, size, num_records_, kind_);
        std::byte* to = store(record, kind_);
        to = store(to, checksum);
        if (size <= max_short_payload) {
            store(to, static_cast<unsigned char>(size));
        } else {
            std::memmove(record + long_frame_size, payload, size);
            store(store(to, long_size_mark), size);
            position_ = record + long_frame_size + size;
        }
        set_ended_size(static_cast<std::size_t>(position_ - buffer_));
    }
    chain_ = chained(chain_, checksum);
    ++num_records_;
    is_open_ = false;
}

std::uint32_t RecordWriter::end_spill() {
    const auto rest = static_cast<std::size_t>(position_ - buffer_);
    XXH3_64bits_update(hash_state(hash_state_), buffer_, rest);
    write_out(buffer_, rest, spill_end_);
    const auto checksum = static_cast<std::uint32_t>(XXH3_64bits_digest(hash_state(hash_state_)));
    std::array<std::byte, long_frame_size> frame;
    std::byte* to = store(frame.data(), kind_);
    to = store(to, checksum);
    to = store(to, long_size_mark);
    store(to, spill_size_ + rest);
    std::uint64_t offset = ended().offset;
    write_out(frame.data(), frame.size(), offset);
    set_ended({spill_end_, num_records_ + 1, chained(chain_, checksum), 0});
    position_ = buffer_;
    is_spilled_ = false;
    return checksum;
}

void RecordWriter::abandon_record() {
    if (is_spilled_) truncate();
    position_ = buffer_ + ended().size;
    is_spilled_ = false;
    is_open_ = false;
}

void RecordWriter::recover() {
    const Ended& ended = this->ended();
    num_records_ = ended.num_in_file;
    chain_ = ended.chain_in_file;
    std::size_t whole = 0;
    while (const std::size_t size = size_of_record(buffer_ + whole, ended.size - whole, num_records_)) {
        chain_ = chained(chain_, load_checksum(buffer_ + whole));
        ++num_records_;
        whole += size;
    }
    set_ended_size(whole);
    abandon_record();
}

void RecordWriter::write_record(RecordKind kind, std::string_view payload) {
    begin_record(kind);
    put(payload.data(), payload.size());
    end_record();
}

void RecordWriter::finish() {
    const std::array<std::uint64_t, 2> totals{num_records_, chain_};
    begin_record(RecordKind::end);
    put(totals.data(), sizeof totals);
    end_record();
    flush();
}

// Where it ends in the middle, the same bytes are written to the same place again.
void RecordWriter::flush() {
    const std::size_t size = ended().size;
    if (size == 0) return;
    std::uint64_t offset = ended().offset;
    write_out(buffer_, size, offset);
    set_ended({offset, num_records_, chain_, 0});
    position_ -= size;
    std::memmove(buffer_, buffer_ + size, static_cast<std::size_t>(position_ - buffer_));
}

void RecordWriter::cut() {
    assert(!is_open_);
    truncate();
}

void RecordWriter::truncate() const {
    if (::ftruncate(descriptor_, static_cast<off_t>(ended().offset)) != 0)
        throw Error(fmt::format("cannot truncate {}: {}", path_, std::generic_category().message(errno)));
}

// Brings `offset` to the end of what was written.
void RecordWriter::write_out(const void* data, std::size_t size, std::uint64_t& offset) const {
    write_at(descriptor_, path_, data, size, offset);
}

std::streamsize RecordSink::xsputn(const char* data, std::streamsize size) {
    writer_.put(data, static_cast<std::size_t>(size));
    return size;
}

RecordSink::int_type RecordSink::overflow(int_type character) {
    if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
    const char byte = traits_type::to_char_type(character);
    writer_.put(&byte, 1);
    return character;
}

}  // namespace qmr::detail
