// The lines of --json.

#include <fmt/format.h>

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>

#include "cli/json.hpp"
#include "cli/print_outcomes.hpp"

namespace qmr::cli {

namespace {

bool is_utf8(const std::string& text) {
    try {
        static_cast<void>(Json(text).dump());
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

// RFC 4648.
std::string base64(const std::string& bytes) {
    using namespace boost::archive::iterators;
    using Letters = base64_from_binary<transform_width<std::string::const_iterator, 6, 8>>;
    std::string text(Letters(bytes.begin()), Letters(bytes.end()));
    return text.append((3 - bytes.size() % 3) % 3, '=');
}

void add(Json& line, const std::string& name, const Stream& stream) {
    if (!stream.file.empty())
        line[name + "_file"] = stream.file;
    else if (is_utf8(stream.text))
        line[name] = stream.text;
    else
        line[name + "_base64"] = base64(stream.text);
}

Json describe(std::size_t itask, const CommandOutput& output) {
    Json line{{"itask", itask},
              {"task", output.task},
              {"exit_code", 0},
              {"signal", 0},
              {"seconds", output.seconds},
              {"peak_memory", output.peak_memory},
              {"host", output.host},
              {"attempts", output.num_attempts}};
    if (!output.left_running.empty()) line["left_running"] = output.left_running;
    add(line, "stdout", output.out);
    add(line, "stderr", output.err);
    return line;
}

Json describe(const TaskFailure& failure) {
    const auto details = FailureDetails::from_json(failure.details);
    const FailedAttempt last = failure.history.empty() ? FailedAttempt() : failure.history.back();
    Json line{{"itask", failure.itask},      {"task", details ? Json(details->task) : Json(nullptr)},
              {"exit_code", last.exit_code}, {"signal", last.signal},
              {"seconds", last.seconds},     {"peak_memory", last.peak_memory},
              {"host", failure.host},        {"attempts", std::max<std::size_t>(failure.history.size(), 1)}};
    if (details) {
        add(line, "stdout", details->out);
        add(line, "stderr", details->err);
    } else {
        add(line, "stderr", {failure.end_of_stderr, {}, failure.end_of_stderr.size()});
    }
    line["cause"] = to_string(failure.cause);
    line["message"] = failure.message;
    return line;
}

}  // namespace

std::string to_json_line(std::size_t itask, const Result<CommandOutput>& outcome) {
    const Json line = outcome ? describe(itask, *outcome) : describe(outcome.error());
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace qmr::cli
