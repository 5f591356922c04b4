#include "cli/command_run.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <memory>
#include <optional>
#include <qmr/error.hpp>
#include <system_error>
#include <thread>

#include "cli/captured_stream.hpp"
#include "cli/child_process.hpp"
#include "cli/command_input.hpp"

namespace qmr::cli {

namespace {

using Clock = std::chrono::steady_clock;
using Kind = CommandEnd::Kind;

constexpr Seconds between_questions{1};

/// A command that runs, and what is connected to it.
class Run {
  public:
    Run(const ChildProcess& child, CommandInput& in, CapturedStream& out, CapturedStream& err,
        const CommandLimits& limits)
        : child_(child), in_(in), out_(out), err_(err), limits_(limits) {}

    /// Blocks until the command has ended, or was made to end: then it gives why.
    std::optional<Kind> wait() {
        while (!is_over()) look();
        if (why_) child_.signal_group(SIGKILL);  // what has not heeded SIGTERM
        return why_;
    }

    /// From its start to its end.
    [[nodiscard]] Seconds took() const { return end_; }

  private:
    [[nodiscard]] Seconds now() const { return Clock::now() - begin_; }

    /// Sends what signals are due.
    bool is_over() {
        if (is_killed_) return has_ended_;
        // What else it has started may still have something to say.
        if (has_ended_ && out_.source() < 0 && err_.source() < 0) return true;
        if (has_ended_ && !why_) return now() >= read_until_;
        if (why_ && now() >= kill_time_) {
            is_killed_ = true;
            child_.signal_group(SIGKILL);
        } else if (!why_ && limits_.timeout.count() > 0 && now() >= limits_.timeout) {
            ask_to_end(Kind::timed_out);
        } else if (!why_ && limits_.is_to_stop && now() >= question_time_) {
            if (limits_.is_to_stop()) ask_to_end(Kind::stopped);
            question_time_ = now() + between_questions;
        }
        return false;
    }

    void look_whether_it_has_ended() {
        if (has_ended_ || !child_.has_ended()) return;
        has_ended_ = true;
        end_ = now();
        read_on();
    }

    void read_on() { read_until_ = std::min(now() + limits_.quiet, end_ + limits_.late); }

    void ask_to_end(Kind why) {
        // This process may have been suspended meanwhile.
        look_whether_it_has_ended();
        if (has_ended_) return;
        why_ = why;
        kill_time_ = now() + limits_.grace;
        child_.signal_group(SIGTERM);
    }

    /// Longest time to wait for something to happen.
    [[nodiscard]] int milliseconds_to_wait() const {
        Seconds left = std::chrono::hours(1);
        if (has_ended_ && !why_) return milliseconds(read_until_ - now());
        if (why_ && !is_killed_) left = std::min(left, kill_time_ - now());
        if (!why_ && limits_.timeout.count() > 0) left = std::min(left, limits_.timeout - now());
        if (!why_ && limits_.is_to_stop) left = std::min(left, question_time_ - now());
        // Nobody tells when it ends: short commands are looked at often.
        if (child_.descriptor() < 0 && !has_ended_)
            left = std::min(left, std::clamp<Seconds>(now() / 4, std::chrono::milliseconds(1),
                                                      std::chrono::milliseconds(20)));
        return milliseconds(left);
    }

    static int milliseconds(Seconds left) {
        return static_cast<int>(std::ceil(std::max(left.count(), 0.0) * 1000));
    }

    /// Waits until something happens, and deals with it.
    void look() {
        std::array<pollfd, 4> watched{pollfd{out_.source(), POLLIN, 0}, pollfd{err_.source(), POLLIN, 0},
                                      pollfd{has_ended_ ? -1 : child_.descriptor(), POLLIN, 0},
                                      pollfd{in_.sink(), POLLOUT, 0}};
        if (::poll(watched.data(), watched.size(), milliseconds_to_wait()) < 0) {
            if (errno == EINTR) return;
            throw Error(fmt::format("cannot wait for a command: {}", std::generic_category().message(errno)));
        }
        if (watched[0].revents != 0) out_.take();
        if (watched[1].revents != 0) err_.take();
        if (watched[3].revents != 0) in_.feed();
        if (has_ended_ && (watched[0].revents != 0 || watched[1].revents != 0)) read_on();
        if (watched[2].revents != 0 || child_.descriptor() < 0) look_whether_it_has_ended();
    }

