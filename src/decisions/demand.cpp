#include "decisions/demand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace qmr::detail {

namespace {

// Beyond what any computer or queue has, and small enough to be a number of seconds or bytes.
constexpr double sky = 1e15;

double times(double factor, double value) {
    return std::min(std::ceil(value * factor), sky);
}

}  // namespace

Demand DemandRules::with_more_memory(Demand demand, std::uint64_t peak_memory) const {
    if (is_most_memory(demand)) return demand;
    const std::uint64_t before = demand.memory > 0 ? demand.memory : peak_memory;
    demand.memory = static_cast<std::uint64_t>(times(memory_factor, static_cast<double>(before)));
    if (most.memory > 0) demand.memory = std::min(demand.memory, most.memory);
    return demand;
}

Demand DemandRules::with_more_walltime(Demand demand) const {
    if (is_most_walltime(demand)) return demand;
    demand.walltime = std::chrono::seconds{static_cast<std::chrono::seconds::rep>(
        times(walltime_factor, static_cast<double>(demand.walltime.count())))};
    if (most.walltime.count() > 0) demand.walltime = std::min(demand.walltime, most.walltime);
    return demand;
}

bool DemandRules::is_most_memory(const Demand& demand) const {
    return most.memory > 0 && demand.memory >= most.memory;
}

bool DemandRules::is_most_walltime(const Demand& demand) const {
    return most.walltime.count() > 0 && demand.walltime >= most.walltime;
}

std::string DemandRules::describe(const Demand& demand) const {
    std::string text;
    if (demand.memory != first.memory)
        text = fmt::format(" with {:.0f} MB of memory", static_cast<double>(demand.memory) / 1e6);
    if (demand.walltime != first.walltime)
        text +=
            fmt::format("{} a walltime of {} s", text.empty() ? " with" : " and", demand.walltime.count());
    return text;
}

}  // namespace qmr::detail
