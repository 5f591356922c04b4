#include "pool/map_driver.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "adapters/interrupts.hpp"
#include "adapters/options_json.hpp"
#include "ground/host.hpp"
#include "ground/only_errors.hpp"
#include "pool/environments.hpp"
#include "pool/map_setup.hpp"
#include "pool/monitor_plan.hpp"
#include "pool/program_maps.hpp"
#include "pool/queue_setup.hpp"
#include "pool/take_over.hpp"
#include "pool/what_next.hpp"
#include "ports/local_queue.hpp"

namespace qmr::detail {

namespace {

std::string counted(std::size_t number, const char* word) {
    return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

}  // namespace

MapDriver::MapDriver(OpenMap& map, MapSize size, std::optional<InOrder> in_order)
    : map_(map),
      size_(std::move(size)),
      in_order_(std::move(in_order)),
      jobs_plan_(plan_jobs(map.options, size_.num_chunks, map.num_cores_if_local())) {
    if (in_order_) jobs_plan_.pull_way = PullWay::ascending;
}

MapDriver::~MapDriver() {
    if (loop_) loop_->leave_nothing_behind();
    queue_.reset();
}

void MapDriver::set_limits(Manifest& manifest) const {
    manifest.batch_system = map_.choice.name();
    manifest.is_pulled = jobs_plan_.is_pulled;
    manifest.pull_way = jobs_plan_.pull_way;
    manifest.max_job_time = jobs_plan_.max_job_time.count();
    if (!map_.is_local()) {
        manifest.add_withheld_names(names_not_for_tasks(map_.options, map_.choice));
        if (map_.there) manifest.add_withheld_names(map_.there->withheld_names);
        manifest.walltime = static_cast<double>(map_.options.resources.walltime.count());
        manifest.settling_time = map_.options.settling_time.count();
    }
    manifest.max_num_retries_exception = map_.options.max_num_retries.exception;
    manifest.max_num_retries_crash = map_.options.max_num_retries.crash;
    manifest.options = options_to_json(map_.options);
}

void MapDriver::update_manifest() {
    Manifest manifest = map_.there.value();
    set_limits(manifest);
    write_manifest(map_.names(), manifest);
}

void MapDriver::submit() {
    if (map_.is_local())
        throw BadInput(
            "map: queue jobs on the local cores end with this process, so it can not leave them alone; "
            "nothing "
            "was submitted");
    drive([](std::size_t, Loader&) {}, Until::all_submitted);
}

void MapDriver::drive(const LoadResult& load, Until until) {
    tell_plan();
    do_values_stay_ = !load;
    bool is_complete = false;
    int signal = 0;
    {
        // Also while the queue is cleaned after an error; and a signal that came too late to stop anything is
        // the program's all the same.
        const Interrupts interrupts(end_signals, Interrupts::AtEnd::raise);
        is_complete = run_loop(load, until);
        signal = Interrupts::received();
    }
    if (!is_complete) throw_interrupted(signal, map_.names());
}

// False: a signal ended it.
bool MapDriver::run_loop(const LoadResult& load, Until until) {
    bool is_complete = false;
    try {
        begin_loop();
        try {
            loop_->run(load, until);
            is_complete = until == Until::all_done || Interrupts::received() == 0;
            if (is_complete && until == Until::all_submitted) {
                leave_in_queue();
                return true;
            }
        } catch (const Interrupted&) {
            if (!map_.is_local())
                map_.progress.say(
                    "interrupted; deleting the queue jobs. Once more: leave at once, and leave them");
        }
        finish_loop();
    } catch (const LeaseLost&) {
        loop_.reset();  // what is in the queue is another's now
        throw;
    } catch (const CallerThrew&) {
        finish_loop(Taken::not_all);
        throw;
    } catch (const QueueError& bad) {
        finish_loop();
        throw QueueError(with_work_dir(bad));
    } catch (const std::exception& bad) {
        finish_loop();
        throw Error(with_work_dir(bad));
    }
    return is_complete;
}

void MapDriver::begin_loop() {
    queue_ = make_queue();
    loop_ = std::make_unique<MapLoop>(loop_context(), *queue_, map_.journal, map_.log, map_.progress);
    // From here on something is computed that may be worth keeping.
    map_.work_dir.keep();
    go_on();
}

MapPreview MapDriver::preview() {
    queue_ = make_queue();
    MapLoop loop(loop_context(), *queue_, map_.journal, map_.log, map_.progress);
    return {size_.num_tasks, size_.num_chunks, describe_plan(), loop.first_commands(),
            read_file(map_.names().launcher())};
}

void MapDriver::cancel() {
    const Interrupts interrupts(end_signals, Interrupts::AtEnd::raise);
    begin_loop();
    loop_->leave_nothing_behind();
    map_.log.write({{"level", "info"}, {"message", "cancelled"}});
    loop_.reset();
    queue_.reset();
}

void MapDriver::leave_in_queue() {
    const std::string text = fmt::format("left in the queue; to go on: {}", resume_hint());
    map_.log.write({{"level", "info"}, {"message", text}});
    map_.progress.say(text);
    loop_.reset();
    queue_.reset();
}

std::string MapDriver::describe_plan() const {
    return fmt::format("{} in {}{}; {}", counted(size_.num_tasks, "task"), counted(size_.num_chunks, "chunk"),
                       describe(jobs_plan_, map_.is_local()), describe_queue());
}

void MapDriver::tell_plan() {
    const std::string text = describe_plan();
    map_.log.write({{"level", "info"}, {"message", text}, {"session_id", map_.session_id}});
    map_.progress.say(text);
}

// Until it is known what there is, nothing of it is touched.
void MapDriver::go_on() {
    if (!map_.there) return;
    try {
        map_.journal.write({{"event", "resume"}, {"process_node", host_name()}, {"pid", ::getpid()}});
        const bool are_jobs_gone = !queue_->is_polled();
        loop_->take_over(read_past_map(map_.names(), size_.num_chunks, are_jobs_gone));
    } catch (const Error& bad) {
        loop_.reset();
        throw Error(
            fmt::format("map: can not go on now: {}; queue jobs that run were left alone", bad.what()));
    }
}

std::size_t MapDriver::max_num_local() const {
    return std::min(map_.num_cores, map_.options.max_num_running.value_or(map_.num_cores));
}

std::string MapDriver::describe_queue() const {
    if (!map_.is_local())
        return fmt::format("{}; files in {}", map_.choice.reason, map_.names().path().native());
    return fmt::format("{}: {} at a time", map_.choice.reason, max_num_local());
}

std::unique_ptr<JobQueue> MapDriver::make_queue() {
    if (map_.is_local())
        return std::make_unique<LocalQueue>(map_.names(), max_num_local(),
                                            task_environment(map_.options, map_.choice));
    return make_command_queue(map_.choice, map_.options, map_.names(), map_.session_id, map_.log,
                              [this] { map_.work_dir.lease().touch(); });
}

LoopContext MapDriver::loop_context() {
    LoopContext context{map_.names()};
    context.session_id = map_.session_id;
    context.tasks_of = size_.tasks_of;
    context.num_tasks = size_.num_tasks;
    context.polling_interval = map_.options.polling_interval;
    context.pending_notice = map_.options.pending_notice;
    context.require_lease = [this] { map_.work_dir.lease().touch(); };
    context.monitor = plan_monitor(map_.options, jobs_plan_, size_.num_chunks, map_.choice.batch_system);
    context.num_slots = map_.options.resources.slots;
    context.in_order = in_order_;
    return context;
}

std::string MapDriver::resume_hint() const {
    return how_to_go_on(map_.options.resume_hint, map_.names().path().native(),
                        map_.options.work_root.native());
}

std::string MapDriver::with_work_dir(const std::exception& bad) const {
    return fmt::format("{}; the files are kept in {}", message_of(bad), map_.names().path().native());
}

// Settles what becomes of the work_dir, with the queue left clean.
void MapDriver::finish_loop(Taken taken) {
    if (!loop_) return;
    loop_->leave_nothing_behind();
    failures_ = loop_->failures();
    const Standing standing = loop_->standing();
    const std::string path = map_.names().path().native();
    const bool is_clean =
        standing.num_done == standing.num_tasks && standing.num_failed == 0 && !loop_->has_stderr();
    const bool is_interrupted = Interrupts::received() != 0;
    const bool are_all_taken = taken == Taken::all;
    const bool is_wanted = !is_clean || !are_all_taken || is_interrupted || map_.options.keep_work_dir;
    const bool is_kept = is_wanted || !map_.options.work_root.empty();
    std::string text =
        fmt::format("{}{} of {} tasks done in {:.3g} s", is_interrupted ? "interrupted; " : "",
                    standing.num_done - standing.num_failed, standing.num_tasks, standing.elapsed.count());
    if (standing.num_failed > 0) text += fmt::format(", {} failed", standing.num_failed);
    if (loop_->has_stderr()) text += ", some wrote to stderr";
    if (is_wanted && !(is_clean && do_values_stay_)) text += fmt::format("; the files are kept in {}", path);
    if (standing.num_done < standing.num_tasks || !are_all_taken) text += "; to go on: " + resume_hint();
    map_.log.write({{"level", is_clean ? "info" : "warning"}, {"message", text}});
    map_.progress.conclude(standing, text);
    loop_.reset();
    queue_.reset();
    if (!is_wanted && is_kept) ProgramMaps::of_this_process().keep_until_exit(map_.names().path());
    if (!is_kept) map_.work_dir.release();
}

}  // namespace qmr::detail
