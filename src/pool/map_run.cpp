#include "qmr/detail/map_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <csignal>
#include <cstring>

#include "adapters/executable.hpp"
#include "adapters/interrupts.hpp"
#include "adapters/launcher.hpp"
#include "adapters/local_cores.hpp"
#include "adapters/manifest.hpp"
#include "ground/host.hpp"
#include "ground/initialised.hpp"
#include "pool/chunk_writer.hpp"
#include "pool/map_loop.hpp"
#include "pool/plan.hpp"
#include "pool/queue_choice.hpp"
#include "pool/queue_setup.hpp"
#include "pool/work_dir_setup.hpp"
#include "ports/local_queue.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t max_local_array = std::size_t{1} << 40;

void require_init() {
    if (!is_initialised())
        throw BadInput(
            "map: qmr::init(argc, argv) was not called; it must be the first line of main(), since workers "
            "are this "
            "executable, started again; nothing was submitted");
}

CodeLocation place_of(ChunkFunction function) {
    const auto location = locate(reinterpret_cast<const void*>(function));
    if (!location || location->build_id.empty() || own_build_id().empty())
        throw BadInput(
            "map: the executable has no build-id, by which workers recognise it: link it with "
            "-Wl,--build-id; "
            "nothing was submitted");
    return *location;
}

fs::path choose_work_dir(const PoolOptions& options, const std::string& session_id,
                         const QueueChoice& queue) {
    fs::path path = fs::absolute(options.work_dir.empty() ? fs::path(".qmr_" + session_id)
                                                          : fs::path(options.work_dir.native()))
                        .lexically_normal();
    const auto why_not =
        queue.batch_system != nullptr ? queue.batch_system->cannot_carry(path.native()) : std::nullopt;
    if (why_not)
        throw BadInput(fmt::format("map: {} can not use the work_dir {}: {}; nothing was submitted",
                                   queue.batch_system->name, path.native(), *why_not));
    return path;
}

}  // namespace

