#include "qmr/detail/map_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <csignal>

#include "adapters/executable.hpp"
#include "adapters/interrupts.hpp"
#include "adapters/local_cores.hpp"
#include "adapters/manifest.hpp"
#include "ground/host.hpp"
#include "pool/chunk_writer.hpp"
#include "pool/map_loop.hpp"
#include "pool/map_setup.hpp"
#include "pool/monitor_plan.hpp"
#include "pool/plan.hpp"
#include "pool/queue_choice.hpp"
#include "pool/queue_setup.hpp"
#include "pool/take_over.hpp"
#include "pool/work_dir_setup.hpp"
#include "ports/local_queue.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

class MapRun::State {
  public:
    State(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks)
        : options_((require_init(), check_options(options, num_tasks), options)),
          place_(place_of(function)),
          executable_(own_executable()),
          session_id_(new_session_id()),
          progress_(options_.progress),
          work_dir_(choose_work_dir(options_, session_id_),
                    options_.resume.empty() ? OwnedWorkDir::Begin::empty : OwnedWorkDir::Begin::as_it_is,
                    longest_silence(options_), [this](const std::string& what) { progress_.say(what); }),
          there_(read_there()),
          session_(session_hash(session_id_)),
          choice_(choose_queue(options_)),
          num_cores_(usable_cores()),
          log_(names().log()),
          journal_(names().journal()),
          writer_(names(), session_, plan(num_tasks), options_.chunk_size.value_or(1), write()) {
        require_usable(names(), choice_);
        if (!there_) write_launcher(names(), options_, choice_, executable_);
    }

