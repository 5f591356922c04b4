// The names of what a map, a chunk, a task or an attempt can be.

#include "qmr/map_status.hpp"

namespace qmr {

std::string_view to_string(MapState state) noexcept {
    switch (state) {
        case MapState::preparing:
            return "preparing";
        case MapState::running:
            return "running";
        case MapState::left_alone:
            return "left_alone";
        case MapState::complete:
            return "complete";
        case MapState::complete_with_failures:
            return "complete_with_failures";
    }
    return "unknown";
}

std::string_view to_string(ChunkState state) noexcept {
    switch (state) {
        case ChunkState::waiting:
            return "waiting";
        case ChunkState::running:
            return "running";
        case ChunkState::committed:
            return "committed";
        case ChunkState::given_up:
            return "given_up";
    }
    return "unknown";
}

std::string_view to_string(TaskState state) noexcept {
    switch (state) {
        case TaskState::waiting:
            return "waiting";
        case TaskState::running:
            return "running";
        case TaskState::done:
            return "done";
        case TaskState::failed:
            return "failed";
    }
    return "unknown";
}

std::string_view to_string(AttemptReport::State state) noexcept {
    switch (state) {
        case AttemptReport::State::running:
            return "running";
        case AttemptReport::State::committed:
            return "committed";
        case AttemptReport::State::failed:
            return "failed";
        case AttemptReport::State::lost:
            return "lost";
    }
    return "unknown";
}

}  // namespace qmr
