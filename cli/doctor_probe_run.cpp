#include "cli/doctor_probe_run.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/erase.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <qmr/qmr.hpp>
#include <random>
#include <system_error>

#include "cli/descriptor.hpp"
#include "cli/doctor_probe.hpp"
#include "cli/doctor_probe_checks.hpp"
#include "cli/doctor_progress.hpp"
#include "cli/in_words.hpp"
#include "cli/json.hpp"
#include "cli/standard_streams.hpp"
#include "vocabulary/current_directory.hpp"

namespace qmr::cli {

namespace {

using Clock = std::chrono::steady_clock;

// All that a shell, a launcher or an encoding might stumble over.
constexpr const char* value_of_variable = " 'a' \"b\" $HOME `c` \\ %d;\t\n\xc3\xa9\xff=";

bool is_exported(const PoolOptions& options) {
    const auto is_among = [](const std::vector<std::string>& patterns) {
        return std::ranges::any_of(patterns, [](const std::string& pattern) {
            return ::fnmatch(pattern.c_str(), Probe::variable, 0) == 0;
        });
    };
    return is_among(options.exported_variables) && !is_among(options.withheld_variables);
}

// What goes wrong is to be seen at once, and not tried again.
PoolOptions options_of_probe(const ProbeRun& run) {
    PoolOptions options = run.options;
    options.batch_system = run.batch_system;
    options.resume.clear();
    options.work_dir = run.directory / fmt::format(".qmr_doctor_{:08x}", std::random_device{}());
    options.keep_work_dir = true;  // it is removed here
    options.num_chunks = 1;
    options.chunk_size.reset();
    options.max_num_resubmissions = 0;
    options.max_num_retries = {0, 0, 0, 0, {}, {}, {}, {}};
    options.progress = Progress::json;
    options.polling_interval = std::min(options.polling_interval, Seconds{1});
    options.pending_notice = std::min(options.pending_notice, run.time_limit / 2);
    options.file_system_latency = std::min(options.file_system_latency, run.time_limit / 2);
    return options;
}

// The process that maps.
class Mapping {
  public:
    Mapping(const ProbeRun& run, const PoolOptions& options, const Descriptor& sink)
        : run_(run), options_(options), sink_(sink) {}

    void map() {
        try {
            ::setenv(Probe::variable, value_of_variable, 1);
            const Probe probe(value_of_variable, detail::current_directory().native());
            ProbeBracket bracket{clock_here(), 0, options_.batch_system == "local", is_exported(run_.options),
                                 run_.options.file_system_latency};
            const auto take = [&](std::size_t, const Result<ProbeAnswer>& outcome) {
                bracket.end = clock_here();
                hand_over(outcome ? checks_of_probe(*outcome, bracket)
                                  : checks_without_answer(check_failure(outcome.error())));
            };
            Pool(options_).for_each_result(probe, std::vector<int>{0}, take);
        } catch (const std::exception& bad) {
            const std::string kept = "; the files are kept in " + options_.work_dir.native();
            hand_over(checks_without_answer(
                {Mark::wrong, "probe", boost::algorithm::erase_all_copy(std::string(bad.what()), kept)}));
        }
    }

