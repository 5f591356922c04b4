#include "vocabulary/chunking.hpp"

#include <algorithm>
#include <stdexcept>

namespace qmr::detail {

Chunking::Chunking(std::size_t num_tasks, std::size_t num_chunks)
    : num_tasks_(num_tasks), num_chunks_(std::min(num_tasks, num_chunks)) {
    if (num_chunks == 0) throw std::invalid_argument("tasks can not be cut into no chunks");
}

std::size_t Chunking::first_itask(std::size_t ichunk) const noexcept {
    // The first chunks get one task more, as many of them as do not divide evenly.
    return ichunk * (num_tasks_ / num_chunks_) + std::min(ichunk, num_tasks_ % num_chunks_);
}

std::size_t Chunking::size(std::size_t ichunk) const noexcept {
    return num_tasks_ / num_chunks_ + (ichunk < num_tasks_ % num_chunks_ ? 1 : 0);
}

std::size_t Chunking::ichunk_of(std::size_t itask) const noexcept {
    const std::size_t size = num_tasks_ / num_chunks_;
    const std::size_t num_larger = num_tasks_ % num_chunks_;
    const std::size_t num_in_larger = num_larger * (size + 1);
    return itask < num_in_larger ? itask / (size + 1) : num_larger + (itask - num_in_larger) / size;
}

std::size_t num_chunks_for_size(std::size_t num_tasks, std::size_t chunk_size) noexcept {
    return num_tasks / chunk_size + (num_tasks % chunk_size != 0 ? 1 : 0);
}

}  // namespace qmr::detail
