#include "adapters/attempt_record.hpp"

#include "adapters/json_lines.hpp"

namespace qmr::detail {

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
    object.at("isubmission").get_to(info.attempt.job.isubmission);
    object.at("index").get_to(info.attempt.job.index);
    object.at("attempt").get_to(info.attempt.random);
    object.at("host").get_to(info.host);
    object.at("seconds").get_to(info.seconds);
    object.at("peak_memory").get_to(info.peak_memory);
    return info;
}

std::string ExitRecord::to_json() const {
    return to_json_line({{"cause", to_string(cause)},
                         {"message", message},
                         {"host", host},
                         {"may_retry", may_retry},
                         {"signal", signal},
                         {"seconds", seconds},
                         {"peak_memory", peak_memory}});
}

ExitRecord ExitRecord::from_json(const std::string& text) {
    const Json object = Json::parse(text);
    ExitRecord record;
    const auto cause = object.at("cause").get<std::string>();
    for (const Cause known : {Cause::crash, Cause::worker_failure, Cause::binary_changed})
        if (to_string(known) == cause) record.cause = known;
    object.at("message").get_to(record.message);
    object.at("host").get_to(record.host);
    object.at("may_retry").get_to(record.may_retry);
    object.at("signal").get_to(record.signal);
    object.at("seconds").get_to(record.seconds);
    object.at("peak_memory").get_to(record.peak_memory);
    return record;
}

std::string message_to_json(const std::string& message) {
    return to_json_line({{"message", message}});
}

std::string message_from_json(const std::string& text) {
    return Json::parse(text).at("message").get<std::string>();
}

}  // namespace qmr::detail
