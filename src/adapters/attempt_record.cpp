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
    record.signal = static_cast<int>(number_at(object, "signal"));
    object.at("seconds").get_to(record.seconds);
    record.peak_memory = number_at(object, "peak_memory");
    return record;
}

std::string message_to_json(const std::string& message) {
    return to_json_line({{"message", message}});
}

std::string message_from_json(const std::string& text) {
    return Json::parse(text).at("message").get<std::string>();
}

}  // namespace qmr::detail
