#include "adapters/attempt_record.hpp"

#include "adapters/json_lines.hpp"
#include "ground/cause.hpp"

namespace qmr::detail {

namespace {

// A newer version may know more causes.
Cause cause_in(const Json& object, Cause otherwise) {
    return read_cause(object.at("cause").get<std::string>()).value_or(otherwise);
}

}  // namespace

std::string AttemptInfo::to_json() const {
    return to_json_line({{"isubmission", attempt.job.isubmission},
                         {"index", attempt.job.index},
                         {"attempt", attempt.random},
                         {"host", host},
                         {"seconds", seconds},
                         {"peak_memory", peak_memory}});
}

AttemptInfo AttemptInfo::from_json(const std::string& text) {
    const Json object = Json::parse(text);
    AttemptInfo info;
    info.attempt.job.isubmission = number_at(object, "isubmission");
    info.attempt.job.index = number_at(object, "index");
    object.at("attempt").get_to(info.attempt.random);
    object.at("host").get_to(info.host);
    object.at("seconds").get_to(info.seconds);
    info.peak_memory = number_at(object, "peak_memory");
    return info;
}

std::string ExitRecord::to_json() const {
    return to_json_line({{"cause", to_string(cause)},
                         {"message", message},
                         {"host", host},
                         {"may_retry", may_retry},
                         {"signal", signal},
                         {"seconds", seconds},
                         {"peak_memory", peak_memory},
                         {"num_records", num_records},
                         {"num_uncounted", num_uncounted},
                         {"is_by_setup", is_by_setup}});
}

ExitRecord ExitRecord::from_json(const std::string& text) {
    const Json object = Json::parse(text);
    ExitRecord record;
    record.cause = cause_in(object, Cause::worker_failure);
    object.at("message").get_to(record.message);
    object.at("host").get_to(record.host);
    object.at("may_retry").get_to(record.may_retry);
    record.signal = static_cast<int>(number_at(object, "signal"));
    object.at("seconds").get_to(record.seconds);
    record.peak_memory = number_at(object, "peak_memory");
    record.num_records = number_at(object, "num_records");
    if (object.contains("num_uncounted")) record.num_uncounted = number_at(object, "num_uncounted");
    record.is_by_setup = object.value("is_by_setup", false);
    return record;
}

Json FailureRecord::to_object() const {
    Json object{{"cause", to_string(cause)},
                {"message", message},
                {"stderr", end_of_stderr},
                {"history", to_array(history)}};
    if (!details.empty()) object["details"] = details;
    return object;
}

std::string FailureRecord::to_json() const {
    return to_json_line(to_object());
}

FailureRecord FailureRecord::from_object(const Json& object) {
    FailureRecord record;
    record.cause = cause_in(object, Cause::crash);
    object.at("message").get_to(record.message);
    object.at("stderr").get_to(record.end_of_stderr);
    if (object.contains("details")) object.at("details").get_to(record.details);
    record.history = read_history(object.at("history"));
    return record;
}

FailureRecord FailureRecord::from_json(const std::string& text) {
    return from_object(Json::parse(text));
}

Json to_object(const FailedAttempt& attempt) {
    return {
        {"cause", to_string(attempt.cause)}, {"message", attempt.message},     {"host", attempt.host},
        {"signal", attempt.signal},          {"exit_code", attempt.exit_code}, {"seconds", attempt.seconds},
        {"peak_memory", attempt.peak_memory}};
}

FailedAttempt read_failed_attempt(const Json& object) {
    FailedAttempt attempt;
    attempt.cause = cause_in(object, Cause::worker_failure);
    object.at("message").get_to(attempt.message);
    object.at("host").get_to(attempt.host);
    attempt.signal = static_cast<int>(number_at(object, "signal"));
    attempt.exit_code = static_cast<int>(number_at(object, "exit_code"));
    object.at("seconds").get_to(attempt.seconds);
    attempt.peak_memory = number_at(object, "peak_memory");
    return attempt;
}

Json to_array(const std::vector<FailedAttempt>& history) {
    Json array = Json::array();
    for (const FailedAttempt& attempt : history) array.push_back(to_object(attempt));
    return array;
}

std::vector<FailedAttempt> read_history(const Json& array) {
    std::vector<FailedAttempt> history;
    for (const Json& attempt : array) history.push_back(read_failed_attempt(attempt));
    return history;
}

}  // namespace qmr::detail
