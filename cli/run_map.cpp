#include "cli/run_map.hpp"

namespace qmr::cli {

ExitCode run_map(const std::filesystem::path& work_dir, OutcomePrinter& printer,
                 const std::function<void()>& run) {
    run();
    printer.tell_failures(work_dir);
    return printer.num_failed() > 0 ? tasks_failed : all_well;
}

}  // namespace qmr::cli
