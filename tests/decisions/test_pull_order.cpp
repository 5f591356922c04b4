#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <optional>
#include <random>

#include "decisions/pull_order.hpp"

using namespace qmr::detail;

namespace {

using Chunks = std::vector<std::size_t>;

Chunks range(std::size_t begin, std::size_t end) {
    Chunks chunks(end - begin);
    std::iota(chunks.begin(), chunks.end(), begin);
    return chunks;
}

/// All that is given until a look is needed, when nobody else takes anything.
Chunks undisturbed(PullOrder& order) {
    Chunks chunks;
    while (const auto ichunk = order.next()) chunks.push_back(*ichunk);
    return chunks;
}

/// Queue jobs that take chunks from one set, each at its own pace.
class Map {
  public:
    Map(std::size_t num_chunks, std::size_t num_jobs, unsigned seed, bool is_stale)
        : num_claims_(num_chunks), is_stale_(is_stale), random_(seed) {
        for (std::size_t ijob = 0; ijob < num_jobs; ++ijob)
            jobs_.push_back(
                {PullOrder(num_chunks,
                           range(num_chunks * ijob / num_jobs, num_chunks * (ijob + 1) / num_jobs), ijob),
                 std::exponential_distribution(1.0)(random_)});
    }

    /// Until each queue job has ended.
    void play() {
        while (num_ended_ < jobs_.size()) {
            Job& job = jobs_[pick(jobs_.size())];
            // Some are slow, and some begin when others have nearly ended.
            if (!job.has_ended && std::uniform_real_distribution(0.0, 1.0)(random_) < job.pace) step(job);
        }
    }

    [[nodiscard]] bool each_is_taken_once() const {
        return std::ranges::all_of(num_claims_, [](int number) { return number == 1; });
    }
    [[nodiscard]] std::size_t num_looks() const { return num_looks_; }
    [[nodiscard]] std::size_t num_lost() const { return num_lost_; }

  private:
    struct Job {
        PullOrder order;
        double pace;
        std::optional<std::size_t> wanted{};
        bool has_looked = false;
        bool has_ended = false;
    };

    // What others do between a look, a choice and a claim makes the races.
    void step(Job& job) {
        if (job.wanted) {
            if (num_claims_[*job.wanted] == 0) {
                ++num_claims_[*job.wanted];
                taken_.push_back(*job.wanted);
            } else {
                ++num_lost_;
                job.order.lost();
            }
            job.wanted.reset();
            return;
        }
        job.wanted = job.order.next();
        if (!job.wanted && job.has_looked) {
            job.has_ended = true;
            ++num_ended_;
        }
        job.has_looked = !job.wanted && !job.has_ended;
        if (job.has_looked) look(job);
    }

    void look(Job& job) {
        ++num_looks_;
        const std::size_t num_unseen = is_stale_ ? std::min(taken_.size(), pick(10)) : 0;
        job.order.look(std::span(taken_).first(taken_.size() - num_unseen));
    }

    std::size_t pick(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }

    std::vector<int> num_claims_;
    Chunks taken_;
    bool is_stale_;
    std::mt19937 random_;
    std::vector<Job> jobs_;
    std::size_t num_ended_ = 0;
    std::size_t num_looks_ = 0;
    std::size_t num_lost_ = 0;
};

}  // namespace

TEST_CASE("a queue job begins with its own part, from the front") {
    PullOrder order(10, {3, 4, 7}, 0);
    CHECK(undisturbed(order) == Chunks{3, 4, 7});
}

TEST_CASE("a queue job goes on in the middle of the largest gap, upward to the first chunk that is taken") {
    PullOrder order(20, {0, 1}, 0);
    CHECK(undisturbed(order) == Chunks{0, 1});
    order.look(Chunks{6, 16});
    CHECK(undisturbed(order) == Chunks{11, 12, 13, 14, 15});
}

TEST_CASE("a queue job that met another one leaves it the rest of the way") {
    PullOrder order(20, range(0, 10), 0);
    CHECK(order.next() == 0U);
    CHECK(order.next() == 1U);
    order.lost();
    CHECK_FALSE(order.next());
    order.look(Chunks{1, 15});
    CHECK(order.next() == 8U);
    order.lost();
    CHECK_FALSE(order.next());
}

TEST_CASE("a queue job alone takes all chunks") {
    PullOrder order(100, range(40, 50), 0);
    Chunks chunks = undisturbed(order);
    while (chunks.size() < 100) {
        order.look(Chunks{});
        const Chunks more = undisturbed(order);
        REQUIRE_FALSE(more.empty());
        chunks.insert(chunks.end(), more.begin(), more.end());
    }
    std::ranges::sort(chunks);
    CHECK(chunks == range(0, 100));
    order.look(Chunks{});
    CHECK_FALSE(order.next());
}

TEST_CASE("a listing that does not show what was lost does not make a queue job try it again") {
    PullOrder order(4, {0}, 0);
    CHECK(order.next() == 0U);
    Chunks tried;
    for (int i = 0; i < 3; ++i) {
        order.look(Chunks{});
        tried.push_back(order.next().value());
        order.lost();
    }
    std::ranges::sort(tried);
    CHECK(tried == Chunks{1, 2, 3});
    order.look(Chunks{});
    CHECK_FALSE(order.next());
}

TEST_CASE("queue jobs that look at the same time spread over gaps of about the same size") {
    Chunks first;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        PullOrder order(103, {0}, seed);
        CHECK(order.next() == 0U);
        order.look(Chunks{0, 34, 68});  // gaps of 33, 33 and 34 chunks
        first.push_back(order.next().value());
    }
    for (const std::size_t middle : {17U, 51U, 86U}) CHECK(std::ranges::count(first, middle) >= 3);
}

TEST_CASE("each chunk is taken by exactly one of many queue jobs, with few looks and few lost tries") {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        std::mt19937 random(seed);
        const std::size_t num_jobs = 1 + random() % 20;
        const std::size_t num_chunks = 1 + random() % 300;
        const bool is_stale = seed % 2 == 1;
        Map map(num_chunks, num_jobs, seed, is_stale);
        map.play();
        INFO("seed " << seed << ": " << num_jobs << " jobs, " << num_chunks << " chunks");
        REQUIRE(map.each_is_taken_once());
        const double bound =
            2 * static_cast<double>(num_jobs) * (1 + std::log2(static_cast<double>(num_chunks)));
        CHECK(static_cast<double>(map.num_looks()) <= bound);
        CHECK(static_cast<double>(map.num_lost()) <= bound);
    }
}
