#include "chaos/chaotic_task.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace qmr::test {

namespace {

std::string file_of(const std::string& directory, const ChaoticTask& task) {
    return fmt::format("{}/ran.{}", directory, task.number);
}

}  // namespace

std::string value_of(const ChaoticTask& task) {
    // Of different lengths, some of them beyond any buffer of a worker.
    const auto size = static_cast<std::size_t>(task.number % 50 == 49 ? 300'000 : task.number * 37 % 500);
    return fmt::format("{}:{}", task.number, std::string(size, static_cast<char>('a' + task.number % 26)));
}

std::optional<Cause> cause_of(const ChaoticTask& task) {
    using Kind = ChaoticTask::Kind;
    if (task.kind == Kind::value) return std::nullopt;
    return task.kind == Kind::throws ? Cause::exception : Cause::crash;
}

std::string Chaotic::operator()(const ChaoticTask& task) const {
    const int file =
        ::open(file_of(directory, task).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || ::write(file, "x", 1) != 1) throw std::runtime_error("the test can not count this task");
    ::close(file);
    std::this_thread::sleep_for(std::chrono::milliseconds(task.milliseconds));
    switch (task.kind) {
        case ChaoticTask::Kind::value:
            break;
        case ChaoticTask::Kind::throws:
            throw std::runtime_error(fmt::format("task {} throws", task.number));
        case ChaoticTask::Kind::segfaults:
            ::signal(SIGSEGV, SIG_DFL);
            ::raise(SIGSEGV);
            break;
        case ChaoticTask::Kind::exits:
            std::_Exit(99);
    }
    return value_of(task);
}

std::size_t Chaotic::num_runs(const ChaoticTask& task) const {
    struct stat status {};
    return ::stat(file_of(directory, task).c_str(), &status) == 0 ? static_cast<std::size_t>(status.st_size)
                                                                  : 0;
}

std::vector<std::string> what_is_wrong(const std::vector<ChaoticTask>& tasks,
                                       const std::vector<Result<std::string>>& results) {
    if (results.size() != tasks.size())
        return {fmt::format("{} results of {} tasks", results.size(), tasks.size())};
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto expected = cause_of(tasks[i]);
        if (results[i].has_value()) {
            if (expected || *results[i] != value_of(tasks[i]))
                wrong.push_back(fmt::format("wrong: task {} has the value {:.40}", i, *results[i]));
        } else if (const TaskFailure& failure = results[i].error(); failure.itask != i) {
            wrong.push_back(fmt::format("wrong: task {} has the failure of task {}", i, failure.itask));
        } else if (!expected) {
            wrong.push_back(
                fmt::format("lost: task {} failed by {}: {}", i, to_string(failure.cause), failure.message));
        } else if (failure.cause != *expected) {
            wrong.push_back(fmt::format("wrong: task {} failed by {}, and not by {}: {}", i,
                                        to_string(failure.cause), to_string(*expected), failure.message));
        }
    }
    return wrong;
}

}  // namespace qmr::test
