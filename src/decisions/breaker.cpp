#include "decisions/breaker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace qmr::detail {

namespace {

// Numbers of queue jobs, hosts and times make no difference.
std::string kind_of(std::string text, const std::string& host) {
    if (!host.empty())
        for (std::size_t at = 0; (at = text.find(host, at)) != std::string::npos;)
            text.erase(at, host.size());
    std::erase_if(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return text;
}

// Of some ends the batch system tells more than of others that are the same.
bool is_explained(const std::string& kind, const std::string& end) {
    return kind.starts_with(end + ": ");
}

constexpr Seconds longest_pause{60};

}  // namespace

Breaker::Breaker(std::size_t num_chunks, std::size_t max_num_probes, Seconds first_wait)
    : may_open_(num_chunks > max_num_same), max_num_probes_(max_num_probes), first_wait_(first_wait) {}

void Breaker::failed(JobKey job, Cause cause, const std::string& message, Seconds now,
                     const std::string& host, bool may_pass) {
    if (!may_open_ || std::ranges::find(jobs_, job) != jobs_.end()) return;
    const std::string kind = kind_of(message, host);
    const bool is_more = is_explained(kind, kind_);
    const bool is_same = cause == cause_ && (kind == kind_ || is_more || is_explained(kind_, kind));
    const bool is_probe = probe_ == job;
    if (!is_same) {
        // One that was under way when it opened is no news; a probe that ends otherwise is.
        if (state_ != State::closed && !is_probe) return;
        close();
        cause_ = cause;
        kind_ = kind;
    }
    if (is_more && is_same) kind_ = kind;
    message_ = message;
    may_pass_ = may_pass;
    jobs_.push_back(job);
    if (state_ == State::closed) {
        if (jobs_.size() >= max_num_same) open(now);
    } else if (is_probe) {
        probe_.reset();
        ++num_failed_probes_;
        open(now);
    }
}

void Breaker::open(Seconds now) {
    if (!may_pass_)
        wait_ = Seconds{0};
    else
        wait_ = state_ == State::closed ? first_wait_ : std::clamp(wait_ * 2, first_wait_, longest_pause);
    next_probe_ = now + wait_;
    state_ = num_failed_probes_ < max_num_probes_ ? State::waiting : State::spent;
}

void Breaker::close() {
    state_ = State::closed;
    jobs_.clear();
    probe_.reset();
    num_failed_probes_ = 0;
}

void Breaker::went_well() {
    close();
}

void Breaker::committed() {
    close();
    may_open_ = false;
}

void Breaker::probes(JobKey job) {
    state_ = State::probing;
    probe_ = job;
}

void Breaker::probe_lost(Seconds now) {
    probe_.reset();
    open(now);
}

std::string Breaker::verdict() const {
    std::string text =
        fmt::format("{}; so ended {} queue jobs, and none did anything else", message_, jobs_.size());
    if (num_failed_probes_ > 0)
        text += fmt::format(", the last {} of them {}", num_failed_probes_,
                            may_pass_ ? "with waits in between" : "one after the other");
    return text;
}

}  // namespace qmr::detail
