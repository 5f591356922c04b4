// qmr map: runs a command for each task.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <ctime>
#include <memory>
#include <numeric>
#include <qmr/qmr.hpp>
#include <random>

#include "cli/argument_limits.hpp"
#include "cli/command_function.hpp"
#include "cli/command_words.hpp"
#include "cli/json.hpp"
#include "cli/listed_tasks.hpp"
#include "cli/option_value.hpp"
#include "cli/pool_options_given.hpp"
#include "cli/reduce.hpp"
#include "cli/run_map.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"
#include "cli/task_input.hpp"
#include "vocabulary/current_directory.hpp"

namespace qmr::cli {

namespace {

/// What stands on the command line.
struct MapArguments {
    std::vector<std::string> command;  ///< and, behind ":::", tasks
    TaskInput input;
    OutputChoice output;
    bool reads_task = false;
    std::string timeout = "0";
    std::uint64_t num_retries = 0;
    std::string halt = "never";
    std::optional<std::string> reduce;  ///< a command; none: outputs are not reduced
    std::size_t fan_in = Reduction().fan_in;
    bool is_detached = false;
    bool is_dry = false;
};

/// A map, ready to be begun.
struct Plan {
    CommandFunction function;
    PoolOptions options;
    std::optional<Reduction> reduction = {};
};

CommandTemplate read_command(const MapArguments& arguments, std::span<const std::string> fields) {
    CommandTemplate command(arguments.command, fields);
    if (!command.has_places() && !arguments.reads_task) command.append_task();
    return command;
}

// Whoever is wrong learns it before anything is submitted.
void require_commands(const CommandTemplate& command, const std::vector<CommandTask>& tasks) {
    const ArgumentLimits limits = ArgumentLimits::of_this_process();
    for (const CommandTask& task : tasks)
        if (const std::string why = why_no_command(command.argv(task.text, task.values), limits);
            !why.empty())
            throw BadInput(fmt::format("task {} ({}) can not be run: {}; nothing was submitted", task.itask,
                                       short_text(task.text), why));
}

// Its name is known before the map begins, since the output of the commands goes there.
std::filesystem::path new_work_dir() {
    std::random_device random;
    return fmt::format(".qmr_{:%Y%m%dT%H%M%S}-{:08x}", fmt::gmtime(std::time(nullptr)), random());
}

// It stays with the map, for whoever goes on with it.
std::optional<Reduction> make_reduction(const MapArguments& arguments, const CommandUse& use,
                                        PoolOptions& options) {
    if (!arguments.reduce) return std::nullopt;
    if (arguments.fan_in < 2)
        throw BadInput("--fan-in must be at least 2: so many outputs are read by a reducing command");
    Reduction reduction{command_words(*arguments.reduce), arguments.fan_in, use.timeout, use.num_retries,
                        options.keep_work_dir};
    options.application_data = reduction.to_json();
    options.keep_work_dir = true;
    return reduction;
}

// The local cores get few chunks of very many tasks, since these may be tiny; a command is not, and what it
// prints is wanted soon.
void cut_finely(PoolOptions& options, std::size_t num_tasks) {
    constexpr std::size_t tasks_per_chunk = 100;
    constexpr std::size_t max_num_chunks = 1000;
    const std::size_t num_chunks = std::min(num_tasks / tasks_per_chunk, max_num_chunks);
    const bool may_be_local = options.batch_system == "auto" || options.batch_system == "local";
    if (!may_be_local || options.num_chunks || options.chunk_size || num_chunks < 2) return;
    const std::size_t num_cores = find_queue(options).num_local_cores;
    if (num_cores > 0 && num_chunks > 16 * num_cores) options.num_chunks = num_chunks;
}

// `num_tasks`: none where it is not known.
Plan make_plan(const MapArguments& arguments, CommandTemplate command, PoolOptions options,
               std::optional<std::size_t> num_tasks) {
    CommandUse use;
    use.reads_task = arguments.reads_task;
    if (use.reads_task) use.end_of_task = end_of_read_task(arguments.input);
    const auto timeout = read_time(arguments.timeout);
    if (!timeout)
        throw BadInput(fmt::format(
            "--timeout: \"{}\" is no time; give seconds, or a number with s, m, h or d", arguments.timeout));
    use.timeout = timeout->count();
    use.num_retries = options.max_num_retries.exception = arguments.num_retries;
    use.halt = read_halt(arguments.halt, num_tasks);
    if (options.work_dir.empty()) options.work_dir = options.work_root / new_work_dir();
    options.work_root.clear();  // for one map, it is no more than that
    if (num_tasks) cut_finely(options, *num_tasks);
    options.work_dir = detail::absolute_path(options.work_dir.native()).native();
    options.resume_hint = resume_hint;
    auto reduction = make_reduction(arguments, use, options);
    return {CommandFunction(std::move(command), {use, (options.work_dir / "outputs").native()}),
            std::move(options), std::move(reduction)};
}

// So that a shell would read the words as they are.
std::string quoted(const std::string& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    return fmt::format("'{}'", boost::algorithm::replace_all_copy(word, "'", "'\\''"));
}

void print(const MapPreview& preview, const std::optional<Reduction>& reduction) {
    print_out("# {}\n", preview.plan);
    for (const auto& command : preview.submit_commands) {
        std::string line;
        for (const std::string& word : command) line += (line.empty() ? "" : " ") + quoted(word);
        print_out("{}\n", line);
    }
    if (reduction) {
        const auto levels = levels_of(preview.num_tasks, reduction->fan_in);
        print_out("# then the outputs are reduced, {} at most by a run of {}: {} runs in {} levels\n",
                  reduction->fan_in, quoted(reduction->command.front()),
                  std::accumulate(levels.begin(), levels.end(), std::size_t{0}), levels.size());
    }
    print_out("\n# worker_launcher.sh\n{}", preview.launcher);
}

template <class Tasks>
void map_and_reduce(const Plan& plan, const Pool& pool, const Tasks& tasks, OutcomePrinter& printer) {
    const StoredMap map = pool.map_to_work_dir(plan.function, tasks);
    if (map.num_tasks > 0) reduce({map.work_dir, *plan.reduction, plan.options}, map.failures, printer);
}

template <class Tasks>
ExitCode run(const Plan& plan, const MapArguments& arguments, const Tasks& tasks) {
    const Pool pool(plan.options);
    if (arguments.is_detached) {
        print_out("{}\n", pool.submit(plan.function, tasks).native());
        return all_well;
    }
    if (arguments.is_dry) {
        print(pool.preview(plan.function, tasks), plan.reduction);
        return all_well;
    }
    OutcomePrinter printer(arguments.output);
    return run_map(plan.options.work_dir, printer, [&] {
        if (plan.reduction)
            map_and_reduce(plan, pool, tasks, printer);
        else
            pool.for_each_result(plan.function, tasks, std::ref(printer));
    });
}

// Nothing to do is no error, and yet may not be what was meant.
void tell_if_empty(const TaskReader& reader, Progress progress) {
    if (reader.num_tasks() > 0 || progress == Progress::silent) return;
    const std::string sentence = fmt::format("0 tasks in {}; nothing was run", reader.name());
    if (progress == Progress::json)
        tell("{}\n", Json{{"message", sentence}}.dump(-1, ' ', false, Json::error_handler_t::replace));
    else
        tell("qmr: {}\n", sentence);
}

// They are read while they are written to the work_dir, since all of them may not fit into memory.
ExitCode map_blocks(MapArguments arguments, PoolOptions options, TaskReader& reader) {
    arguments.reads_task = true;
    if (!options.chunk_size) options.chunk_size = 1;
    options.num_chunks.reset();
    const Progress progress = options.progress;
    const ExitCode exit_code =
        run(make_plan(arguments, read_command(arguments, {}), std::move(options), std::nullopt), arguments,
            TaskRange(reader));
    tell_if_empty(reader, progress);
    return exit_code;
}

ExitCode map(MapArguments arguments, PoolOptions options) {
    if (!options.resume.empty())
        throw BadInput(
            fmt::format("qmr map begins a map, but QMR_RESUME names one; to go on with that: qmr resume {}",
                        options.resume.native()));
    const auto listed = take_listed_tasks(arguments.command);
    std::vector<CommandTask> tasks;
    CommandTemplate command;
    std::unique_ptr<TaskReader> reader;
    if (listed) {
        require_no_input(arguments.input);
        command = read_command(arguments, {});
        for (const std::string& text : *listed) tasks.push_back({tasks.size(), text, {}});
    } else {
        if (arguments.command.empty())
            command = read_command(arguments, {});  // throws before it waits for tasks
        reader = open_tasks(arguments.input);
        if (arguments.input.block_size) return map_blocks(std::move(arguments), std::move(options), *reader);
        command = read_command(arguments, reader->fields());
        reader->choose(command.names());
        while (auto task = reader->next()) tasks.push_back(std::move(*task));
    }
    require_commands(command, tasks);
    const Progress progress = options.progress;
    const ExitCode exit_code =
        run(make_plan(arguments, std::move(command), std::move(options), tasks.size()), arguments, tasks);
    if (reader) tell_if_empty(*reader, progress);
    return exit_code;
}

}  // namespace

void add_map(CLI::App& app, int& exit_code, const std::vector<std::string>& command) {
    CLI::App* sub = app.add_subcommand("map", "Run a command for each task: a line of stdin, or of a file");
    const auto arguments = std::make_shared<MapArguments>();
    add_task_options(*sub, arguments->input);
    sub->add_flag("--stdin", arguments->reads_task,
                  "The command reads the task, with a line end, on its stdin");
    add_output_options(*sub, arguments->output);
    sub->add_option("--timeout", arguments->timeout, "Kill a command that runs longer")->type_name("TIME");
    sub->add_option("--retries", arguments->num_retries, "Run a command that fails so many times again")
        ->type_name("N");
    sub->add_option("--halt", arguments->halt, "Begin no others when some fail: soon,fail=N or now,fail=N%")
        ->type_name("WHEN");
    CLI::Option* reduce = sub->add_option("--reduce", arguments->reduce,
                                          "Make one of the outputs: it reads N at a time, on worker nodes");
    reduce->type_name("COMMAND");
    sub->add_option("--fan-in", arguments->fan_in, "How many outputs a run of that reads at most")
        ->type_name("N")
        ->capture_default_str()
        ->needs(reduce);
    sub->add_flag("--detach", arguments->is_detached, "Print the work_dir and leave; see qmr wait");
    sub->add_flag("--dry-run", arguments->is_dry, "Show what would be submitted, and leave");
    const PoolOptionsGiven pool_options(*sub);
    sub->footer(
        "The command stands behind --; {} in it is the task, {name} a field of it:\n"
        "  seq 100 | qmr map -- ./simulate --seed {}");
    sub->callback([arguments, pool_options, &exit_code, &command] {
        arguments->command = command;
        exit_code = map(*arguments, pool_options.options());
    });
}

}  // namespace qmr::cli
