#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace qmr::detail {

/// A queue job of ours: which submission, and its index in there, from 1.
struct JobKey {
    std::size_t isubmission = 0;
    std::uint64_t index = 1;

    friend auto operator<=>(const JobKey&, const JobKey&) = default;
};

}  // namespace qmr::detail
