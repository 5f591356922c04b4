#pragma once
// How a watching process and its child that runs tasks speak: over a pair of sockets, a message for each
// chunk, and an answer. The message carries the open files of the attempt.

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "decisions/decisions.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

/// A chunk to run.
struct HandOver {
    std::uint64_t ichunk = 0;
    std::uint64_t num_done = 0;  ///< tasks at its front that have results already
    Alone alone = {};
    bool is_settling = false;  ///< RunReport::num_settled tells how many outcomes count
};

/// Of an attempt: the results, and what its tasks print.
struct OpenFiles {
    Descriptor part, out, err;
};

/// Two ends of a new channel. Throws Error.
[[nodiscard]] std::pair<Descriptor, Descriptor> make_channel();

/// False: nobody is at the other end. Throws Error when it can not be sent.
bool send_chunk(const Descriptor& channel, const HandOver& chunk, const std::array<int, 3>& files);

/// Blocks until a chunk comes; its files go to `files`. None: no more will come. Throws Error when this
/// process can not open the files.
[[nodiscard]] std::optional<HandOver> receive_chunk(const Descriptor& channel, OpenFiles& files);

/// Tells that the chunk is done. When nobody is at the other end, nothing happens.
void send_answer(const Descriptor& channel);

/// Takes an answer that is there. False: the other end is closed.
[[nodiscard]] bool receive_answer(const Descriptor& channel);

/// Tells that no more chunks will come.
void send_end(const Descriptor& channel);

}  // namespace qmr::detail
