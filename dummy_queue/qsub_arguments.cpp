#include "dummy_queue/qsub_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/path.hpp>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "dummy_queue/output_path.hpp"

namespace qmr::dummy_queue {
namespace {

std::vector<std::string> split_at_commas(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
    return parts;
}

std::string variable_in(const std::vector<std::string>& environment, const std::string& name) {
    for (const auto& variable : environment) {
        if (variable.starts_with(name + "=")) return variable.substr(name.size() + 1);
    }
    return "";
}

class Applier {
  public:
    Applier(QsubRequest& request, const QsubSurroundings& surroundings)
        : request_(request), submission_(request.submission), surroundings_(surroundings) {}

    void apply(const QsubOption& option) {
        const auto& name = option.name;
        const auto value = option.arguments.empty() ? "" : option.arguments.front();
        const auto setter = setters().find(name);
        if (setter != setters().end()) {
            (this->*setter->second)(option, value);
        } else if (name == "-@" || name == "-verify") {
            throw QsubRefusal{fmt::format("dummy_qsub does not model {}", name), 1};
        } else {
            auto words = option.arguments;
            words.insert(words.begin(), name);
            submission_.recorded.push_back(fmt::format("{}", fmt::join(words, " ")));
        }
    }

  private:
    using Setter = void (Applier::*)(const QsubOption&, const std::string&);
    static const std::map<std::string_view, Setter>& setters() {
        static const std::map<std::string_view, Setter> table{
            {"-N", &Applier::set_name},      {"-b", &Applier::set_binary},
            {"-shell", &Applier::set_shell}, {"-S", &Applier::set_interpreter},
            {"-wd", &Applier::set_wd},       {"-cwd", &Applier::set_cwd},
            {"-o", &Applier::set_output},    {"-e", &Applier::set_error},
            {"-j", &Applier::set_join},      {"-t", &Applier::set_array},
            {"-tc", &Applier::set_limit},    {"-h", &Applier::set_held},
            {"-q", &Applier::set_queue},     {"-pe", &Applier::set_pe},
            {"-v", &Applier::set_variables}, {"-V", &Applier::set_all_variables},
            {"-p", &Applier::set_priority},  {"-l", &Applier::set_resources},
            {"-terse", &Applier::set_terse}, {"-clear", &Applier::clear},
            {"-w", &Applier::set_verify},    {"-sync", &Applier::set_sync},
        };
        return table;
    }

    static bool yes_or_no(const QsubOption& option, const std::string& value) {
        if (value == "y" || value == "yes") return true;
        if (value == "n" || value == "no") return false;
        bad_argument(option);
    }
    [[noreturn]] static void bad_argument(const QsubOption& option) {
        throw QsubRefusal{fmt::format("qsub: invalid option argument \"{} {}\"", option.name,
                                      fmt::join(option.arguments, " ")),
                          7};
    }

    void set_name(const QsubOption&, const std::string& value) {
        if (value.find('/') != std::string::npos) {
            throw QsubRefusal{"qsub: argument to -N option must not contain / ", 2};
        }
        if (value.empty())
            throw QsubRefusal{
                "Unable to run job: job rejected cause there is no job_name in the request\nExiting.", 1};
        submission_.JB_name = value;
    }
    void set_binary(const QsubOption& o, const std::string& value) {
        submission_.is_binary = yes_or_no(o, value);
    }
    void set_shell(const QsubOption& o, const std::string& value) {
        submission_.through_shell = yes_or_no(o, value);
    }
    void set_join(const QsubOption& o, const std::string& value) { submission_.join = yes_or_no(o, value); }
    void set_interpreter(const QsubOption&, const std::string& value) { submission_.interpreter = value; }
    void set_wd(const QsubOption&, const std::string& value) { submission_.working_directory = value; }
    void set_cwd(const QsubOption&, const std::string&) {
        submission_.working_directory = surroundings_.working_directory;
    }
    void set_held(const QsubOption&, const std::string&) { submission_.held = true; }
    void set_queue(const QsubOption&, const std::string& value) { submission_.queue_name = value; }
    void set_terse(const QsubOption&, const std::string&) { request_.terse = true; }
    void clear(const QsubOption&, const std::string&) { request_ = QsubRequest(); }
    void set_verify(const QsubOption&, const std::string& value) { request_.verify_only = value == "v"; }
    void set_sync(const QsubOption& o, const std::string& value) {
        if (!yes_or_no(o, value)) return;
        throw QsubRefusal{"dummy_qsub does not model -sync y: time moves only when dummy_qstat is called", 1};
    }

    std::string one_path(const std::string& value) {
        if (value.find(',') != std::string::npos) {
            throw QsubRefusal{"Unable to run job: ERROR! two files are specified for the same host\nExiting.",
                              1};
        }
        const auto argument = read_output_argument(value);
        if (argument.host && !argument.host->empty()) request_.output_host = *argument.host;
        return argument.path;
    }
    void set_output(const QsubOption&, const std::string& value) {
        submission_.output_path = one_path(value);
    }
    void set_error(const QsubOption&, const std::string& value) { submission_.error_path = one_path(value); }

