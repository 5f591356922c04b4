// Refused: qmr: a task can not be written to a file. Its type must be default constructible
#include <qmr/qmr.hpp>
#include <string_view>
#include <vector>

std::size_t length_of(std::string_view text);

void run(const qmr::Pool& pool, const std::vector<std::string_view>& tasks) {
    pool.map(length_of, tasks);
}
