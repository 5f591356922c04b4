#include <qmr/qmr.hpp>

#include "full_chain/functions.hpp"

namespace {

const auto f = [](int x) { return x + 1000; };

int negative(int x) {
    return -x;
}

}  // namespace

namespace qmr::test {

std::vector<int> map_by_lambda_of_library(const PoolOptions& options, const std::vector<int>& tasks) {
    return Pool(options).map(f, tasks);
}

std::vector<int> map_by_function_of_library(const PoolOptions& options, const std::vector<int>& tasks) {
    return Pool(options).map(negative, tasks);
}

double times_two(double x) {
    return 2 * x;
}
double times_three(double x) {
    return 3 * x;
}

}  // namespace qmr::test
