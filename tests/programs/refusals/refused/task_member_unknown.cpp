// Refused: cereal could not find any
#include <qmr/qmr.hpp>
#include <vector>

struct Hit {
    double x = 0;
};
struct Event {
    Hit hit;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(hit);
    }
};
double sum_of(const Event& event);

void run(const qmr::Pool& pool, const std::vector<Event>& events) {
    pool.map(sum_of, events);
}
