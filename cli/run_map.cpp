#include "cli/run_map.hpp"

#include <csignal>

namespace qmr::cli {

ExitCode run_map(const std::filesystem::path& work_dir, OutcomePrinter& printer,
                 const std::function<void()>& run) {
    // A reader that leaves must not take the queue jobs' chance away to be deleted.
    ::signal(SIGPIPE, SIG_IGN);
    try {
        run();
    } catch (const ReaderGone&) {
        // Not all was done, so this ends as any program does whose reader has left.
        ::signal(SIGPIPE, SIG_DFL);
        ::raise(SIGPIPE);
    }
    printer.tell_failures(work_dir);
    return printer.num_failed() > 0 ? tasks_failed : all_well;
}

}  // namespace qmr::cli
