#pragma once

#include <qmr/options.hpp>
#include <vector>

namespace qmr::test {

double times_two(double x);
double times_three(double x);

// Each maps by a lambda that has the same name and signature as that of the others.
std::vector<int> map_by_lambda_of_first_file(const PoolOptions& options, const std::vector<int>& tasks);
std::vector<int> map_by_lambda_of_second_file(const PoolOptions& options, const std::vector<int>& tasks);
std::vector<int> map_by_lambda_of_library(const PoolOptions& options, const std::vector<int>& tasks);
std::vector<int> map_by_function_of_library(const PoolOptions& options, const std::vector<int>& tasks);

}  // namespace qmr::test
