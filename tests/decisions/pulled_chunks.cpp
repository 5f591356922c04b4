#include "decisions/pulled_chunks.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace qmr::detail {

std::vector<std::size_t> range(std::size_t begin, std::size_t end) {
    std::vector<std::size_t> chunks(end - begin);
    std::iota(chunks.begin(), chunks.end(), begin);
    return chunks;
}

std::vector<std::size_t> undisturbed(PullOrder& order) {
    std::vector<std::size_t> chunks;
    while (const auto ichunk = order.next()) chunks.push_back(*ichunk);
    return chunks;
}

PulledChunks::PulledChunks(std::size_t num_chunks, std::size_t num_jobs, unsigned seed,
                           std::size_t most_unseen, const MakeOrder& make_order)
    : num_claims_(num_chunks), most_unseen_(most_unseen), random_(seed) {
    for (std::size_t ijob = 0; ijob < num_jobs; ++ijob)
        jobs_.push_back({make_order(ijob), std::exponential_distribution(1.0)(random_)});
}

void PulledChunks::play() {
    while (num_ended_ < jobs_.size()) {
        Job& job = jobs_[pick(jobs_.size())];
        // Some are slow, and some begin when others have nearly ended.
        if (!job.has_ended && std::uniform_real_distribution(0.0, 1.0)(random_) < job.pace) step(job);
    }
}

bool PulledChunks::each_is_taken_once() const {
    return std::ranges::all_of(num_claims_, [](int number) { return number == 1; });
}

// What others do between a look, a choice and a claim makes the races.
void PulledChunks::step(Job& job) {
    if (job.wanted) {
        claim(job);
        return;
    }
    job.wanted = job.order->next();
    if (!job.wanted && job.has_looked) {
        job.has_ended = true;
        ++num_ended_;
    }
    job.has_looked = !job.wanted && !job.has_ended;
    if (job.has_looked) look(job);
}

void PulledChunks::claim(Job& job) {
    if (num_claims_[*job.wanted] == 0) {
        ++num_claims_[*job.wanted];
        taken_.push_back(*job.wanted);
        while (lowest_free_ < num_claims_.size() && num_claims_[lowest_free_] > 0) ++lowest_free_;
        most_out_of_order_ = std::max(most_out_of_order_, taken_.size() - lowest_free_);
    } else {
        ++num_lost_;
        job.order->lost();
    }
    job.wanted.reset();
}

void PulledChunks::look(Job& job) {
    ++num_looks_;
    const std::size_t num_unseen = most_unseen_ > 0 ? std::min(taken_.size(), pick(most_unseen_)) : 0;
    job.order->look(std::span(taken_).first(taken_.size() - num_unseen));
}

std::size_t PulledChunks::pick(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
}

}  // namespace qmr::detail
