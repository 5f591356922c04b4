// Outcomes that the caller takes one by one, in the order of the tasks, while the map goes on.

#include <fmt/format.h>

#include "pool/map_loop.hpp"
#include "qmr/error.hpp"

namespace qmr::detail {

// A chunk whose turn has not come stays on the disk, so that one outcome at a time is in memory.
void MapLoop::deliver_settled() {
    if (!context_.in_order) return;
    while (next_to_deliver_ < context_.monitor.num_chunks && monitor_.is_settled(next_to_deliver_)) {
        context_.require_lease();
        progress_.make_way();
        deliver(next_to_deliver_++);
    }
}

// The failures are known from the first reading. When the file can not be read to its end now, another try
// goes on behind what was delivered.
void MapLoop::deliver(std::size_t ichunk) {
    std::vector<TaskFailure> failures;
    if (auto known = failures_.extract(ichunk)) failures = std::move(known.mapped());
    const TaskSpan tasks = context_.tasks_of(ichunk);
    std::size_t next = tasks.first;
    auto failure = failures.begin();
    const auto deliver_failures_until = [&](std::size_t itask) {
        for (; next < itask; ++next, ++failure) {
            if (failure == failures.end() || failure->itask != next)
                throw Error(fmt::format("map: the outcome of task {} can not be read any more", next));
            context_.in_order->failure(std::move(*failure));
        }
    };
    const LoadResult load = [&](std::size_t itask, Loader& loader) {
        if (itask < next) return;
        deliver_failures_until(itask);
        // An attempt that was given up may have brought more since.
        if (failure != failures.end() && failure->itask == itask) return;
        context_.in_order->value(itask, loader);
        ++next;
    };
    if (monitor_.is_committed(ichunk))
        static_cast<void>(read_patiently(ichunk, load));
    else
        static_cast<void>(attempts_.salvage(ichunk, load));
    deliver_failures_until(tasks.first + tasks.size);
}

}  // namespace qmr::detail
