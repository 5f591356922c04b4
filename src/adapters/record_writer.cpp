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

template <class T>
std::byte* store(std::byte* to, const T& value) {
    std::memcpy(to, &value, sizeof value);
    return to + sizeof value;
}

}  // namespace

RecordWriter::RecordWriter(int descriptor, const char* path, std::span<std::byte> buffer)
    : descriptor_(descriptor),
      path_(path),
      buffer_(buffer.data()),
      // A frame may grow from the short to the long form when its record ends.
      limit_(buffer.data() + buffer.size() - (long_frame_size - short_frame_size)),
      record_(buffer_),
      position_(buffer_) {
    assert(buffer.size() >= 4096);
}

void RecordWriter::write_header(const FileHeader& header) {
    std::array<std::byte, header_size> bytes{};
    constexpr std::array<char, 8> magic{'Q', 'M', 'R', 'F', '?', '\r', '\n', '\x1a'};
    std::byte* to = store(bytes.data(), magic);
    bytes[4] = static_cast<std::byte>(header.kind);
    to = store(to, format_version);
    to = store(to, static_cast<std::uint32_t>(header_size));
    to = store(to, header.session);
    to = store(to, header.ichunk);
    to = store(to, header.first_itask);
    to = store(to, header.num_tasks);
    store(to, static_cast<std::uint64_t>(XXH3_64bits(bytes.data(), header_size - 8)));
    write_out(bytes.data(), bytes.size());
}

void RecordWriter::begin_record(RecordKind kind) {
    assert(!is_open_);
    // A record that grew when it ended may have gone beyond the limit.
    if (limit_ - position_ < static_cast<std::ptrdiff_t>(long_frame_size)) flush_ended_records();
    kind_ = kind;
    is_open_ = true;
    position_ += short_frame_size;
}

void RecordWriter::put_large(const void* data, std::size_t size) {
    assert(is_open_);
    if (!is_spilled_) {
        flush_ended_records();
        if (size <= static_cast<std::size_t>(limit_ - position_)) return put(data, size);
        begin_spill();
    }
    const auto hash_and_write = [&](const void* bytes, std::size_t count) {
        XXH3_64bits_update(hash_state(hash_state_), bytes, count);
        write_out(bytes, count);
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
    spill_offset_ = offset_;
    spill_size_ = 0;
    const std::array<std::byte, long_frame_size> room{};
    write_out(room.data(), room.size());
    start_hash(*hash_state(hash_state_), num_records_, kind_);
    std::memmove(buffer_, buffer_ + short_frame_size, payload_size);
    position_ = buffer_ + payload_size;
    is_spilled_ = true;
}

void RecordWriter::end_record() {
    assert(is_open_);
    std::uint32_t checksum = 0;
    if (is_spilled_) {
        XXH3_64bits_update(hash_state(hash_state_), buffer_, static_cast<std::size_t>(position_ - buffer_));
        write_out(buffer_, static_cast<std::size_t>(position_ - buffer_));
        spill_size_ += static_cast<std::size_t>(position_ - buffer_);
        checksum = static_cast<std::uint32_t>(XXH3_64bits_digest(hash_state(hash_state_)));
        std::array<std::byte, long_frame_size> frame;
        std::byte* to = store(frame.data(), kind_);
        to = store(to, checksum);
        to = store(to, long_size_mark);
        store(to, spill_size_);
        const std::uint64_t end = offset_;
        offset_ = spill_offset_;
        write_out(frame.data(), frame.size());
        offset_ = end;
        position_ = buffer_;
        is_spilled_ = false;
    } else {
        std::byte* payload = record_ + short_frame_size;
        const auto size = static_cast<std::uint64_t>(position_ - payload);
        checksum = record_checksum(payload, size, num_records_, kind_);
        std::byte* to = store(record_, kind_);
        to = store(to, checksum);
        if (size <= max_short_payload) {
            store(to, static_cast<unsigned char>(size));
        } else {
            std::memmove(record_ + long_frame_size, payload, size);
            store(store(to, long_size_mark), size);
            position_ = record_ + long_frame_size + size;
        }
    }
    chain_ = chained(chain_, checksum);
    ++num_records_;
    is_open_ = false;
    record_ = position_;
}

void RecordWriter::abandon_record() {
    if (!is_open_) return;
    if (is_spilled_) {
        if (::ftruncate(descriptor_, static_cast<off_t>(spill_offset_)) != 0)
            throw Error(fmt::format("cannot truncate {}: {}", path_, std::generic_category().message(errno)));
        offset_ = spill_offset_;
        record_ = buffer_;
        is_spilled_ = false;
    }
    position_ = record_;
    is_open_ = false;
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
    flush_ended_records();
}

void RecordWriter::flush_ended_records() {
    if (is_spilled_) return;
    const auto ended = static_cast<std::size_t>(record_ - buffer_);
    if (ended == 0) return;
    write_out(buffer_, ended);
    std::memmove(buffer_, record_, static_cast<std::size_t>(position_ - record_));
    position_ -= ended;
    record_ = buffer_;
}

void RecordWriter::write_out(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::pwrite(descriptor_, bytes, size, static_cast<off_t>(offset_));
        if (written < 0) {
            if (errno == EINTR) continue;
            const int error = errno;
            throw WriteFailure(
                fmt::format("cannot write {}: {}", path_, std::generic_category().message(error)), error);
        }
        bytes += written;
        size -= static_cast<std::size_t>(written);
        offset_ += static_cast<std::uint64_t>(written);
    }
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
