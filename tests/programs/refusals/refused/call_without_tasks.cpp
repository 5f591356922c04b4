// Refused: qmr: map needs a function and at least one range of tasks
#include <qmr/qmr.hpp>
#include <vector>

int square(int x);

void run(const qmr::Pool& pool) {
    pool.map(square);
}
