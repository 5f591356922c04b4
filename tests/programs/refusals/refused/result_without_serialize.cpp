// Refused: qmr: the result of the function can not be written to a file. Its type must be default
#include <qmr/qmr.hpp>
#include <vector>

struct Track {
    double length = 0;
};
Track fit(int task);

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map(fit, tasks);
}
