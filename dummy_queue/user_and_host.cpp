#include "dummy_queue/user_and_host.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

namespace qmr::dummy_queue {

User this_user() {
    const passwd* const entry = getpwuid(geteuid());
    if (entry == nullptr) return {std::to_string(geteuid()), "/"};
    return {entry->pw_name, entry->pw_dir};
}

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

std::string got_send_error() {
    return fmt::format("unable to send message to qmaster using port 6444 on host \"{}\": got send error",
                       host_name());
}

void sleep_for(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

int guarded_main(const char* program, int argc, char** argv,
                 int (*run)(const std::vector<std::string>& arguments)) {
    try {
        const int exit_code = run({argv + (argc > 0 ? 1 : 0), argv + argc});
        return std::fflush(stdout) == 0 ? exit_code : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", program, error.what());
        return 1;
    }
}

}  // namespace qmr::dummy_queue
