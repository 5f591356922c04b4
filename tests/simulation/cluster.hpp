#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decisions/places.hpp"
#include "simulation/world.hpp"

namespace qmr::detail::simulation {

/// The batch system of the model, its hosts, and the workers there. It goes on while the world's time does.
class Cluster {
  public:
    explicit Cluster(World& world) : world_(world) {}

    void advance(Seconds until);

    // What the programs of the batch system do. Each may take its time.

    [[nodiscard]] SubmitVerdict submit(const Submit& order);
    /// Of all these places. None: no listing of all of them could be had.
    [[nodiscard]] std::optional<std::vector<SeenJob>> list(const Places& places);
    void remove(const std::vector<JobKey>& keys);
    void remove_by_name(std::size_t isubmission);
    /// Null: nothing is known of its end, perhaps not yet.
    [[nodiscard]] const Account* account_of(JobKey key) const;

  private:
    void enqueue(const Submit& order);
    [[nodiscard]] SubmitVerdict unclear(bool is_full = false);
    bool hangs(Fault fault);
    void draw_outage();
    [[nodiscard]] std::vector<SeenJob> true_listing();
    void note_what_is_seen(const std::vector<SeenJob>& listing);

    void happens(Job& job);
    void start(Job& job);
    [[nodiscard]] Death fate_on(const Host& host);
    [[nodiscard]] std::size_t choose_host(const Job& job);
    void start_processes(Job& job);
    void wait_for_slot(Job& job);
    void offer_slot();
    void delete_job(Job& job);
    void stop_processes(Job& job);
    void end_job(Job& job, Account account, bool is_accounted = true);
    void forget(Job& job);

    // Workers.

    void go_on(Process& process);
    void take_chunk(Process& process);
    [[nodiscard]] std::optional<std::size_t> next_claim(Process& process);
    [[nodiscard]] std::optional<std::size_t> propose(Process& process);
    void begin_chunk(Process& process, std::size_t ichunk);
    [[nodiscard]] std::size_t take_over(Process& process, Chunk& chunk);
    void begin_task(Process& process);
    /// When all outcomes of the process count, goes on with `next`.
    void settle_and(Process& process, void (Cluster::*next)(Process&));
    void run_task(Process& process);
    void draw_fault(Process& process, const Task& task);
    void finish_task(Process& process);
    void add_record(Process& process);
    void settle(Process& process);
    void live_on(Process& process);
    void add_wrong_record(Process& process);
    [[nodiscard]] static Settling::Time as_time(Seconds t);
    void commit(Process& process);
    void tell(Process& process, Cause cause, const char* message, int signal, bool may_retry = true);
    void leave(Process& process, int exit_code);
    void end_by_limit(Process& process, Cause cause);

    [[nodiscard]] Job& job_of(const Process& process) { return world_.jobs[process.ijob]; }

    World& world_;
};

}  // namespace qmr::detail::simulation
