#include "fit.hpp"

std::vector<double> values_of(const qmr::Pool& pool, const Line& line, const std::vector<double>& xs) {
    return pool.map(line, xs);
}

std::vector<std::string> names_of(const qmr::Pool& pool, const std::vector<Event>& events) {
    return pool.map([](const Event& event) { return event.name + std::to_string(event.number); }, events);
}
