#include <fmt/format.h>

#include <ctime>
#include <memory>
#include <sstream>

#include "dummy_queue/description.hpp"
#include "dummy_queue/help.hpp"
#include "dummy_queue/late_files.hpp"
#include "dummy_queue/listing.hpp"
#include "dummy_queue/programs.hpp"
#include "dummy_queue/shepherd.hpp"
#include "dummy_queue/state_file.hpp"
#include "dummy_queue/step.hpp"
#include "dummy_queue/user_and_host.hpp"

namespace qmr::dummy_queue {
namespace {

constexpr const char* qstat_usage = "dummy_qstat [-xml] [-u user,...] [-s p|r|s|h|a ...] | -j job,...";

struct QstatRequest {
    bool xml = false;
    std::string described;  ///< -j
    ListingFilter filter;
    std::string error;
};

QstatRequest read_arguments(const std::vector<std::string>& words) {
    QstatRequest request;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool has_value = i + 1 < words.size();
        if (words[i] == "-xml") {
            request.xml = true;
        } else if (words[i] == "-u" && has_value) {
            std::istringstream in(words[++i]);
            for (std::string user; std::getline(in, user, ',');) request.filter.owners.push_back(user);
        } else if (words[i] == "-s" && has_value) {
            const auto& letters = words[++i];
            const auto has = [&](const char* any) { return letters.find_first_of(any) != std::string::npos; };
            if (letters.empty() || letters.find_first_not_of("prsha") != std::string::npos) {
                request.error = "ERROR! wrong argument to -s option";
            }
            request.filter.pending = has("pa");
            request.filter.running = has("ra");
            request.filter.held = has("h");
        } else if (words[i] == "-j" && has_value) {
            request.described = words[++i];
        } else if (words[i] == "-u" || words[i] == "-s" || words[i] == "-j") {
            request.error = fmt::format("{} option must have argument", words[i]);
        } else {
            request.error = fmt::format("invalid option argument \"{}\"", words[i]);
        }
        if (!request.error.empty()) break;
    }
    if (!request.described.empty() && request.xml) request.error = "dummy_qstat does not model -j with -xml";
    if (request.filter.owners.empty()) request.filter.owners.push_back(this_user().name);
    return request;
}

std::optional<Fault> take_qstat_fault(const boost::filesystem::path& state_path) {
    std::optional<Fault> fault;
    change_state(state_path, [&](State& state) {
        ++state.num_qstat_calls;
        fault = take_fault(state.faults, {FaultKind::qstat_fails, FaultKind::qstat_hangs,
                                          FaultKind::qstat_garbage, FaultKind::qstat_warns});
    });
    return fault;
}

/// The lock is not held while the command runs.
void make_one_step(const boost::filesystem::path& state_path) {
    std::unique_ptr<Shepherd> shepherd;
    bool waits = true;
    change_state(state_path, [&](State& state) {
        waits = state.waits;
        put_back_late_files(state);
        forget_lost_tasks(state, is_alive);
        if (const auto order = advance(state, std::time(nullptr), chunks_of_job)) {
            shepherd = std::make_unique<Shepherd>(state_path, *order);
            mark_taken(state, *order, shepherd->pid());
        }
    });
    if (!shepherd) return;
    shepherd->let_go();
    if (waits) shepherd->wait();
}

/// What to show now; with a lag, what was to be shown some calls ago.
std::vector<ListedEntry> entries_to_show(State& state) {
    auto entries = list_entries(state, host_name());
    count_call_for_lingering_tasks(state);
    std::uint64_t num_to_keep = 0;
    for (const auto& fault : state.faults) {
        if (fault.kind == FaultKind::listing_lags) num_to_keep = std::max(num_to_keep, fault.num_calls);
    }
    auto& earlier = state.earlier_listings;
    if (const auto lag = take_fault(state.faults, {FaultKind::listing_lags}); lag && lag->num_calls > 0) {
        std::vector<ListedEntry> late;
        if (lag->num_calls <= earlier.size()) late = earlier[earlier.size() - lag->num_calls];
        earlier.push_back(std::move(entries));
        entries = std::move(late);
    } else if (num_to_keep > 0) {
        earlier.push_back(entries);
    }
    while (earlier.size() > num_to_keep) earlier.erase(earlier.begin());
    return entries;
}

/// No time passes.
int describe(const boost::filesystem::path& state_path, const std::string& jobs) {
    const auto answer = describe_jobs(LockedStateFile(state_path).load(), jobs);
    fmt::print("{}", answer.out);
    fmt::print(stderr, "{}", answer.err);
    return answer.exit_code;
}

int run_qstat(const std::vector<std::string>& words) {
    if (!words.empty() && (words[0] == "--help" || words[0] == "-help")) {
        fmt::print("{}", help_text(qstat_usage, "Makes one step in the dummy queue, then lists it."));
        return 0;
    }
    const auto request = read_arguments(words);
    if (!request.error.empty()) {
        fmt::print(stderr, "usage: {}\n{}\n", qstat_usage, request.error);
        return 1;
    }
    const auto state_path = state_path_of_environment();
    if (!request.described.empty()) return describe(state_path, request.described);
    const auto fault = take_qstat_fault(state_path);
    if (fault && fault->kind == FaultKind::qstat_hangs) sleep_for(fault->seconds);
    if (fault && fault->kind == FaultKind::qstat_fails) {
        fmt::print(stderr, "{}error: {}\n", connection_refused, got_send_error());
        return 1;
    }
    make_one_step(state_path);
    std::vector<ListedEntry> entries;
    change_state(state_path, [&](State& state) { entries = entries_to_show(state); });
    const auto wanted = filtered(entries, request.filter);
    auto text = request.xml ? to_xml(wanted) : to_table(wanted);
    if (fault && fault->kind == FaultKind::qstat_garbage) text.resize(text.size() * 2 / 3);
    if (fault && fault->kind == FaultKind::qstat_warns) {
        fmt::print(stderr, "{}\n",
                   fault->message.empty() ? "warning: the dummy queue warns" : fault->message);
    }
    fmt::print("{}", text);
    return 0;
}

}  // namespace

int qstat_main(int argc, char** argv) {
    return guarded_main("dummy_qstat", argc, argv, run_qstat);
}

}  // namespace qmr::dummy_queue
