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
        return all_well;
    }
    printer.tell_failures(work_dir);
    return printer.num_failed() > 0 ? tasks_failed : all_well;
}

}  // namespace qmr::cli
