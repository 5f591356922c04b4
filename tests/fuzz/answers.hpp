#pragma once
// Answers of client programs as inputs: a digit for the exit code, one for the stream, then what was printed.

#include <array>

#include "decisions/batch_system.hpp"
#include "fuzz/fuzz.hpp"

namespace qmr::fuzz {

inline detail::ClientAnswer take_answer(Input& input) {
    // The last one: it was killed.
    constexpr std::array exit_codes{0, 1, 2, 7, 14, 25, 100, 255, 0, 0};
    const unsigned kind = input.digit();
    const bool is_error = input.digit() % 2 == 1;
    detail::ClientAnswer answer{exit_codes[kind], kind != 9, {}, {}};
    (is_error ? answer.err : answer.out) = input.rest();
    return answer;
}

inline bool is_one_line(std::string_view text) {
    return text.find('\n') == std::string_view::npos;
}

inline bool are_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

inline void check(const detail::SubmitVerdict& verdict, std::uint64_t array_size) {
    using Kind = detail::SubmitVerdict::Kind;
    if (verdict.kind == Kind::accepted) {
        require(are_digits(detail::number_of_job(verdict.JB_job_number)), "what is accepted has a number",
                verdict.JB_job_number);
    } else {
        require(!verdict.message.empty() && is_one_line(verdict.message), "one line tells why not",
                verdict.message);
    }
    if (verdict.kind == Kind::too_large)
        require(verdict.max_array_size < array_size, "an array that is too large is made smaller");
}

inline void check(const detail::Listing& listing, std::string_view name_prefix) {
    if (!listing) return;
    for (const detail::ListedJob& job : *listing) {
        require(are_digits(detail::number_of_job(job.JB_job_number)), "a queue job has a number",
                job.JB_job_number);
        require(job.JB_name.starts_with(name_prefix), "queue jobs of others are left out", job.JB_name);
        require(!job.state_word.empty(), "a queue job has a state");
    }
}

inline void check(const std::vector<detail::JobReport>& reports) {
    for (const detail::JobReport& report : reports)
        require(is_one_line(report.message), "a reason is one line", report.message);
}

}  // namespace qmr::fuzz
