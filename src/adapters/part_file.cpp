#include "adapters/part_file.hpp"

#include <algorithm>

namespace qmr::detail {

namespace {

bool is_outcome(RecordKind kind) {
    return kind == RecordKind::value || kind == RecordKind::exception || kind == RecordKind::crash;
}

}  // namespace

PartReader::PartReader(const std::string& path, FileHeader expected, Which which)
    : num_left_(expected.num_tasks) {
    expected.kind = FileKind::results;
    try {
        reader_.emplace(path, expected);
        if (which == Which::those_that_count)
            num_left_ = std::min(num_left_, reader_->header().num_settled.value_or(num_left_));
        if (reader_->header().first_itask != expected.first_itask) reader_.reset();
    } catch (const Error&) {
        // What can not be read is computed again.
    }
}

bool PartReader::next() {
    if (!reader_ || num_left_ == 0) return false;
    try {
        if (reader_->next() && is_outcome(reader_->kind())) {
            --num_left_;
            return true;
        }
    } catch (const Error&) {
        // Here it is torn: likewise.
    }
    num_left_ = 0;
    return false;
}

std::uint64_t num_valid_records(const std::string& path, const FileHeader& expected,
                                PartReader::Which which) {
    PartReader part(path, expected, which);
    std::uint64_t number = 0;
    while (part.next()) ++number;
    return number;
}

}  // namespace qmr::detail