  private:
    // The first word counts: what comes after it is about the end of the map.
    void hand_over(const std::vector<Check>& checks) {
        if (std::exchange(has_handed_over_, true)) return;
        std::string text = to_json(checks).dump(-1, ' ', false, Json::error_handler_t::replace);
        for (std::string_view rest = text; !rest.empty();) {
            const ssize_t written = ::write(sink_.get(), rest.data(), rest.size());
            if (written < 0 && errno != EINTR) return;
            if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    const ProbeRun& run_;
    const PoolOptions& options_;
    const Descriptor& sink_;
    bool has_handed_over_ = false;
};

/// Holds back the signals by which this process is asked to end, while it lives.
class EndSignals {
  public:
    EndSignals() {
        sigset_t set;
        ::sigemptyset(&set);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            struct sigaction action {};
            ::sigaction(signal, nullptr, &action);
            if (action.sa_handler != SIG_IGN) ::sigaddset(&set, signal);
        }
        ::sigprocmask(SIG_BLOCK, &set, &before_);
        descriptor_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    ~EndSignals() { let_in(); }
    EndSignals(const EndSignals&) = delete;
    EndSignals& operator=(const EndSignals&) = delete;

    void let_in() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

    /// The one that came; 0: none.
    [[nodiscard]] int take() const {
        signalfd_siginfo info{};
        return ::read(descriptor_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                                            : 0;
    }

  private:
    sigset_t before_{};
    Descriptor descriptor_;
};

std::string read_some(Descriptor& source) {
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(source.get(), buffer.data(), buffer.size());
    if (got == 0) source.reset();
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
}

/// The same process, seen from here.
class MappingProcess {
  public:
    MappingProcess(const ProbeRun& run, const PoolOptions& options)
        : run_(run), options_(options), pid_(make_copy()) {
        if (pid_ == 0) become_it();
        answer_.sink.reset();
        said_.sink.reset();
        make_non_blocking(said_.source);
    }

    /// Waits for its end. Gives its checks; none: it was ended before it had any.
    [[nodiscard]] std::optional<std::vector<Check>> wait() {
        const auto end = Clock::now() + std::chrono::ceil<Clock::duration>(run_.time_limit);
        while (answer_.source.get() >= 0) {
            look(is_told_to_leave_ ? -1 : milliseconds_until(end));
            if (Clock::now() >= end) tell_to_leave();
        }
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        for (std::string rest = read_some(said_.source); !rest.empty(); rest = read_some(said_.source))
            relay(rest);
        if (!text_.empty()) return checks_from_json(Json::parse(text_));
        if (is_told_to_leave_) return std::nullopt;
        return checks_without_answer({Mark::wrong, "probe", "its process ended without a word"});
    }

    /// The signal that this process has to obey now; 0: none.
    [[nodiscard]] int signal() const noexcept { return signal_; }

    /// Where its queue job was when its time was over.
    [[nodiscard]] const std::string& where_it_was() const noexcept { return where_; }

  private:
    static pid_t make_copy() {
        std::fflush(nullptr);  // what is written already is not the copy's to write
        const pid_t pid = ::fork();
        if (pid < 0)
            throw Error(fmt::format("cannot make a process for the probe: {}",
                                    std::generic_category().message(errno)));
        return pid;
    }

    [[noreturn]] void become_it() {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != parent_) ::_exit(EXIT_FAILURE);
        signals_.let_in();
        ::signal(SIGPIPE, SIG_IGN);  // it has to clean up, whoever reads what it says
        ::dup2(said_.sink.get(), STDERR_FILENO);
        answer_.source.reset();
        Mapping(run_, options_, answer_.sink).map();
        ::_exit(EXIT_SUCCESS);
    }

    static int milliseconds_until(Clock::time_point end) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
    }

    void look(int timeout) {
        std::array watched{pollfd{answer_.source.get(), POLLIN, 0}, pollfd{said_.source.get(), POLLIN, 0},
                           pollfd{signals_.descriptor(), POLLIN, 0}};
        if (::poll(watched.data(), watched.size(), timeout) <= 0) return;
        if (watched[0].revents != 0) text_ += read_some(answer_.source);
        if (watched[1].revents != 0) relay(read_some(said_.source));
        if (const int signal = watched[2].revents == 0 ? 0 : signals_.take(); signal != 0) {
            signal_ = signal;
            tell_to_leave();
        }
    }

    void tell_to_leave() {
        if (std::exchange(is_told_to_leave_, true)) return;
        where_ = progress_.where_it_is();
        ::kill(pid_, SIGTERM);
    }

    // The plan, and what names the work_dir, is about a map that is nobody's.
    void relay(const std::string& piece) {
        for (const std::string& sentence : progress_.take(piece)) {
            const bool is_plan = !std::exchange(has_plan_, true);
            if (is_plan || sentence.find(options_.work_dir.native()) != std::string::npos) continue;
            if (run_.options.progress != Progress::silent) tell("qmr: {}\n", sentence);
        }
    }

    const ProbeRun& run_;
    const PoolOptions& options_;
    EndSignals signals_;
    Pipe answer_;
    Pipe said_;
    pid_t parent_ = ::getpid();
    pid_t pid_;
    std::string text_;
    ProgressReader progress_;
    std::string where_;
    bool has_plan_ = false;
    bool is_told_to_leave_ = false;
    int signal_ = 0;
};

}  // namespace

std::vector<Check> run_probe(const ProbeRun& run) {
    const PoolOptions options = options_of_probe(run);
    int signal = 0;
    std::optional<std::vector<Check>> checks;
    std::string where;
    {
        MappingProcess process(run, options);
        checks = process.wait();
        signal = process.signal();
        where = process.where_it_was();
        std::error_code ignored;  // what can not be removed does no harm
        std::filesystem::remove_all(options.work_dir, ignored);
    }
    if (signal != 0) {
        ::raise(signal);
        throw Interrupted(fmt::format("doctor: interrupted by signal {}", signal), signal);
    }
    if (checks) return *checks;
    return checks_without_answer(
        {Mark::not_checked, "probe",
         fmt::format("its queue job {} after {}; it is deleted", where, duration(run.time_limit)),
         "--probe-time-limit gives it more time"});
}

}  // namespace qmr::cli
