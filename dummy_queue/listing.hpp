#pragma once
// What dummy_qstat shows of a state, and in which words.

#include <cstdint>
#include <string>
#include <vector>

#include "dummy_queue/state.hpp"

namespace qmr::dummy_queue {

/// Tasks with a slot one by one, waiting ones as one entry for each queue job and state word.
[[nodiscard]] std::vector<ListedEntry> list_entries(const State&, const std::string& host);

/// Which entries qstat was asked for.
struct ListingFilter {
    std::vector<std::string> owners;  ///< names or patterns, as of -u
    bool pending = true;              ///< held ones and those in error included
    bool running = true;
    bool held = false;  ///< with `pending` off: held ones alone
};
[[nodiscard]] std::vector<ListedEntry> filtered(const std::vector<ListedEntry>&, const ListingFilter&);

/// The answer of `qstat -xml`.
[[nodiscard]] std::string to_xml(const std::vector<ListedEntry>&);

/// The answer of qstat without -xml: nothing at all when there is nothing.
[[nodiscard]] std::string to_table(const std::vector<ListedEntry>&);

/// Seconds since the epoch in a format of {fmt}'s chrono. Grid Engine tells no time zone: it is the local
/// one.
[[nodiscard]] std::string local_time(const char* format, std::int64_t seconds);

}  // namespace qmr::dummy_queue
