#include "worker/worker.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <span>

#include "adapters/interrupts.hpp"
#include "ground/number.hpp"
#include "ground/standard_streams.hpp"
#include "qmr/error.hpp"
#include "vocabulary/private_files.hpp"
#include "worker/leave_signals.hpp"
#include "worker/queue_job.hpp"
#include "worker/start_again.hpp"

namespace qmr::detail {

namespace {

struct Arguments {
    WorkDir work_dir;
    JobKey job;
};

// Whoever started this process may have held them back.
void let_through(std::span<const int> signals) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : signals) ::sigaddset(&set, signal);
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

Arguments read_arguments(int argc, char** argv) {
    const auto isubmission = argc == 5 ? read_number<std::size_t>(argv[3]) : std::nullopt;
    const auto index = argc == 5 ? read_number<std::uint64_t>(argv[4]) : std::nullopt;
    if (!isubmission || !index)
        throw Error(
            "a worker is started by worker_launcher.sh, with the number of a submission and, outside arrays, "
            "an index");
    return {WorkDir(argv[2]), {*isubmission, *index}};
}

}  // namespace

int run_worker(int argc, char** argv) noexcept {
    const auto begin = std::chrono::steady_clock::now();
    try {
        // A limit of file sizes is an error of a write, which can be told, rather than the end of the
        // process.
        ::signal(SIGXFSZ, SIG_IGN);
        const Interrupts interrupts(leave_signals);
        let_through(leave_signals);
        const Arguments arguments = read_arguments(argc, argv);
        check_ownership(arguments.work_dir.path());
        const Manifest manifest = read_manifest(arguments.work_dir);
        start_again_without(manifest.withheld_names, {argv, static_cast<std::size_t>(argc)});
        return run_queue_job(arguments.work_dir, manifest, arguments.job, begin);
    } catch (const std::exception& bad) {
        tell_on_stderr(fmt::format("qmr worker: {}\n", bad.what()));
        return worker_can_not_run;
    }
}

}  // namespace qmr::detail
