#include "pool/queue_setup.hpp"

#include "ground/host.hpp"
#include "pool/environments.hpp"
#include "ports/command_queue.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

constexpr std::size_t longest_answer_logged = 2000;

SubmitRequest request_of(const PoolOptions& options, const WorkDir& work_dir) {
    SubmitRequest request;
    request.output_directory = work_dir.queue_jobs().native();
    request.max_num_running = options.max_num_running.value_or(0);
    request.queue_name = options.queue_name;
    request.account = options.resources.account;
    request.num_slots = static_cast<unsigned>(options.resources.slots);
    request.parallel_environment = options.resources.parallel_environment;
    request.submit_arguments = options.resources.submit_arguments;
    return request;
}

}  // namespace

std::unique_ptr<JobQueue> make_command_queue(const QueueChoice& choice, const PoolOptions& options,
                                             const WorkDir& work_dir, const std::string& session_id,
                                             JsonLines& log, const std::function<void()>& on_command) {
    CommandQueueOptions queue;
    queue.batch_system = choice.batch_system;
    queue.programs = choice.programs;
    queue.name_prefix = JB_name_prefix(session_id);
    queue.user = user_name();
    queue.error_state_indicator = options.error_state_indicator;
    queue.command_time_limit = options.command_time_limit;
    queue.environment_of_submit = client_environment(*choice.batch_system);
    queue.environment = without_places(*choice.batch_system, queue.environment_of_submit);
    queue.places = Places(places_asked_for(*choice.batch_system, options), choice.batch_system->all_places);
    queue.request = request_of(options, work_dir);
    const auto write_down = [&log, on_command, status = choice.programs.status](
                                const std::vector<std::string>& argv, const CommandResult& result) {
        on_command();
        const bool is_quiet = argv.front() == status && result.status.exit_code == 0;
        if (is_quiet && !result.timed_out && !result.cut_short) return;
        log.write({{"level", "info"},
                   {"command", argv},
                   {"exit_code", result.status.exit_code},
                   {"signal", result.status.signal},
                   {"timed_out", result.timed_out},
                   {"cut_short", result.cut_short},
                   {"seconds", result.took.count()},
                   {"stdout", result.out.substr(0, longest_answer_logged)},
                   {"stderr", result.err.substr(0, longest_answer_logged)}});
    };
    return std::make_unique<CommandQueue>(work_dir, std::move(queue), write_down);
}

}  // namespace qmr::detail
