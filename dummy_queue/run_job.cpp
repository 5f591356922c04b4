#include "dummy_queue/run_job.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "dummy_queue/chunks_of_job.hpp"
#include "dummy_queue/job_environment.hpp"
#include "dummy_queue/output_path.hpp"
#include "dummy_queue/process.hpp"
#include "dummy_queue/user_and_host.hpp"

namespace qmr::dummy_queue {
namespace fs = boost::filesystem;
namespace {

/// TMPDIR and the copy of the script. Removed at the end.
class Scratch {
  public:
    explicit Scratch(const fs::path& parent) : directory_((parent / "dummy_queue.XXXXXX").native()) {
        if (mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("can not make " + directory_);
    }
    ~Scratch() {
        boost::system::error_code ignored;
        fs::remove_all(directory_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] fs::path directory() const { return directory_; }

    [[nodiscard]] std::string write_script(const RunOrder& order) const {
        const auto path = directory() / std::to_string(order.JB_job_number);
        fs::ofstream(path, std::ios::binary) << order.submission.script;
        fs::permissions(path, fs::owner_all);
        return path.native();
    }

  private:
    std::string directory_;
};

/// An open file of an output, or why it can not be opened.
struct Output {
    explicit Output(const std::string& path)
        : fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
        if (fd < 0) failure = fmt::format("error: can't open output file \"{}\": {}", path, strerror(errno));
    }
    ~Output() {
        if (fd >= 0) close(fd);
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    int fd;
    std::string failure;
};

/// A script is run by the shell, whatever its first line says. A command is, too, unless -shell n says no.
std::vector<std::string> arguments_of(const Submission& submission, const std::string& script) {
    auto arguments = submission.command;
    const std::string shell = submission.interpreter.empty() ? "/bin/sh" : submission.interpreter;
    if (!submission.is_binary) {
        arguments.front() = script;
        arguments.insert(arguments.begin(), shell);
    } else if (submission.through_shell) {
        arguments = {shell, "-c", fmt::format("{}", fmt::join(arguments, " "))};
    }
    return arguments;
}

/// Waits for all of `children`, and kills them with all that they started when asked to or when it is time.
class Watch {
  public:
    Watch(std::vector<pid_t> children, const std::vector<KillPlan>& kills, const Strikes& strikes)
        : children_(std::move(children)), first_(children_.front()), strikes_(strikes) {
        for (std::size_t i = 0; i < kills.size(); ++i)
            kills_.push_back({i, kills[i], kills[i].claim.empty() ? std::optional(started_) : std::nullopt});
    }

    RunResult wait() {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGCHLD);
        constexpr timespec tick{0, 2'000'000};
        constexpr timespec hour{3600, 0};
        for (;;) {
            reap();
            if (children_.empty()) return result_;
            look_at_claims();
            const auto due = std::ranges::find_if(kills_, is_due);
            if (due != kills_.end()) strike(*due);
            if (sigtimedwait(&signals, nullptr, kills_.empty() ? &hour : &tick) == SIGTERM)
                kill_descendants();
        }
    }

  private:
    using Clock = std::chrono::steady_clock;
    struct Kill {
        std::size_t ikill = 0;
        KillPlan plan;
        std::optional<Clock::time_point> since;  ///< none: it waits for a claim
    };

    static bool is_due(const Kill& kill) {
        if (!kill.since) return false;
        if (!kill.plan.after_file.empty()) return fs::exists(kill.plan.after_file);
        return std::chrono::duration<double>(Clock::now() - *kill.since).count() >= kill.plan.after_seconds;
    }

    void look_at_claims() {
        for (auto kill = kills_.begin(); kill != kills_.end();) {
            const bool is_taken = !kill->since && is_claimed(kill->plan.claim, kill->plan.claimant);
            if (is_taken && !strikes_(kill->plan.ifault)) {
                kill = kills_.erase(kill);
                continue;
            }
            if (is_taken) kill->since = Clock::now();
            ++kill;
        }
    }

    void strike(const Kill& due) {
        has_killed_ = true;
        const KillPlan plan = due.plan;
        if (!result_.ikill) result_.ikill = due.ikill;
        kills_.clear();  // and `due` with them
        const int signal = plan.signal == "TERM" ? SIGTERM : SIGKILL;
        result_.was_killed = signal == SIGTERM || plan.order == "leaf_only";
        if (signal == SIGTERM) {
            KillPlan last;
            last.after_seconds = 2;
            kills_.push_back({0, last, Clock::now()});
        }
        if (plan.order == "leaf_only")
            signal_leaf(signal);
        else if (signal == SIGKILL && plan.order.empty())
            kill_descendants();
        else
            signal_descendants(signal, plan.order != "root_first");
    }

    void reap() {
        std::erase_if(children_, [this](pid_t child) {
            int status = 0;
            if (waitpid(child, &status, WNOHANG) != child) return false;
            if (has_killed_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) result_.was_killed = true;
            if (child == first_) {
                result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
            return true;
        });
    }

    std::vector<pid_t> children_;
    const pid_t first_;
    const Strikes& strikes_;
    const Clock::time_point started_ = Clock::now();
    std::vector<Kill> kills_;
    bool has_killed_ = false;
    RunResult result_;
};

RunResult failed(int step, const std::string& why) {
    RunResult result;
    result.failure = why;
    result.failed_at = step;
    return result;
}

}  // namespace

RunResult run_job(const RunOrder& order, const Strikes& strikes, const fs::path& parent) {
    const auto& submission = order.submission;
    const auto user = this_user();
    const Scratch scratch(parent);
    const auto temporary_directory =
        scratch.directory() / fmt::format("{}.{}.all.q", order.JB_job_number, order.task);
    fs::create_directory(temporary_directory);

    JobPlace place{user.name,
                   user.home,
                   host_name(),
                   temporary_directory.native(),
                   scratch.directory().native(),
                   submission.is_binary ? submission.command.front() : scratch.write_script(order),
                   submission.working_directory.empty() ? user.home : submission.working_directory,
                   "",
                   ""};
    OutputPlace output_place{user.home,           user.name,          place.host,  place.working_directory,
                             order.JB_job_number, submission.JB_name, std::nullopt};
    if (submission.array) output_place.array_task = order.task;
    place.stdout_path = output_path(submission.output_path, 'o', output_place);
    place.stderr_path =
        submission.join ? place.stdout_path : output_path(submission.error_path, 'e', output_place);

    umask(S_IWGRP | S_IWOTH);
    const Output out(place.stdout_path);
    if (out.fd < 0) return failed(26, out.failure);
    const Output err(place.stderr_path);
    if (err.fd < 0) return failed(26, err.failure);

    const ProcessPlan plan{arguments_of(submission, place.script), job_environment(order, place),
                           place.working_directory, out.fd, err.fd};
    std::vector<pid_t> children;
    for (int num_copies = order.istarts_twice ? 2 : 1; num_copies > 0; --num_copies) {
        const auto started = start_process(plan);
        if (started.pid != 0) children.push_back(started.pid);
        if (children.empty()) return failed(started.failed_at, started.failure);
    }
    auto result = Watch(children, order.kills, strikes).wait();
    result.was_started_twice = children.size() == 2;
    return result;
}

}  // namespace qmr::dummy_queue
