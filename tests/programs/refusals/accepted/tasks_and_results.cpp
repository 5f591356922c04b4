// Tasks and results that look like the refused ones, and are none.
#include <list>
#include <map>
#include <memory>
#include <qmr/qmr.hpp>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

struct Hit {
    double x = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(x);
    }
};

struct Saved {
    double x = 0;
    template <class Archive>
    void save(Archive& archive) const {
        archive(x);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(x);
    }
};

enum class Kind { muon, pion };

double sum_of(const std::vector<Hit>& hits);
std::map<std::string, std::vector<Saved>> group(const std::pair<int, Hit>& hit);
std::unique_ptr<Hit> make(Kind kind);
double product(int number, double factor);
bool is_even(int number);

void run(const qmr::Pool& pool) {
    const std::vector<double> sums = pool.map(sum_of, std::list<std::vector<Hit>>{});
    const std::vector<std::map<std::string, std::vector<Saved>>> groups =
        pool.map(group, std::vector<std::pair<int, Hit>>{});
    const std::vector<std::unique_ptr<Hit>> hits = pool.map(make, std::vector<Kind>{});
    const std::vector<double> products = pool.map(product, std::vector<std::tuple<int, double>>{});
    const std::vector<bool> bits = pool.map(is_even, std::views::iota(0, 10));
    const std::vector<bool> others = pool.map(is_even, std::vector<bool>{true, false});
    const std::vector<double> zipped = pool.map(product, std::views::iota(0), std::vector<double>{1, 2});
}