class MapRun::State {
  public:
    State(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks)
        : options_((require_init(), check_options(options, num_tasks), options)),
          place_(place_of(function)),
          executable_(own_executable()),
          session_id_(new_session_id()),
          session_(session_hash(session_id_)),
          progress_(options_.progress),
          choice_(choose_queue(options_)),
          num_cores_(usable_cores()),
          work_dir_(choose_work_dir(options_, session_id_, choice_)),
          log_(names().log()),
          journal_(names().journal()),
          writer_(names(), session_, plan(num_tasks), options_.chunk_size.value_or(1)) {
        write_launcher();
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
            names().function(), FileHeader{FileKind::function, session_, 0, 0, 0}, function_buffer_);
        function_file_->writer().begin_record(RecordKind::function);
        return function_file_->saver();
    }

    void end_function() {
        function_file_->writer().end_record();
        function_file_->finish();
        function_file_.reset();
    }

    std::vector<TaskFailure> collect(const LoadResult& load) {
        jobs_plan_ = plan_jobs(options_, writer_.num_chunks(), num_cores_if_local());
        const auto walltime = static_cast<double>(options_.resources.walltime.count());
        Manifest manifest;
        manifest.session_id = session_id_;
        manifest.executable = executable_;
        manifest.build_id = own_build_id();
        manifest.function_build_id = place_.build_id;
        manifest.function_offset = place_.offset;
        manifest.num_tasks = writer_.num_tasks();
        manifest.num_chunks = writer_.num_chunks();
        manifest.batch_system = choice_.name();
        manifest.is_pulled = jobs_plan_.is_pulled;
        manifest.max_job_time = jobs_plan_.max_job_time.count();
        manifest.walltime = choice_.batch_system == nullptr ? 0 : walltime;
        manifest.max_num_retries_exception = options_.max_num_retries.exception;
        manifest.max_num_retries_crash = options_.max_num_retries.crash;
        write_manifest(names(), manifest);
        const std::string plan_text = fmt::format("{} tasks in {} chunks{}; {}", writer_.num_tasks(),
                                                  writer_.num_chunks(), describe_jobs(), describe_queue());
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
            try {
                loop_->run(load);
                is_complete = true;
            } catch (const Interrupted& interrupted) {
                signal = interrupted.signal();
            }
            finish_loop();
            if (signal == 0) signal = Interrupts::received();
        } catch (const QueueError& bad) {
            finish_loop();
            throw QueueError(with_work_dir(bad));
        } catch (const Error& bad) {
            finish_loop();
            throw Error(with_work_dir(bad));
        }
        // One that came too late to stop anything is the program's all the same.
        if (signal != 0) is_complete ? static_cast<void>(::raise(signal)) : leave_by(signal);
        return failures_;
    }

    [[nodiscard]] const WorkDir& names() const noexcept { return work_dir_.names(); }
    ChunkWriter& writer() noexcept { return writer_; }

  private:
    [[nodiscard]] std::optional<Chunking> plan(std::optional<std::size_t> num_tasks) const {
        if (!num_tasks) return std::nullopt;
        return Chunking(*num_tasks, plan_num_chunks(options_, *num_tasks, num_cores_if_local()));
    }

    [[nodiscard]] std::optional<std::size_t> num_cores_if_local() const {
        return choice_.batch_system == nullptr ? std::optional(num_cores_) : std::nullopt;
    }

    [[nodiscard]] std::size_t max_num_local() const {
        return std::min(num_cores_, options_.max_num_running.value_or(num_cores_));
    }

    [[nodiscard]] std::string describe_jobs() const {
        if (!jobs_plan_.is_pulled) return {};
        return choice_.batch_system == nullptr
                   ? std::string(", pulled")
                   : fmt::format(", pulled by up to {} queue jobs", jobs_plan_.max_num_jobs);
    }

    [[nodiscard]] std::string describe_queue() const {
        if (choice_.batch_system != nullptr) return choice_.reason;
        return fmt::format("{}: {} at a time", choice_.reason, max_num_local());
    }

    void write_launcher() {
        EnvironmentFilter filter{options_.exported_variables, options_.withheld_variables, {}};
        LauncherContent content;
        if (choice_.batch_system != nullptr) {
            filter.own_variables = choice_.batch_system->own_variables;
            content.array_index_variable = choice_.batch_system->array_index_variable;
            if (const std::string script(choice_.batch_system->script); !script.empty())
                write_file(names().script(), script, 0700);
        }
        content.environment = filtered_environment(environ, filter);
        content.current_directory = fs::current_path().native();
        content.executable = executable_;
        content.work_dir = names().path().native();
        write_file(names().launcher(), launcher_script(content), 0700);
    }

    std::unique_ptr<JobQueue> make_queue() {
        if (choice_.batch_system == nullptr) return std::make_unique<LocalQueue>(names(), max_num_local());
        return make_command_queue(choice_, options_, names(), session_id_, log_);
    }

    LoopContext loop_context() {
        const std::size_t num_tasks = writer_.num_tasks();
        const std::size_t num_chunks = writer_.num_chunks();
        LoopContext context{
            names(), session_id_, {}, num_tasks, {}, options_.polling_interval, options_.pending_notice};
        if (const auto chunking = writer_.chunking())
            context.tasks_of = [chunking = *chunking](std::size_t ichunk) {
                return TaskSpan{chunking.first_itask(ichunk), chunking.size(ichunk)};
            };
        else
            context.tasks_of = [num_tasks, size = *options_.chunk_size](std::size_t ichunk) {
                return TaskSpan{ichunk * size, std::min(size, num_tasks - ichunk * size)};
            };
        context.monitor.num_chunks = num_chunks;
        context.monitor.max_num_resubmissions = options_.max_num_resubmissions;
        context.monitor.file_system_latency = options_.file_system_latency;
        context.monitor.is_pulled = jobs_plan_.is_pulled;
        context.monitor.max_num_jobs = jobs_plan_.max_num_jobs;
        if (choice_.batch_system == nullptr) {
            context.monitor.max_jobs_per_submission = max_local_array;
        } else if (options_.arrays) {
            context.monitor.max_jobs_per_submission =
                options_.max_array_size.value_or(choice_.batch_system->max_array_size);
        }
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
        log_.write({{"level", is_clean ? "info" : "warning"}, {"message", text}});
        progress_.conclude(standing, text);
        loop_.reset();
        queue_.reset();
        if (!is_kept) work_dir_.release();
    }

    // As if the signal had not been held back. A program with a handler of its own may come back from it.
    [[noreturn]] void leave_by(int signal) const {
        ::raise(signal);
        throw Interrupted(fmt::format("map: interrupted by signal {} ({}); what was computed is in {}",
                                      signal, ::strsignal(signal), names().path().native()),
                          signal);
    }

    PoolOptions options_;
    CodeLocation place_;
    std::string executable_;
    std::string session_id_;
    std::uint64_t session_;
    ProgressTeller progress_;
    QueueChoice choice_;
    std::size_t num_cores_;
    OwnedWorkDir work_dir_;
    JsonLines log_;
    JsonLines journal_;
    ChunkWriter writer_;
    JobsPlan jobs_plan_;
    std::vector<std::byte> function_buffer_;
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
    state_->writer().end_task();
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
