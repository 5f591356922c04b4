#include "cli/command_function.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <qmr/qmr.hpp>
#include <random>

namespace qmr::cli {

namespace {

constexpr std::size_t max_stderr_kept = 2000;
constexpr std::size_t max_short_text = 200;

using Json = nlohmann::ordered_json;

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string describe(const CommandEnd& end, double timeout) {
    switch (end.kind) {
        case CommandEnd::Kind::exited:
            return fmt::format("exit code {}", end.exit_code);
        case CommandEnd::Kind::killed_by_signal:
            return fmt::format("killed by signal {} ({})", end.signal, ::strsignal(end.signal));
        case CommandEnd::Kind::timed_out:
            return fmt::format("killed, since it ran longer than --timeout {:g}", timeout);
        case CommandEnd::Kind::stopped:
            return "killed, since too many others had failed (--halt)";
        case CommandEnd::Kind::not_started:
            break;
    }
    return end.why_not_started;
}

// Of a stream, wherever it is.
std::string end_of(const Printed& printed) {
    std::string text = printed.text;
    if (!printed.file.empty()) {
        std::ifstream file(printed.file, std::ios::binary);
        file.seekg(-static_cast<std::streamoff>(std::min<std::uint64_t>(printed.size, max_stderr_kept)),
                   std::ios::end);
        text.assign(std::istreambuf_iterator<char>(file), {});
    }
    return text.size() > max_stderr_kept ? text.substr(text.size() - max_stderr_kept) : text;
}

Json to_json(const Stream& stream) {
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
    return Json{{"command_task", task},
                {"stdout", cli::to_json(out)},
                {"stderr", cli::to_json(err)},
                {"was_run", was_run}}
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

CommandOutput CommandFunction::operator()(const CommandTask& task) {
    if (use_.halt.num_failures > 0) require_not_halted(task);
    if (itask_ != task.itask) num_attempts_ = 0;
    itask_ = task.itask;
    ++num_attempts_;
    CommandEnd end = run_command(command_.argv(task.text, task.values),
                                 use_.reads_task ? task.text : std::string_view(), limits_for(task));
    if (end.kind != CommandEnd::Kind::exited || end.exit_code != 0) fail(task, std::move(end));
    return {short_text(task.text),
            {std::move(end.out.text), end.out.file.native(), end.out.size},
            {std::move(end.err.text), end.err.file.native(), end.err.size},
            end.seconds.count(),
            end.peak_memory,
            host_name(),
            num_attempts_};
}

void CommandFunction::require_not_halted(const CommandTask& task) const {
    if (!HaltFiles(outputs_).is_halted()) return;
    FailedAttempt attempt;
    attempt.message = "not run, since too many others had failed (--halt)";
    throw TaskError(std::move(attempt), {}, FailureDetails{short_text(task.text), {}, {}, false}.to_json());
}

CommandLimits CommandFunction::limits_for(const CommandTask& task) const {
    CommandLimits limits;
    limits.timeout = Seconds{use_.timeout};
    if (use_.halt.now && use_.halt.num_failures > 0)
        limits.is_to_stop = [files = HaltFiles(outputs_)] { return files.is_halted(); };
    limits.file_for = [this, &task](const char* stream) { return new_file(task, stream); };
    return limits;
}

// Two attempts at the same time are possible, and each has files of its own.
std::filesystem::path CommandFunction::new_file(const CommandTask& task, const char* stream) const {
    if (::mkdir(outputs_.c_str(), 0700) != 0 && errno != EEXIST)
        throw Error(fmt::format("cannot make {}: {}", outputs_, std::generic_category().message(errno)));
    return fmt::format("{}/{:09}.{:08x}.{}", outputs_, task.itask, std::random_device{}(), stream);
}

Stream CommandFunction::keep(const CommandTask& task, const char* stream, Printed printed) const {
    if (printed.file.empty() && printed.size > 0) {
        printed.file = new_file(task, stream);
        const int file = ::open(printed.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        std::size_t num_written = 0;
        while (file >= 0 && num_written < printed.text.size()) {
            const ssize_t got =
                ::write(file, printed.text.data() + num_written, printed.text.size() - num_written);
            if (got < 0 && errno != EINTR) break;
            if (got > 0) num_written += static_cast<std::size_t>(got);
        }
        const int error = errno;
        if (file < 0 || ::close(file) != 0 || num_written < printed.text.size())
            throw Error(fmt::format("cannot write {}: {}", printed.file.native(),
                                    std::generic_category().message(error)));
    }
    return {{}, printed.file.native(), printed.size};
}

void CommandFunction::fail(const CommandTask& task, CommandEnd end) const {
    FailedAttempt attempt;
    attempt.message = describe(end, use_.timeout);
    attempt.signal = end.signal;
    attempt.exit_code = end.exit_code;
    attempt.seconds = end.seconds.count();
    attempt.peak_memory = end.peak_memory;
    std::string said = end_of(end.err);
    const FailureDetails details{short_text(task.text), keep(task, "stdout", std::move(end.out)),
                                 keep(task, "stderr", std::move(end.err))};
    if (use_.halt.num_failures > 0 && num_attempts_ > use_.num_retries)
        HaltFiles(outputs_).count(task.itask, use_.halt);
    throw TaskError(std::move(attempt), std::move(said), details.to_json());
}

}  // namespace qmr::cli
