// Refused: qmr: the function can not be called with a task. It must take it by value, by const
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

int length_of(const std::string& text);

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    pool.map(length_of, tasks);
}