    void set_array(const QsubOption&, const std::string& value) {
        using Verdict = TaskRangeArgument::Verdict;
        const auto read = read_task_range(value);
        if (read.verdict == Verdict::several_ranges) {
            throw QsubRefusal{"qsub: -t option only allows one range specification", 7};
        }
        if (read.verdict == Verdict::not_a_number) {
            throw QsubRefusal{
                fmt::format(
                    "qsub: Numerical value invalid!\nThe initial portion of string \"{}\" contains no "
                    "decimal number",
                    value),
                7};
        }
        submission_.array = read.range;
    }
    void set_limit(const QsubOption&, const std::string& value) {
        const auto number = read_number(value);
        if (!number) {
            throw QsubRefusal{fmt::format("qsub: invalid task concurrency number \"{}\". Must be an integer "
                                          "greater or equal to 0.",
                                          value),
                              7};
        }
        submission_.max_num_running = *number;
    }
    void set_pe(const QsubOption& o, const std::string& value) {
        const auto slots = read_task_range(o.arguments.back());
        if (slots.verdict != TaskRangeArgument::Verdict::good) bad_argument(o);
        if (slots.range.first == 0) {
            throw QsubRefusal{
                "Unable to run job: \"job\" rejected: pe range must be greater than zero\nExiting.", 1};
        }
        submission_.parallel_environment = value;
        submission_.num_slots = slots.range.first;
    }
    void set_priority(const QsubOption&, const std::string& value) {
        int priority = 0;
        const char* const end = value.data() + value.size();
        const auto [rest, error] = std::from_chars(value.data(), end, priority);
        if (error != std::errc{} || rest != end || priority < -1023 || priority > 1024) {
            throw QsubRefusal{
                fmt::format("qsub: invalid priority \"{}\".  Must be an integer from -1023 to 1024", value),
                7};
        }
        request_.priority = priority;
    }
    void set_resources(const QsubOption&, const std::string& value) {
        for (auto& resource : split_at_commas(value)) {
            submission_.recorded.push_back("-l " + resource);
            request_.resources.push_back(std::move(resource));
        }
    }
    void set_variables(const QsubOption&, const std::string& value) {
        for (const auto& variable : split_at_commas(value)) {
            const bool has_value = variable.find('=') != std::string::npos;
            submission_.environment.push_back(
                has_value ? variable : variable + "=" + variable_in(surroundings_.environment, variable));
        }
    }
    void set_all_variables(const QsubOption&, const std::string&) {
        const auto& all = surroundings_.environment;
        submission_.environment.insert(submission_.environment.end(), all.begin(), all.end());
    }

    QsubRequest& request_;
    Submission& submission_;
    const QsubSurroundings& surroundings_;
};

void remember_submitter(Submission& submission, const QsubSurroundings& surroundings) {
    const auto add = [&](const char* name, const std::string& value) {
        if (value.empty()) return;
        submission.environment.push_back(fmt::format("SGE_O_{}={}", name, value));
    };
    add("HOME", surroundings.home);
    add("HOST", surroundings.host);
    add("LOGNAME", surroundings.user);
    add("PATH", variable_in(surroundings.environment, "PATH"));
    add("SHELL", variable_in(surroundings.environment, "SHELL"));
    add("WORKDIR", surroundings.working_directory);
    add("MAIL", variable_in(surroundings.environment, "MAIL"));
}

/// qsub warns of some options only, and on standard output.
std::vector<std::string> repeated_options(const std::vector<QsubOption>& options) {
    static const std::set<std::string_view> noticed{"-A", "-N",  "-P", "-R",     "-b",    "-h",
                                                    "-j", "-pe", "-r", "-shell", "-sync", "-w"};
    std::set<std::string> seen;
    std::vector<std::string> warnings;
    for (const auto& option : options) {
        if (noticed.contains(option.name) && !seen.insert(option.name).second) {
            warnings.push_back(
                fmt::format("qsub: warning: \"{}\" option has already been set, overriding previous setting",
                            option.name));
        }
    }
    return warnings;
}

/// The last one counts, as everywhere.
std::string last_value(const std::vector<QsubOption>& options, const std::string& name,
                       const std::string& otherwise) {
    const auto last =
        std::find_if(options.rbegin(), options.rend(), [&](const auto& o) { return o.name == name; });
    return last == options.rend() ? otherwise : last->arguments.front();
}

}  // namespace

QsubRequest read_qsub_arguments(std::span<const std::string> arguments,
                                const QsubSurroundings& surroundings) {
    const auto words = read_qsub_words(arguments);
    QsubRequest request;
    Applier applier(request, surroundings);
    auto command = words.command.empty() ? std::vector<std::string>{"-"} : words.command;
    const bool is_binary = last_value(words.options, "-b", "n").starts_with('y');
    std::string script;
    if (!is_binary) {
        script = surroundings.read_script(command.front());
        const auto prefix = last_value(words.options, "-C", "#$");
        for (const auto& option : options_in_script(script, prefix)) applier.apply(option);
    } else if (words.command.empty()) {
        throw QsubRefusal{"qsub: command required for a binary job", 2};
    }
    for (const auto& option : words.options) applier.apply(option);
    request.warnings = repeated_options(words.options);

    auto& submission = request.submission;
    submission.script = std::move(script);
    if (submission.JB_name.empty()) {
        submission.JB_name =
            command.front() == "-" ? "STDIN" : boost::filesystem::path(command.front()).filename().native();
    }
    submission.command = std::move(command);
    remember_submitter(submission, surroundings);
    return request;
}

}  // namespace qmr::dummy_queue
