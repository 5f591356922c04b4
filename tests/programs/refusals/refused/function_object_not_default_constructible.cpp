// Refused: qmr: the function can not travel to a worker node. It must be a free function, a lambda
#include <qmr/qmr.hpp>
#include <vector>

struct Line {
    explicit Line(double s) : slope(s) {}
    double slope;
    double operator()(double x) const { return slope * x; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(slope);
    }
};

void run(const qmr::Pool& pool, const std::vector<double>& xs) {
    pool.map(Line{2}, xs);
}
