// Refused: qmr: the result of the function can not be written to a file. Its type must be default
#include <qmr/qmr.hpp>
#include <vector>

struct Track {
    double length = 0;
};
Track fit(int task);

// The type that the result is given to must not be complained about first.
double run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    const std::vector<qmr::Result<Track>> tracks = pool.try_map(fit, tasks);
    return tracks.at(0).value().length;
}
