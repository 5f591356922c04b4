#include <fmt/format.h>

#include "dummy_queue/deletion.hpp"
#include "dummy_queue/help.hpp"
#include "dummy_queue/programs.hpp"
#include "dummy_queue/shepherd.hpp"
#include "dummy_queue/state_file.hpp"
#include "dummy_queue/user_and_host.hpp"

namespace qmr::dummy_queue {
namespace {

constexpr const char* qdel_usage = "dummy_qdel job|job.task|name[,...] [-t tasks] ...";

std::optional<Fault> take_qdel_fault() {
    std::optional<Fault> fault;
    change_state(state_path_of_environment(), [&](State& state) {
        ++state.num_qdel_calls;
        fault = take_fault(state.faults, {FaultKind::qdel_fails, FaultKind::qdel_hangs});
    });
    return fault;
}

int run_qdel(const std::vector<std::string>& words) {
    if (!words.empty() && (words[0] == "--help" || words[0] == "-help")) {
        fmt::print("{}",
                   help_text(qdel_usage, "Deletes queue jobs, or tasks of arrays, from the dummy queue."));
        return 0;
    }
    const auto arguments = read_deletion_arguments(words);
    if (!arguments.error.empty()) {
        fmt::print(stderr, "usage: {}\n{}\n", qdel_usage, arguments.error);
        return 1;
    }
    if (arguments.requests.empty()) {
        fmt::print("ERROR! no option argument\n");
        fmt::print(stderr, "usage: {}\n", qdel_usage);
        return 1;
    }
    if (const auto fault = take_qdel_fault()) {
        if (fault->kind == FaultKind::qdel_fails) {
            fmt::print(stderr, "{}", connection_refused);
            fmt::print("{}\n", got_send_error());
            return 1;
        }
        sleep_for(fault->seconds);
    }
    DeletionAnswer answer;
    change_state(state_path_of_environment(), [&](State& state) {
        answer = delete_tasks(state, this_user().name, arguments.requests, chunks_of_job);
    });
    for (const auto shepherd : answer.shepherds) kill_command_of(shepherd);
    fmt::print("{}", answer.out);
    return answer.exit_code;
}

}  // namespace

int qdel_main(int argc, char** argv) {
    return guarded_main("dummy_qdel", argc, argv, run_qdel);
}

}  // namespace qmr::dummy_queue
