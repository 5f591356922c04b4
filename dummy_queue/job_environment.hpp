#pragma once
// The environment of a queue job, which is not that of the caller.

#include <string>
#include <vector>

#include "dummy_queue/step.hpp"

namespace qmr::dummy_queue {

/// What this machine adds to an order.
struct JobPlace {
    std::string user;
    std::string home;
    std::string host;
    std::string temporary_directory;
    std::string spool_directory;
    std::string script;  ///< the copy of the script, or the program
    std::string working_directory;
    std::string stdout_path;
    std::string stderr_path;
};

/// NAME=VALUE, each name once. What Grid Engine sets wins over what -v and -V brought.
[[nodiscard]] std::vector<std::string> job_environment(const RunOrder&, const JobPlace&);

}  // namespace qmr::dummy_queue
