// What the programs of the batch system do: submit, list, delete, account.

#include <algorithm>

#include "simulation/cluster.hpp"

namespace qmr::detail::simulation {

namespace {

using Kind = SubmitVerdict::Kind;

std::string number_of(std::size_t isubmission) {
    return std::to_string(100 + isubmission);
}

std::string with_place(std::string number, const std::string& place) {
    return place.empty() ? number : number + ";" + place;
}

}  // namespace

// True: the program hangs until its time is over.
bool Cluster::hangs(Fault fault) {
    if (!world_.strikes(fault)) return false;
    world_.excuse(world_.setup.command_time_limit);
    advance(world_.t + world_.setup.command_time_limit);
    return true;
}

void Cluster::draw_outage() {
    constexpr std::size_t max_num_outages = 2;
    if (world_.t < world_.outage_until || world_.num_outages == max_num_outages ||
        !world_.strikes(Fault::outage))
        return;
    ++world_.num_outages;
    const Seconds time = world_.dice.between(10, 2000);
    world_.outage_until = world_.t + time;
    world_.excuse(time);
    world_.say("the batch system is away for {} s", time.count());
}

SubmitVerdict Cluster::unclear(bool is_full) {
    ++world_.num_unclear;
    return {Kind::unclear, {}, "no answer", 0, is_full};
}

SubmitVerdict Cluster::submit(const Submit& order) {
    if (world_.t < world_.outage_until || world_.strikes(Fault::submit_fails)) return unclear();
    if (hangs(Fault::submit_hangs)) return unclear();
    if (world_.strikes(Fault::submit_is_busy)) return {Kind::busy, {}, "not now", 0, false};
    if (world_.strikes(Fault::submit_is_full)) return unclear(true);
    if (order.jobs.size() > 1 && world_.strikes(Fault::submit_is_too_large))
        return {Kind::too_large, {}, "too large", world_.dice.pick(0, order.jobs.size() - 1), false};
    const bool may_be_refused = order.may_be_refused || !order.excluded_hosts.empty();
    if (may_be_refused && world_.strikes(Fault::submit_is_refused))
        return {Kind::refused, {}, "no such memory", 0, false};
    enqueue(order);
    if (world_.strikes(Fault::submit_fails_though_queued)) return unclear();
    if (world_.strikes(Fault::submit_is_full_though_queued)) return unclear(true);
    if (hangs(Fault::submit_hangs_though_queued)) return unclear();
    const std::string& place = world_.place_of[order.isubmission];
    if (world_.strikes(Fault::submit_does_not_tell_where))
        return {Kind::accepted, number_of(order.isubmission), {}, 0, false};
    return {Kind::accepted, with_place(number_of(order.isubmission), place), {}, 0, false};
}

void Cluster::enqueue(const Submit& order) {
    if (world_.jobs_of.size() <= order.isubmission) {
        world_.jobs_of.resize(order.isubmission + 1);
        world_.excluded.resize(order.isubmission + 1);
        world_.place_of.resize(order.isubmission + 1);
    }
    auto& jobs = world_.jobs_of[order.isubmission];
    if (!jobs.empty()) {
        world_.wrong("submission {} is there twice", order.isubmission);
        return;
    }
    world_.excluded[order.isubmission] = order.excluded_hosts;
    const auto& places = world_.setup.places;
    world_.place_of[order.isubmission] = places.size() > 1 && world_.strikes(Fault::submit_goes_elsewhere)
                                             ? places[world_.dice.pick(1, places.size() - 1)]
                                             : places.front();
    for (std::size_t i = 0; i < order.jobs.size(); ++i) {
        jobs.push_back(world_.jobs.size());
        world_.queue.push_back(world_.jobs.size());
        Job& job = world_.jobs.emplace_back();
        job.key = {order.isubmission, i + 1};
        job.submitted_at = world_.t;
        job.demand = order.demand;
        job.line = order.jobs[i];
        job.is_only = order.is_only;
        if (!world_.setup.options.is_pulled || order.is_only) job.touched = job.line;
        wait_for_slot(job);
        if (world_.strikes(Fault::job_is_held)) {
            job.state = JobState::held;
            job.next = world_.t + world_.dice.between(10, 200);
        }
    }
}

std::optional<std::vector<SeenJob>> Cluster::list(const Places& places) {
    draw_outage();
    if (hangs(Fault::list_hangs) || world_.t < world_.outage_until || world_.strikes(Fault::list_fails) ||
        world_.strikes(Fault::list_is_garbage)) {
        ++world_.num_failed_lists;
        return std::nullopt;
    }
    static_cast<void>(world_.strikes(Fault::list_comes_with_a_warning));  // which changes nothing
    // The program is asked once for each place.
    if (places.used().size() > 1 && world_.strikes(Fault::list_leaves_out_a_place)) {
        ++world_.num_failed_lists;
        return std::nullopt;
    }
    const auto is_elsewhere = [&](const SeenJob& seen) {
        return !places.used().contains(world_.place_of[seen.key.isubmission]);
    };
    std::vector<SeenJob> listing = true_listing();
    if (world_.listed_after) {
        std::erase_if(listing, [&](const SeenJob& seen) {
            const Job& job = *world_.find(seen.key);
            return !job.was_listed && world_.t - job.submitted_at < *world_.listed_after;
        });
        std::erase_if(listing, is_elsewhere);
        return listing;
    }
    if (world_.faults.can_strike(Fault::list_lags)) {
        world_.listings.push_back(listing);
        const std::size_t num_calls = world_.dice.pick(1, 3);
        if (world_.listings.size() > num_calls && world_.strikes(Fault::list_lags))
            listing = world_.listings[world_.listings.size() - 1 - num_calls];
    }
    if (!listing.empty() && world_.strikes(Fault::list_misses_a_job))
        listing.erase(listing.begin() + static_cast<std::ptrdiff_t>(world_.dice.pick(0, listing.size() - 1)));
    note_what_is_seen(listing);
    // Who asks in the wrong places has no excuse.
    std::erase_if(listing, is_elsewhere);
    return listing;
}

std::vector<SeenJob> Cluster::true_listing() {
    std::vector<SeenJob> listing;
    listing.reserve(world_.queue.size());
    for (const std::size_t ijob : world_.queue) {
        const Job& job = world_.jobs[ijob];
        SeenJob& seen = listing.emplace_back();
        seen.key = job.key;
        seen.JB_job_number = with_place(number_of(job.key.isubmission), world_.place_of[job.key.isubmission]);
        seen.state = world_.strikes(Fault::job_has_unknown_state) ? JobState::unknown : job.state;
    }
    return listing;
}

// What a listing says has happened, for whoever reads it, even if it is wrong or late.
void Cluster::note_what_is_seen(const std::vector<SeenJob>& listing) {
    for (const SeenJob& seen : listing)
        if (Job* job = world_.find(seen.key)) job->was_listed = true;
    for (const SeenJob& seen : listing)
        if (Job* job = world_.find(seen.key); seen.state == JobState::error)
            for (const std::size_t ichunk : job->touched) world_.mark(*job, ichunk, Cause::error_state);
    for (const std::size_t ijob : world_.queue) {
        Job& job = world_.jobs[ijob];
        const auto is_it = [&](const SeenJob& seen) { return seen.key == job.key; };
        const auto seen = std::ranges::find_if(listing, is_it);
        if (seen != listing.end() && seen->state != JobState::deleting) continue;
        ++world_.num_unlisted;
        world_.mark(job, Cause::vanished);
        for (const std::size_t ichunk : job.touched) world_.mark(job, ichunk, Cause::vanished);
    }
}

void Cluster::remove(const std::vector<JobKey>& keys) {
    if (keys.empty()) return;
    if (hangs(Fault::delete_hangs) || world_.t < world_.outage_until || world_.strikes(Fault::delete_fails))
        return;
    for (const JobKey key : keys)
        if (Job* job = world_.find(key)) delete_job(*job);
}

void Cluster::remove_by_name(std::size_t isubmission) {
    if (isubmission >= world_.jobs_of.size()) return;
    std::vector<JobKey> keys;
    for (std::size_t i = 0; i < world_.jobs_of[isubmission].size(); ++i) keys.push_back({isubmission, i + 1});
    remove(keys);
}

const Account* Cluster::account_of(JobKey key) const {
    const Job* job = world_.find(key);
    if (job == nullptr || !job->is_gone || job->account.known_from > world_.t) return nullptr;
    return &job->account;
}

}  // namespace qmr::detail::simulation
