#pragma once
// What qmr doctor can see on this host: the options, and the batch system by its programs.

#include <optional>
#include <qmr/options.hpp>
#include <qmr/site.hpp>
#include <span>
#include <vector>

#include "cli/doctor_check.hpp"
#include "cli/pool_options_given.hpp"

namespace qmr::cli {

/// Makes a check. One that throws is wrong, with what the exception says.
template <class Look>
[[nodiscard]] Check look_at(const char* name, Look look) {
    try {
        return look();
    } catch (const std::exception& bad) {
        return {Mark::wrong, name, bad.what()};
    }
}

/// Which config files there are, and whether the options make sense. Sets those that a map would have; where
/// config files are wrong, those that it would have without them. Reads files. Throws BadInput for the
/// command line, and for environment variables.
[[nodiscard]] Check check_config(const PoolOptionsGiven& given, PoolOptions& options);

/// A check for each batch system. Programs that are not there are wrong when a batch system is named.
[[nodiscard]] std::vector<Check> check_programs(std::span<const BatchSystemPrograms> found, bool is_named);

/// What find_queue() gave, and how long that took.
[[nodiscard]] Check check_queue(const SiteQueue& queue, Seconds took, const PoolOptions& options);

}  // namespace qmr::cli
