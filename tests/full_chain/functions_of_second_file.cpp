#include <qmr/qmr.hpp>

#include "full_chain/functions.hpp"

namespace {

const auto f = [](int x) { return x + 100; };

}  // namespace

namespace qmr::test {

std::vector<int> map_by_lambda_of_second_file(const PoolOptions& options, const std::vector<int>& tasks) {
    return Pool(options).map(f, tasks);
}

}  // namespace qmr::test
