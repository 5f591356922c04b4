// Refused: qmr: a task can not be written to a file. Its type must be default constructible
#include <qmr/qmr.hpp>
#include <vector>

struct Event {
    int number = 0;
    template <class Archive>
    void save(Archive& archive) const {
        archive(number);
    }
};
int number_of(const Event& event);

void run(const qmr::Pool& pool, const std::vector<Event>& events) {
    pool.map(number_of, events);
}
