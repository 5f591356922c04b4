// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <qmr/qmr.hpp>
#include <vector>

struct Event {
    int number = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
};

void run(const qmr::Pool& pool, const std::vector<Event>& events) {
    pool.map(&Event::number, events);
}
