#include "simulation/history.hpp"

#include <exception>
#include <optional>

#include "simulation/node.hpp"
#include "simulation/setup.hpp"

namespace qmr::detail::simulation {

namespace {

constexpr std::size_t max_num_passes = 100'000;

class History {
  public:
    History(std::uint64_t seed, bool is_pulled, bool is_traced)
        : world_(2 * seed + (is_pulled ? 1 : 0)), cluster_(world_) {
        world_.is_traced = is_traced;
        set_up(world_, is_pulled);
        referee_.emplace(world_);
    }

    HistoryOutcome play() {
        try {
            while (!live() && world_.problem.empty()) {
            }
        } catch (const std::exception& bad) {
            world_.wrong("thrown: {}", bad.what());
        }
        if (world_.problem.empty()) check_end();
        return {world_.problem, world_.faults.counts(), num_passes_};
    }

  private:
    // Of one process node; true at the end of the map.
    bool live() {
        ++num_lives_;
        const bool is_last = num_lives_ >= world_.setup.num_lives;
        std::size_t fuse = 0;
        std::optional<std::size_t> interrupted_after;
        if (!is_last && world_.faults.can_strike(Fault::node_is_killed) && world_.dice.chance(0.7))
            fuse = world_.dice.pick(1, 10 + 5 * world_.chunks.size());
        else if (!is_last && world_.faults.can_strike(Fault::node_is_interrupted))
            interrupted_after = world_.dice.pick(0, 30);
        try {
            return live(fuse, interrupted_after);
        } catch (const NodeKilled&) {
            world_.faults.count(Fault::node_is_killed);
            cluster_.advance(world_.t + world_.dice.between(0, 300));
            return false;
        }
    }

    bool live(std::size_t fuse, std::optional<std::size_t> interrupted_after) {
        Node node(world_, cluster_, *referee_, journal_, fuse);
        world_.last_progress = world_.t;
        for (std::size_t ipass = 0; ipass != interrupted_after; ++ipass) {
            ++num_passes_;
            const Node::End end = node.pass();
            if (!world_.problem.empty()) return true;
            if (end == Node::End::done) {
                is_clean_ = node.leave_nothing_behind();
                return true;
            }
            if (end == Node::End::aborted) {
                check_abort(node.abort());
                static_cast<void>(node.leave_nothing_behind());
                return false;
            }
            check_time();
            if (num_passes_ > max_num_passes) world_.wrong("it does not end");
        }
        world_.faults.count(Fault::node_is_interrupted);
        world_.say("the process node is interrupted");
        static_cast<void>(node.leave_nothing_behind());
        return false;
    }

    // Somebody who looks at it, and goes on when the batch system is back.
    void check_abort(const std::string& why) {
        world_.say("the map ends: {}", why);
        if (world_.num_unclear + world_.num_failed_lists < 10) world_.wrong("the map ends: {}", why);
        if (++num_aborts_ > 10) world_.wrong("the map never gets on: {}", why);
    }

    // What is waited for at most: a slot, a task, a queue job that is held or suspended, a program that says
    // "not now", a listing that fails again and again, a claim or file that is seen late. Some of it twice.
    void check_time() {
        constexpr Seconds of_cluster{30 + 3000 + 200 + 300};
        constexpr Seconds of_programs{60 + 60 + 2 * 60};
        const Seconds longest = of_cluster + of_programs + 3 * world_.setup.options.file_system_latency;
        if (world_.t - world_.last_progress > longest)
            world_.wrong("nothing has happened for {} s", longest.count());
    }

    void check_end() {
        referee_->check_end();
        if (!is_clean_) {
            check_excuse();
            return;
        }
        cluster_.advance(world_.t + Seconds{10'000});
        for (const std::size_t ijob : world_.queue)
            world_.wrong("queue job {}.{} is left in the queue", world_.jobs[ijob].key.isubmission,
                         world_.jobs[ijob].key.index);
    }

    // It tells that it could not delete all; there must have been something in the way.
    void check_excuse() {
        for (const Fault fault : {Fault::delete_fails, Fault::delete_hangs, Fault::list_fails,
                                  Fault::list_hangs, Fault::list_is_garbage, Fault::outage})
            if (world_.faults.count_of(fault) > 0) return;
        world_.wrong("queue jobs may be left in the queue, and nothing was in the way");
    }

    World world_;
    Cluster cluster_;
    std::optional<Referee> referee_;
    Journal journal_;
    std::size_t num_lives_ = 0;
    std::size_t num_aborts_ = 0;
    std::size_t num_passes_ = 0;
    bool is_clean_ = false;
};

}  // namespace

HistoryOutcome play(std::uint64_t seed, bool is_pulled, bool is_traced) {
    return History(seed, is_pulled, is_traced).play();
}

}  // namespace qmr::detail::simulation
