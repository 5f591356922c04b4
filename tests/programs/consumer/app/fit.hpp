#pragma once

#include <qmr/pool.hpp>
#include <string>
#include <vector>

struct Line {
    double slope = 0;
    double offset = 0;

    double operator()(double x) const { return slope * x + offset; }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(slope, offset);
    }
};

struct Event {
    int number = 0;
    std::string name;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(number, name);
    }
};

std::vector<double> values_of(const qmr::Pool& pool, const Line& line, const std::vector<double>& xs);
std::vector<std::string> names_of(const qmr::Pool& pool, const std::vector<Event>& events);
