#include <fmt/format.h>
#include <unistd.h>

#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <iostream>
#include <iterator>

#include "dummy_queue/help.hpp"
#include "dummy_queue/programs.hpp"
#include "dummy_queue/state_file.hpp"
#include "dummy_queue/submission.hpp"
#include "dummy_queue/user_and_host.hpp"

namespace qmr::dummy_queue {
namespace {

std::string read_script(const std::string& path) {
    std::string text;
    if (path == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
        if (text.empty()) {
            throw QsubRefusal{"Unable to read script file because of error: no input read from stdin", 4};
        }
        return text;
    }
    boost::filesystem::ifstream file(path, std::ios::binary);
    if (!file) {
        throw QsubRefusal{fmt::format("Unable to read script file because of error: error opening {}: {}",
                                      path, strerror(errno)),
                          14};
    }
    text.assign(std::istreambuf_iterator<char>(file), {});
    return text;
}

QsubSurroundings surroundings_of_this_process(const User& user) {
    std::vector<std::string> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
    return {environment, boost::filesystem::current_path().native(), user.name, user.home, host_name(),
            read_script};
}

/// In the order of the state file, the first that is live strikes.
std::optional<Fault> take_qsub_fault(State& state) {
    return take_fault(state.faults, {FaultKind::qsub_refuses, FaultKind::qsub_fails_though_queued,
                                     FaultKind::qsub_hangs, FaultKind::qsub_hangs_though_queued});
}

SubmissionAnswer refusal(const Fault& fault, const State& state, const std::string& user) {
    if (!fault.message.empty()) return {"", fault.message + "\n", fault.exit_code};
    if (fault.exit_code == 25) {
        const auto num_jobs = num_jobs_of(state, user);
        return unable_to_run(too_many_jobs(state.max_u_jobs == 0 ? num_jobs : state.max_u_jobs, num_jobs),
                             25);
    }
    auto answer = unable_to_run(got_send_error(), fault.exit_code);
    answer.err = connection_refused + answer.err;
    return answer;
}

SubmissionAnswer answer_to(const QsubRequest& request) {
    const auto path = state_path_of_environment();
    const auto user = this_user();
    std::optional<Fault> fault;
    SubmissionAnswer answer;
    const auto ask = [&](State& state) {
        answer = submit(state, request, user.name, host_name(), std::time(nullptr));
    };
    change_state(path, [&](State& state) {
        ++state.num_qsub_calls;
        fault = take_qsub_fault(state);
        if (fault && fault->kind == FaultKind::qsub_refuses) {
            answer = refusal(*fault, state, user.name);
        } else if (!fault || fault->kind != FaultKind::qsub_hangs) {
            ask(state);
        }
    });
    if (!fault || fault->kind == FaultKind::qsub_refuses || answer.exit_code != 0) return answer;
    if (fault->kind != FaultKind::qsub_fails_though_queued) sleep_for(fault->seconds);
    if (fault->kind == FaultKind::qsub_hangs) {
        change_state(path, ask);
        return answer;
    }
    return unable_to_run("got read error", 1);
}

int run_qsub(const std::vector<std::string>& arguments) {
    if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-help")) {
        fmt::print("{}",
                   help_text("dummy_qsub [options of qsub] [command or script [arguments]]",
                             "Puts a queue job into the dummy queue. It runs when dummy_qstat is called."));
        return 0;
    }
    try {
        const auto request = read_qsub_arguments(arguments, surroundings_of_this_process(this_user()));
        for (const auto& warning : request.warnings) fmt::print("{}\n", warning);
        const auto answer = answer_to(request);
        fmt::print("{}", answer.out);
        fmt::print(stderr, "{}", answer.err);
        return answer.exit_code;
    } catch (const QsubRefusal& refusal) {
        fmt::print(stderr, "{}\n", refusal.message);
        return refusal.exit_code;
    }
}

}  // namespace

int qsub_main(int argc, char** argv) {
    return guarded_main("dummy_qsub", argc, argv, run_qsub);
}

}  // namespace qmr::dummy_queue
