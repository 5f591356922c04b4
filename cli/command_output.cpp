#include "cli/command_output.hpp"

#include <algorithm>

#include "cli/json.hpp"

namespace qmr::cli {

namespace {

constexpr std::size_t max_short_text = 200;

Json json_of(const Stream& stream) {
    return {{"file", stream.file}, {"size", stream.size}};
}

Stream read_stream(const Json& object) {
    Stream stream;
    object.at("file").get_to(stream.file);
    object.at("size").get_to(stream.size);
    return stream;
}

}  // namespace

std::string short_text(const std::string& task) {
    std::string line = task.substr(0, task.find('\n'));
    if (line.size() > max_short_text) line = line.substr(0, max_short_text) + "...";
    // What could not be seen, or would do something to a terminal.
    std::ranges::replace_if(
        line, [](unsigned char letter) { return (letter < ' ' && letter != '\t') || letter == 0x7f; }, '?');
    return line;
}

std::string FailureDetails::to_json() const {
    return Json{
        {"command_task", task}, {"stdout", json_of(out)}, {"stderr", json_of(err)}, {"was_run", was_run}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<FailureDetails> FailureDetails::from_json(const std::string& text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object() || !object.contains("command_task")) return std::nullopt;
    FailureDetails details;
    object.at("command_task").get_to(details.task);
    details.out = read_stream(object.at("stdout"));
    details.err = read_stream(object.at("stderr"));
    object.at("was_run").get_to(details.was_run);
    return details;
}

}  // namespace qmr::cli
