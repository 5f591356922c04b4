#pragma once
// Who asks, and where.

#include <sys/types.h>

#include <string>
#include <vector>

namespace qmr::dummy_queue {

struct User {
    std::string name;
    std::string home;
};

/// As the system knows the user of this process, whatever USER and HOME say.
[[nodiscard]] User this_user();
[[nodiscard]] std::string host_name();

/// The text of clients that do not reach the qmaster.
[[nodiscard]] std::string got_send_error();
inline constexpr const char* connection_refused =
    "error: commlib error: got select error (Connection refused)\n";

/// Sleeps through signals that do not kill.
void sleep_for(double seconds);

/// Runs a program's main; what it can not handle becomes one line on stderr and exit code 1.
int guarded_main(const char* program, int argc, char** argv,
                 int (*run)(const std::vector<std::string>& arguments));

}  // namespace qmr::dummy_queue
