#include "dummy_queue/listing.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <utility>

namespace qmr::dummy_queue {
namespace {

std::string queue_instance(const Submission& submission, const std::string& host) {
    auto queue = submission.queue_name.substr(0, submission.queue_name.find(','));
    if (queue.empty()) queue = "all.q";
    return queue.find('@') == std::string::npos ? queue + "@" + host : queue;
}

std::string state_word_of(const RunningTask& running) {
    if (running.deleted) return "dr";
    return running.restarted ? "Rr" : "r";
}

struct Lister {
    const std::string& host;
    std::vector<ListedEntry> entries;

    void add(const Job& job, const std::string& state_word, bool has_slot, std::int64_t since,
             const TaskSet& tasks) {
        if (tasks.empty()) return;
        const auto& submission = job.submission;
        entries.push_back({has_slot, job.JB_job_number, job.JB_name(), job.JB_owner, state_word, since,
                           has_slot ? queue_instance(submission, host) : "", submission.num_slots,
                           job.is_array() ? to_text(tasks, job.step()) : ""});
    }

    void add_with_slot(const Job& job) {
        std::vector<std::pair<std::uint64_t, std::pair<std::string, std::int64_t>>> tasks;
        for (const auto& r : job.running) tasks.push_back({r.task, {state_word_of(r), r.started_at}});
        for (const auto& l : job.lingering) {
            if (l.has_slot) tasks.push_back({l.task, {l.state_word, l.since}});
        }
        std::ranges::sort(tasks);
        for (const auto& [task, shown] : tasks) add(job, shown.first, true, shown.second, {task});
    }

    void add_waiting(const Job& job) {
        const std::string hold = job.submission.held ? "h" : "";
        std::map<std::string, TaskSet> by_word;
        for (const auto& l : job.lingering) {
            if (!l.has_slot) by_word[l.state_word].insert(l.task);
        }
        const auto merge = [&](const std::string& word, const TaskSet& tasks) {
            by_word[word].insert(tasks.begin(), tasks.end());
        };
        merge(job.submission.held ? "Ehqw" : "Eqw", job.in_error);
        merge(hold + "qw", job.waiting);
        merge(hold + "Rq", job.requeued);
        for (const auto& [word, tasks] : by_word) add(job, word, false, job.submitted_at, tasks);
    }
};

}  // namespace

std::vector<ListedEntry> list_entries(const State& state, const std::string& host) {
    Lister lister{host, {}};
    for (const auto& job : state.jobs) lister.add_with_slot(job);
    for (const auto& job : state.jobs) lister.add_waiting(job);
    return std::move(lister.entries);
}

std::vector<ListedEntry> filtered(const std::vector<ListedEntry>& entries, const ListingFilter& filter) {
    std::vector<ListedEntry> wanted;
    std::ranges::copy_if(entries, std::back_inserter(wanted), [&](const ListedEntry& entry) {
        const bool is_owner_wanted = std::ranges::any_of(filter.owners, [&](const std::string& owner) {
            return fnmatch(owner.c_str(), entry.JB_owner.c_str(), 0) == 0;
        });
        const bool is_held = entry.state_word.find('h') != std::string::npos;
        const bool is_state_wanted =
            entry.has_slot ? filter.running : filter.pending || (filter.held && is_held);
        return is_owner_wanted && is_state_wanted;
    });
    return wanted;
}

}  // namespace qmr::dummy_queue
