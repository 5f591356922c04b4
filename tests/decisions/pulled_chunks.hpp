#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "decisions/pull_order.hpp"

namespace qmr::detail {

/// Histories that a test plays. What a sanitizer can find, it finds in the first hundreds.
#ifdef QMR_TEST_WITH_SANITIZERS
inline constexpr unsigned num_histories = 300;
#else
inline constexpr unsigned num_histories = 3000;
#endif

/// begin, ..., end - 1
[[nodiscard]] std::vector<std::size_t> range(std::size_t begin, std::size_t end);

/// All that is given until a look is needed, when nobody else takes anything.
[[nodiscard]] std::vector<std::size_t> undisturbed(PullOrder& order);

/// Queue jobs that take chunks from one set, each at its own pace.
class PulledChunks {
  public:
    using MakeOrder = std::function<std::unique_ptr<PullOrder>(std::size_t ijob)>;

    /// `most_unseen`: so many of the chunks that were taken last may be missing in a listing.
    PulledChunks(std::size_t num_chunks, std::size_t num_jobs, unsigned seed, std::size_t most_unseen,
                 const MakeOrder& make_order);

    /// Until each queue job has ended.
    void play();

    [[nodiscard]] bool each_is_taken_once() const;
    [[nodiscard]] std::size_t num_looks() const { return num_looks_; }
    [[nodiscard]] std::size_t num_lost() const { return num_lost_; }
    /// Most chunks that were taken while one below them was not.
    [[nodiscard]] std::size_t most_out_of_order() const { return most_out_of_order_; }

  private:
    struct Job {
        std::unique_ptr<PullOrder> order;
        double pace;
        std::optional<std::size_t> wanted{};
        bool has_looked = false;
        bool has_ended = false;
    };

    void step(Job& job);
    void claim(Job& job);
    void look(Job& job);
    [[nodiscard]] std::size_t pick(std::size_t end);

    std::vector<int> num_claims_;
    std::vector<std::size_t> taken_;
    std::size_t most_unseen_;
    std::mt19937 random_;
    std::vector<Job> jobs_;
    std::size_t lowest_free_ = 0;
    std::size_t num_ended_ = 0;
    std::size_t num_looks_ = 0;
    std::size_t num_lost_ = 0;
    std::size_t most_out_of_order_ = 0;
};

}  // namespace qmr::detail
