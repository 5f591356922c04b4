// Refused: qmr: the result of the function can not be written to a file. Its type must be default
#include <qmr/qmr.hpp>
#include <string_view>
#include <vector>

std::string_view name_of(int task);

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map(name_of, tasks);
}
