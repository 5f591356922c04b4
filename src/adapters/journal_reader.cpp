#include "adapters/journal_reader.hpp"

#include <fmt/format.h>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

constexpr std::uint64_t largest_number = std::uint64_t{1} << 40;  // no map comes near

std::size_t number_in(const Json& line, const char* key) {
    const Json& value = line.at(key);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > largest_number)
        throw Error(fmt::format("'{}' is no number", key));
    return value.get<std::size_t>();
}

}  // namespace

void JournalReplay::take(const Json& line) {
    const auto event = line.at("event").get<std::string>();
    if (event == "submit") {
        begin_submission(line);
    } else if (event == "submitted") {
        auto& submission = submission_of(line);
        submission.state = JournalSubmission::State::accepted;
        line.at("JB_job_number").get_to(submission.JB_job_number);
    } else if (event == "busy" || event == "too_large" || event == "refused") {
        submission_of(line).state = JournalSubmission::State::lost;
    } else if (event == "free") {
        journal_.freed.emplace_back(ichunk_of(line), key_of(line));
    } else if ((event == "resubmit" || event == "give_up") && !line.at("ichunk").is_null()) {
        journal_.first_isubmission[ichunk_of(line)] = first_unused();
        if (line.contains("index")) journal_.freed.emplace_back(ichunk_of(line), key_of(line));
    } else if (event == "retry") {
        journal_.first_isubmission[ichunk_of(line)] = first_unused();
    } else if (event == "delete") {
        submission_of(line).deleted.insert(key_of(line).index);
    } else if (event == "left") {
        for (auto& [isubmission, submission] : journal_.submissions)
            if (submission.state != JournalSubmission::State::lost)
                submission.state = JournalSubmission::State::over;
    }
}

void JournalReplay::begin_submission(const Json& line) {
    const auto isubmission = number_in(line, "isubmission");
    if (isubmission < first_unused()) throw Error("a submission is there twice");
    JournalSubmission submission;
    line.at("JB_name").get_to(submission.JB_name);
    submission.num_jobs = number_in(line, "num_jobs");
    if (line.contains("memory")) submission.demand.memory = number_at(line, "memory");
    if (line.contains("walltime"))
        submission.demand.walltime =
            std::chrono::seconds{static_cast<std::chrono::seconds::rep>(number_in(line, "walltime"))};
    journal_.submissions.emplace(isubmission, std::move(submission));
}

std::size_t JournalReplay::first_unused() const {
    return journal_.submissions.empty() ? 0 : journal_.submissions.rbegin()->first + 1;
}

JournalSubmission& JournalReplay::submission_of(const Json& line) {
    const auto found = journal_.submissions.find(number_in(line, "isubmission"));
    if (found == journal_.submissions.end()) throw Error("the submission was not announced");
    return found->second;
}

std::size_t JournalReplay::ichunk_of(const Json& line) const {
    const auto ichunk = number_in(line, "ichunk");
    if (ichunk >= num_chunks_) throw Error(fmt::format("the map has no chunk {}", ichunk));
    return ichunk;
}

JobKey JournalReplay::key_of(const Json& line) {
    return {number_in(line, "isubmission"), number_in(line, "index")};
}

void for_each_line(std::string_view text, std::string_view path,
                   const std::function<void(const Json& line)>& take) {
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
        try {
            take(Json::parse(text.substr(begin, end - begin)));
        } catch (const std::exception& bad) {
            throw Error(
                fmt::format("{}, byte {}: this line is none of a journal: {}", path, begin, bad.what()));
        }
    }
}

Journal read_journal(std::string_view text, std::size_t num_chunks, std::string_view path) {
    JournalReplay replay(num_chunks);
    for_each_line(text, path, [&replay](const Json& line) { replay.take(line); });
    return std::move(replay.journal());
}

}  // namespace qmr::detail