    const ChildProcess& child_;
    CommandInput& in_;
    CapturedStream& out_;
    CapturedStream& err_;
    const CommandLimits& limits_;
    Clock::time_point begin_ = Clock::now();

    bool has_ended_ = false;
    bool is_killed_ = false;
    std::optional<Kind> why_;  ///< why it was made to end
    Seconds kill_time_{0};
    Seconds question_time_ = between_questions;
    Seconds end_{0};
    Seconds read_until_{0};  ///< once it has ended by itself
};

void check(const std::vector<std::string>& argv) {
    if (argv.empty()) throw BadInput("no command to run");
    for (const std::string& argument : argv)
        if (argument.find('\0') != std::string::npos)
            throw BadInput(fmt::format("an argument of {} has a NUL byte, which no command can be given",
                                       argv.front().c_str()));
}

// Others have what is wanted, and may give it back.
bool is_lack(int error) {
    constexpr std::array wants{EAGAIN, ENOMEM, ENFILE, EMFILE};
    return std::ranges::find(wants, error) != wants.end();
}

bool may_pass(int error) {
    return is_lack(error) || error == ETXTBSY;
}

bool is_fault_of_worker(int error) {
    constexpr std::array faults{ESTALE, EIO, ENOSPC, EDQUOT, ETIMEDOUT};
    return may_pass(error) || std::ranges::find(faults, error) != faults.end();
}

std::unique_ptr<ChildProcess> start(const std::vector<std::string>& argv, ChildProcess::Streams streams,
                                    const CommandLimits& limits) {
    constexpr Seconds longest_wait{1};
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(limits.patience);
    for (Seconds wait{0.01};; wait = std::min(wait * 2, longest_wait)) {
        auto child = std::make_unique<ChildProcess>(argv, streams);
        if (!may_pass(child->start_error()) || Clock::now() >= deadline) return child;
        if (limits.is_to_stop && limits.is_to_stop()) return child;
        std::this_thread::sleep_for(wait);
    }
}

}  // namespace

CommandEnd run_command(const std::vector<std::string>& argv, InputBytes in, const CommandLimits& limits) {
    check(argv);
    CommandEnd end;
    CommandInput input(std::move(in));
    CapturedStream out("stdout", limits.kept);
    CapturedStream err("stderr", limits.kept);
    const auto started = start(argv, {input.source(), out.sink(), err.sink()}, limits);
    ChildProcess& child = *started;
    if (const int error = child.start_error(); error != 0) {
        end.kind = Kind::not_started;
        end.why_not_started =
            fmt::format("{} {}: {}", is_lack(error) ? "there is no room to start" : "cannot start",
                        argv.front(), std::generic_category().message(error));
        end.is_fault_of_worker = is_fault_of_worker(error);
        return end;
    }
    out.close_sink();
    err.close_sink();

    Run run(child, input, out, err, limits);
    const auto made_to_end = run.wait();
    const ChildProcess::End ended = child.reap();
    end.seconds = run.took();
    end.exit_code = ended.exit_code;
    end.signal = ended.signal;
    end.kind = made_to_end.value_or(ended.signal != 0 ? Kind::killed_by_signal : Kind::exited);
    end.peak_memory = static_cast<std::uint64_t>(ended.used.ru_maxrss) * 1024;
    out.take_rest();
    err.take_rest();
    end.is_cut_off = out.source() >= 0 || err.source() >= 0;
    out.finish();
    err.finish();
    end.out = out.hand_over();
    end.err = err.hand_over();
    return end;
}

}  // namespace qmr::cli
