#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/standard_streams.hpp"
#include "cli/status_text.hpp"
#include "cli/subcommands.hpp"
#include "cli/work_dirs.hpp"

namespace qmr::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Seconds shortest_period{1};
constexpr std::chrono::seconds line_period{10};
// A map of very many chunks is not looked at all the time.
constexpr double rest = 4;

/// Ctrl-C comes when it is waited for, and ends the watching only.
class HeldInterrupt {
  public:
    HeldInterrupt() {
        ::sigemptyset(&interrupt_);
        ::sigaddset(&interrupt_, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &interrupt_, &before_);
    }
    ~HeldInterrupt() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    HeldInterrupt(const HeldInterrupt&) = delete;
    HeldInterrupt& operator=(const HeldInterrupt&) = delete;

    /// Whether it comes within this time.
    [[nodiscard]] bool comes_within(Seconds time) const {
        const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
        while (true) {
            const auto left = std::max(end - Clock::now(), Clock::duration::zero());
            const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
            const timespec wait{static_cast<std::time_t>(seconds.count()),
                                static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
            if (::sigtimedwait(&interrupt_, nullptr, &wait) == SIGINT) return true;
            if (errno != EINTR) return false;
        }
    }

  private:
    sigset_t interrupt_{};
    sigset_t before_{};
};

/// Where the progress goes: a line that is drawn again and again, or a line now and then.
class Screen {
  public:
    ~Screen() {
        try {
            clear();
        } catch (const Error&) {
            // Where the line was shown nothing can be shown any more.
        }
    }

    void show(const MapStatus& map) {
        if (is_terminal_) {
            print_out("\r{}\033[K", line_of(map, width() - 1));
            is_line_shown_ = true;
        } else if (Clock::now() >= next_line_) {
            print_out("{}\n", line_of(map, std::string::npos));
            next_line_ = Clock::now() + line_period;
        }
    }

    void clear() {
        if (std::exchange(is_line_shown_, false)) print_out("\r\033[K");
    }

  private:
    static std::string line_of(const MapStatus& map, std::size_t width) {
        return map.state == MapState::preparing ? "qmr: the tasks are being written"
                                                : progress_line(map, width);
    }

    static std::size_t width() {
        winsize size{};
        return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    }

    bool is_terminal_ = ::isatty(STDOUT_FILENO) != 0;
    bool is_line_shown_ = false;
    Clock::time_point next_line_{};
};

bool goes_on(const SeenMap& seen) {
    return seen.state() == MapState::preparing || seen.state() == MapState::running;
}

// Between two levels of a reduction nobody works for a moment.
bool may_be_between_levels(const SeenMap& seen) {
    return seen.reduction && seen.state() == MapState::left_alone &&
           seen.current().state == MapState::complete;
}

// None: it is no more, as is that of a map without failures once its results are taken. Whoever removes it
// does so file by file.
std::optional<SeenMap> look_again(const std::filesystem::path& work_dir) {
    constexpr int max_num_tries = 5;
    constexpr std::chrono::milliseconds wait{100};
    for (int itry = 1;; ++itry) {
        try {
            return SeenMap::read(work_dir);
        } catch (const BadInput&) {
            std::error_code ignored;
            if (!std::filesystem::exists(work_dir / "manifest.json", ignored)) return std::nullopt;
            if (itry == max_num_tries) throw;
        }
        std::this_thread::sleep_for(wait);
    }
}

ExitCode watch(const std::filesystem::path& work_dir) {
    const HeldInterrupt interrupt;
    Screen screen;
    auto begin = Clock::now();
    std::optional<SeenMap> map = SeenMap::read(work_dir);
    bool was_between_levels = false;
    while (map && (goes_on(*map) || (may_be_between_levels(*map) && !was_between_levels))) {
        was_between_levels = may_be_between_levels(*map);
        const Seconds took = Clock::now() - begin;
        screen.show(map->current());
        if (interrupt.comes_within(std::max(shortest_period, rest * took))) {
            screen.clear();
            tell("qmr: no longer watched; the map goes on\n");
            return all_well;
        }
        begin = Clock::now();
        map = look_again(work_dir);
    }
    screen.clear();
    if (!map) {
        print_out("qmr: the map is over, and its work_dir was removed\n");
        return all_well;
    }
    print_out("{}", describe_now(*map));
    return map->state() == MapState::complete ? all_well : tasks_failed;
}

}  // namespace

void add_watch(CLI::App& app, int& exit_code) {
    auto* subcommand =
        app.add_subcommand("watch", "Show how far a map is until it ends; Ctrl-C ends that only");
    const auto work_dir = std::make_shared<std::string>();
    add_work_dir(*subcommand, *work_dir);
    subcommand->footer(
        "Exit code 1: the map did not come to its end, or tasks failed.\n"
        "Example: qmr watch && echo 'each task has a value'\n");
    subcommand->callback([work_dir, &exit_code] { exit_code = watch(choose_work_dir(*work_dir)); });
}

}  // namespace qmr::cli
