#pragma once

#include <filesystem>
#include <functional>

#include "cli/print_outcomes.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

/// How a person goes on with a map of this command: PoolOptions::resume_hint.
inline constexpr const char* resume_hint = "qmr resume {work_dir}";

/// Runs a map that hands its outcomes to the printer, and tells which tasks failed. Throws ReaderGone, with
/// its queue jobs deleted. `run` throws as Pool::for_each_result().
[[nodiscard]] ExitCode run_map(const std::filesystem::path& work_dir, OutcomePrinter& printer,
                               const std::function<void()>& run);

}  // namespace qmr::cli