    ~State() {
        if (loop_) loop_->leave_nothing_behind();
        queue_.reset();
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Saver& begin_function() {
        function_buffer_.resize(std::size_t{1} << 14);
        function_file_ = std::make_unique<RecordFile>(
            names().function(), FileHeader{FileKind::function, session_, 0, 0, 0}, function_buffer_, write());
        function_file_->writer().begin_record(RecordKind::function);
        return function_file_->saver();
    }

    void end_function() {
        function_file_->writer().end_record();
        function_hash_ = function_file_->finish();
        if (!function_file_->needs_mending()) function_file_.reset();
    }

    std::vector<TaskFailure> collect(const LoadResult& load) {
        jobs_plan_ = plan_jobs(options_, writer_.num_chunks(), num_cores_if_local());
        const Manifest own = own_manifest();
        if (there_) {
            require_same_map(*there_, own, names());
            writer_.mend();
            if (function_file_) function_file_->mend();
        }
        work_dir_.lease().touch();
        write_manifest(names(), own);
        const std::string plan_text =
            fmt::format("{} tasks in {} chunks{}; {}", writer_.num_tasks(), writer_.num_chunks(),
                        describe(jobs_plan_, choice_.batch_system == nullptr), describe_queue());
        log_.write({{"level", "info"}, {"message", plan_text}, {"session_id", session_id_}});
        progress_.say(plan_text);
        int signal = 0;
        bool is_complete = false;
        try {
            const Interrupts interrupts;
            queue_ = make_queue();
            loop_ = std::make_unique<MapLoop>(loop_context(), *queue_, journal_, log_, progress_);
            // From here on something is computed that may be worth keeping.
            work_dir_.keep();
            go_on();
            try {
                loop_->run(load);
                is_complete = true;
            } catch (const Interrupted& interrupted) {
                signal = interrupted.signal();
            }
            finish_loop();
            if (signal == 0) signal = Interrupts::received();
        } catch (const LeaseLost&) {
            loop_.reset();  // what is in the queue is another's now
            throw;
        } catch (const QueueError& bad) {
            finish_loop();
            throw QueueError(with_work_dir(bad));
        } catch (const Error& bad) {
            finish_loop();
            throw Error(with_work_dir(bad));
        }
        // One that came too late to stop anything is the program's all the same.
        if (signal != 0) is_complete ? static_cast<void>(::raise(signal)) : leave_by(signal, names());
        return failures_;
    }

    [[nodiscard]] const WorkDir& names() const noexcept { return work_dir_.names(); }
    ChunkWriter& writer() noexcept { return writer_; }
    void end_task() {
        writer_.end_task();
        // Not after each, since a look at the clock is dear to a million of them.
        constexpr std::size_t tasks_between_touches = 16;
        if (writer_.num_tasks() % tasks_between_touches == 0) work_dir_.lease().touch();
    }

  private:
    // The manifest of the map that is there; all that must be as it was, is so from here on.
    std::optional<Manifest> read_there() {
        if (!work_dir_.has_map()) {
            if (!options_.resume.empty())
                progress_.say(
                    fmt::format("there is no map in {} yet; beginning one", names().path().native()));
            return std::nullopt;
        }
        Manifest there = read_manifest(names());
        options_ = options_to_go_on(options_, there, names());
        session_id_ = there.session_id;
        require_same_function(there, own_manifest_of_function(), names());
        return there;
    }

    [[nodiscard]] Write write() const { return there_ ? Write::again : Write::first; }

    [[nodiscard]] Manifest own_manifest_of_function() const {
        Manifest manifest;
        manifest.session_id = session_id_;
        manifest.executable = executable_;
        manifest.build_id = own_build_id();
        manifest.function_build_id = place_.build_id;
        manifest.function_offset = place_.offset;
        return manifest;
    }

    [[nodiscard]] Manifest own_manifest() const {
        Manifest manifest = own_manifest_of_function();
        manifest.function_hash = function_hash_;
        manifest.num_tasks = writer_.num_tasks();
        manifest.num_chunks = writer_.num_chunks();
        manifest.chunk_size = writer_.chunking() ? 0 : *options_.chunk_size;
        manifest.tasks_hash = writer_.hash();
        manifest.batch_system = choice_.name();
        manifest.is_pulled = jobs_plan_.is_pulled;
        manifest.max_job_time = jobs_plan_.max_job_time.count();
        if (choice_.batch_system != nullptr)
            manifest.walltime = static_cast<double>(options_.resources.walltime.count());
        manifest.max_num_retries_exception = options_.max_num_retries.exception;
        manifest.max_num_retries_crash = options_.max_num_retries.crash;
        return manifest;
    }

    // Until it is known what there is, nothing of it is touched.
    void go_on() {
        if (!there_) return;
        try {
            adopt();
        } catch (const Error& bad) {
            loop_.reset();
            throw Error(
                fmt::format("map: can not go on now: {}; queue jobs that run were left alone", bad.what()));
        }
    }

    void adopt() {
        journal_.write({{"event", "resume"}, {"process_node", host_name()}, {"pid", ::getpid()}});
        const bool are_jobs_gone = !queue_->is_polled();
        loop_->take_over(read_past_map(names(), writer_.num_chunks(), are_jobs_gone));
    }

    [[nodiscard]] std::optional<Chunking> plan(std::optional<std::size_t> num_tasks) const {
        if (there_ && there_->chunk_size > 0) return std::nullopt;
        if (there_) {
            if (num_tasks) require_same_number(*there_, *num_tasks, names());
            return Chunking(there_->num_tasks, there_->num_chunks);
        }
        if (!num_tasks) return std::nullopt;
        return Chunking(*num_tasks, plan_num_chunks(options_, *num_tasks, num_cores_if_local()));
    }

    [[nodiscard]] std::optional<std::size_t> num_cores_if_local() const {
        return choice_.batch_system == nullptr ? std::optional(num_cores_) : std::nullopt;
    }

    [[nodiscard]] std::size_t max_num_local() const {
        return std::min(num_cores_, options_.max_num_running.value_or(num_cores_));
    }

    [[nodiscard]] std::string describe_queue() const {
        if (choice_.batch_system != nullptr)
            return fmt::format("{}; files in {}", choice_.reason, names().path().native());
        return fmt::format("{}: {} at a time", choice_.reason, max_num_local());
    }

    std::unique_ptr<JobQueue> make_queue() {
        if (choice_.batch_system == nullptr) return std::make_unique<LocalQueue>(names(), max_num_local());
        return make_command_queue(choice_, options_, names(), session_id_, log_,
                                  [this] { work_dir_.lease().touch(); });
    }

    LoopContext loop_context() {
        LoopContext context{names()};
        context.session_id = session_id_;
        context.tasks_of = [this](std::size_t ichunk) { return writer_.tasks_of(ichunk); };
        context.num_tasks = writer_.num_tasks();
        context.polling_interval = options_.polling_interval;
        context.pending_notice = options_.pending_notice;
        context.require_lease = [this] { work_dir_.lease().touch(); };
        context.monitor = plan_monitor(options_, jobs_plan_, writer_.num_chunks(), choice_.batch_system);
        context.num_slots = options_.resources.slots;
        return context;
    }

    [[nodiscard]] std::string with_work_dir(const Error& bad) const {
        return fmt::format("{}; the files are kept in {}", bad.what(), names().path().native());
    }

    // Settles what becomes of the work_dir, with the queue left clean.
    void finish_loop() {
        if (!loop_) return;
        loop_->leave_nothing_behind();
        failures_ = loop_->failures();
        const Standing standing = loop_->standing();
        const bool is_clean =
            standing.num_done == standing.num_tasks && failures_.empty() && !loop_->has_stderr();
        const bool is_interrupted = Interrupts::received() != 0;
        const bool is_kept = !is_clean || is_interrupted || options_.keep_work_dir;
        std::string text = fmt::format(
            "{}{} of {} tasks done in {:.3g} s", is_interrupted ? "interrupted; " : "",
            standing.num_done - standing.num_failed, standing.num_tasks, standing.elapsed.count());
        if (!failures_.empty()) text += fmt::format(", {} failed", failures_.size());
        if (loop_->has_stderr()) text += ", some wrote to stderr";
        if (is_kept) text += fmt::format("; the files are kept in {}", names().path().native());
        if (standing.num_done < standing.num_tasks)
            text += fmt::format("; to go on: the same command with QMR_RESUME={}", names().path().native());
        log_.write({{"level", is_clean ? "info" : "warning"}, {"message", text}});
        progress_.conclude(standing, text);
        loop_.reset();
        queue_.reset();
        if (!is_kept) work_dir_.release();
    }

    PoolOptions options_;
    CodeLocation place_;
    std::string executable_;
    std::string session_id_;
    ProgressTeller progress_;
    OwnedWorkDir work_dir_;
    std::optional<Manifest> there_;  ///< of the map that another process began
    std::uint64_t session_;
    QueueChoice choice_;
    std::size_t num_cores_;
    JsonLines log_;
    JsonLines journal_;
    ChunkWriter writer_;
    JobsPlan jobs_plan_;
    std::vector<std::byte> function_buffer_;
    std::uint64_t function_hash_ = 0;
    std::unique_ptr<RecordFile> function_file_;
    std::unique_ptr<JobQueue> queue_;
    std::unique_ptr<MapLoop> loop_;
    std::vector<TaskFailure> failures_;
};

MapRun::MapRun(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks)
    : state_(std::make_unique<State>(options, function, num_tasks)) {}

MapRun::~MapRun() = default;
Saver& MapRun::begin_function() {
    return state_->begin_function();
}
void MapRun::end_function() {
    state_->end_function();
}
Saver& MapRun::begin_task() {
    return state_->writer().begin_task();
}
void MapRun::end_task() {
    state_->end_task();
}
void MapRun::end_of_tasks() {
    state_->writer().finish();
}
std::size_t MapRun::num_tasks() const {
    return state_->writer().num_tasks();
}

std::vector<TaskFailure> MapRun::collect(const std::function<void(std::size_t, Loader&)>& load) {
    return state_->collect(load);
}

std::filesystem::path MapRun::work_dir() const {
    return state_->names().path().native();
}

}  // namespace qmr::detail
