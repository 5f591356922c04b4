// Each kind of function that can travel.
#include <functional>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

int square(int x);
int square_noexcept(int x) noexcept;
int take_by_rvalue(std::vector<int>&& task);
int sum_of(int x, int y);
void print(int x);

struct Line {
    double slope = 1;
    double operator()(double x) const { return slope * x; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(slope);
    }
};

struct Counter {
    int operator()(int x) { return x; }
};

void run(const qmr::Pool& pool, const std::vector<int>& tasks) {
    std::vector<int> results = pool.map(square, tasks);
    results = pool.map(&square, tasks);
    results = pool.map(square_noexcept, tasks);
    results = pool.map([](int x) { return x; }, tasks);
    results = pool.map([](auto x) { return x; }, tasks);
    results = pool.map([](const int& x) -> const int& { return x; }, tasks);
    results = pool.map(Counter{}, tasks);
    results = pool.map(sum_of, tasks, tasks);
    results = pool.map(take_by_rvalue, std::vector<std::vector<int>>{});
    results = pool.map(std::negate<int>{}, tasks);
    const std::vector<double> values = pool.map(Line{2}, tasks);
    pool.map(print, tasks);
    const std::vector<qmr::Result<void>> ends = pool.try_map(print, tasks);
    const std::vector<qmr::Result<int>> squares = pool.try_map(square, tasks);
}
