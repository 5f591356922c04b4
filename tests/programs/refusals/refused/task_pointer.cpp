// Refused: qmr: a task can not be written to a file. Its type must be default constructible
#include <qmr/qmr.hpp>
#include <vector>

int value_of(const int* pointer);

void run(const qmr::Pool& pool, const std::vector<const int*>& tasks) {
    pool.map(value_of, tasks);
}
