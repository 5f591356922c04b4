#include "simulation/setup.hpp"

#include <algorithm>
#include <array>

namespace qmr::detail::simulation {

namespace {

class Drawing {
  public:
    Drawing(World& world, bool is_pulled) : world_(world), dice_(world.dice), setup_(world.setup) {
        setup_.options.is_pulled = is_pulled;
    }

    void draw() {
        draw_sizes();
        draw_limits();
        draw_hosts(1);
        const std::size_t kind = dice_.pick(1, 100);
        if (kind <= 4) {
            setup_.is_faultless = true;
            options().demand.first.walltime = std::chrono::seconds{0};
            draw_tasks(0);
        } else if (kind <= 20) {
            setup_.only_tasks_fail = true;
            setup_.options.file_system_latency = Seconds{30};
            draw_tasks(0.25);
        } else if (kind <= 25 && options().num_chunks > Breaker::max_num_same) {
            setup_.only_set_up_fails = true;
            // Long enough for the batch system to say of each end what it says of the others.
            options().file_system_latency = Seconds{30};
            setup_.how_wrong = draw_death();
            setup_.set_up_wrong_until = dice_.chance(0.7) ? never : dice_.between(5, 300);
            draw_tasks(0);
        } else {
            draw_hosts(dice_.pick(1, 4));
            draw_tasks(dice_.chance(0.5) ? 0.15 : 0);
            draw_faults();
        }
        if (dice_.chance(0.33)) draw_backups();
        if (dice_.chance(0.5)) options().pull_way = PullWay::ascending;
    }

  private:
    MonitorOptions& options() { return setup_.options; }

    void draw_sizes() {
        const bool are_many = dice_.pick(1, 1000) <= 4;
        options().num_chunks = are_many ? dice_.pick(50, 200) : dice_.pick(1, dice_.pick(2, 12));
        options().max_num_jobs = std::min(options().num_chunks, dice_.pick(1, 8));
        options().max_jobs_per_submission = dice_.chance(0.3) ? 1 : dice_.pick(2, options().num_chunks + 1);
        setup_.num_slots = dice_.pick(1, options().num_chunks + 1);
        setup_.longest_wait_for_slot = dice_.between(0, 30);
        if (dice_.chance(0.2)) setup_.places = {"near", "far"};
        if (dice_.chance(0.7)) setup_.settling_time = dice_.between(0.1, 2);
    }

    void draw_limits() {
        constexpr std::array latencies{0, 5, 20, 60};
        options().file_system_latency = Seconds{static_cast<double>(latencies.at(dice_.pick(0, 3)))};
        options().max_num_resubmissions = dice_.pick(0, 4);
        options().max_num_idle_jobs = dice_.pick(1, 4);
        for (const Cause cause : {Cause::error_state, Cause::vanished, Cause::worker_failure,
                                  Cause::corrupt_result, Cause::out_of_memory, Cause::out_of_time})
            if (dice_.chance(0.4)) options().max_num_retries[cause] = dice_.pick(0, 3);
        Demand& first = options().demand.first;
        Demand& most = options().demand.most;
        if (dice_.chance(0.5)) first.memory = gigabyte;
        if (dice_.chance(0.5)) first.walltime = std::chrono::seconds{60};
        if (dice_.chance(0.3)) most.memory = gigabyte * dice_.pick(1, 4);
        if (dice_.chance(0.3)) most.walltime = std::chrono::seconds{60 * dice_.pick(1, 4)};
        if (dice_.chance(0.3)) setup_.max_job_time = dice_.between(1, 60);
    }

    void draw_hosts(std::size_t number) {
        world_.hosts.clear();
        for (std::size_t i = 0; i < number; ++i) {
            Host& host = world_.hosts.emplace_back();
            host.name = "node" + std::to_string(i);
        }
    }

    void draw_tasks(double share_of_bad) {
        world_.chunks.resize(options().num_chunks);
        for (Chunk& chunk : world_.chunks) {
            chunk.tasks.resize(dice_.pick(1, 4));
            for (Task& task : chunk.tasks) {
                task.duration = dice_.between(0.1, 15);
                if (dice_.chance(share_of_bad)) draw_bad(task);
            }
        }
    }

    void draw_backups() {
        options().backup_factor = dice_.between(1.5, 5).count();
        // Where only tasks are to blame, no other may run out of time.
        const bool may_be_slow = !setup_.only_tasks_fail || options().demand.first.walltime.count() == 0;
        if (may_be_slow) setup_.share_of_slow = dice_.between(0.1, 0.4).count();
    }

    void draw_bad(Task& task) {
        constexpr std::array kinds{TaskKind::throws,       TaskKind::ends_its_process,
                                   TaskKind::kills_all,    TaskKind::kills_its_tasks,
                                   TaskKind::wants_memory, TaskKind::wants_time};
        task.kind = kinds.at(dice_.pick(0, kinds.size() - 1));
        if (task.kind == TaskKind::wants_memory)
            task.memory = dice_.chance(0.3) ? gigabyte * 1000 : gigabyte * dice_.pick(2, 6);
        if (task.kind == TaskKind::wants_time) task.duration = Seconds{dice_.chance(0.3) ? 3000.0 : 100.0};
    }

    // Each history has some kinds of faults, seldom or often.
    void draw_faults() {
        constexpr std::array rates{0.01, 0.05, 0.25};
        const double share = dice_.between(0.02, 0.4).count();
        for (std::size_t i = 0; i < num_faults; ++i)
            if (dice_.chance(share))
                world_.faults.set_rate(static_cast<Fault>(i), rates.at(dice_.pick(0, 2)));
        world_.faults.set_most(20 + 5 * options().num_chunks);
        Faults& faults = world_.faults;
        for (Host& host : world_.hosts) {
            host.is_black_hole = faults.can_strike(Fault::black_hole) && dice_.chance(0.4);
            host.how_black = draw_death();
            host.has_other_binary = faults.can_strike(Fault::binary_has_changed) && dice_.chance(0.3);
        }
        if (faults.can_strike(Fault::black_hole)) faults.set_rate(Fault::black_hole, 0.9);
        if (faults.can_strike(Fault::wrong_set_up) && dice_.chance(0.3)) {
            setup_.how_wrong = draw_death();
            setup_.set_up_wrong_until = dice_.chance(0.5) ? never : dice_.between(5, 300);
        }
        if (faults.can_strike(Fault::node_is_killed) || faults.can_strike(Fault::node_is_interrupted))
            setup_.num_lives = dice_.pick(2, 4);
    }

    Death draw_death() {
        constexpr std::array deaths{Death::no_trace, Death::no_launcher, Death::error_state, Death::in_setup,
                                    Death::can_not_write};
        return deaths.at(dice_.pick(0, deaths.size() - 1));
    }

    static constexpr std::uint64_t gigabyte = 1'000'000'000;

    World& world_;
    Dice& dice_;
    Setup& setup_;
};

}  // namespace

void set_up(World& world, bool is_pulled) {
    Drawing(world, is_pulled).draw();
}

}  // namespace qmr::detail::simulation
