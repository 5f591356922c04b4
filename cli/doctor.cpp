// qmr doctor: tells whether this site can run maps.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <qmr/qmr.hpp>

#include "cli/doctor_checks.hpp"
#include "cli/doctor_directory.hpp"
#include "cli/doctor_probe_checks.hpp"
#include "cli/doctor_probe_run.hpp"
#include "cli/json.hpp"
#include "cli/option_value.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

namespace {

constexpr int all_can_run = 0;
constexpr int something_is_wrong = 1;

struct DoctorArguments {
    bool is_json = false;
    std::string probe_time_limit = "60";
};

Seconds read_time_limit(const DoctorArguments& arguments) {
    const auto limit = read_time(arguments.probe_time_limit);
    if (!limit || limit->count() <= 0)
        throw BadInput(fmt::format(
            "--probe-time-limit: \"{}\" is no time above 0; give seconds, or a number with s, m, h or d",
            arguments.probe_time_limit));
    return *limit;
}

/// One look at the site, each check told as soon as it is made.
class Examination {
  public:
    explicit Examination(bool is_json) : is_json_(is_json) {}

    void examine(const PoolOptionsGiven& given, Seconds time_limit) {
        run_.time_limit = time_limit;
        add(check_config(given, run_.options));
        const bool can_have_programs = examine_programs();
        examine_queue(can_have_programs);
        add(look_at("directory", [&] {
            const DirectoryFacts facts = look_at_directory(run_.options);
            run_.directory = facts.path;
            return check_directory(facts, run_.batch_system != "local");
        }));
        examine_by_probe();
    }

    [[nodiscard]] int conclude() const {
        if (is_json_) print_out("{}\n", to_json(checks_).dump(2, ' ', false, Json::error_handler_t::replace));
        return are_well(checks_) ? all_can_run : something_is_wrong;
    }

  private:
    void add(Check check) {
        if (!is_json_) {
            print_out("{}", to_text(check));
        }
        checks_.push_back(std::move(check));
    }

    // Whether all are there that are needed.
    bool examine_programs() {
        const std::size_t num_before = checks_.size();
        try {
            const auto found = find_programs(run_.options);
            for (Check& check : check_programs(found, run_.options.batch_system != "auto"))
                add(std::move(check));
        } catch (const BadInput& bad) {
            add({Mark::wrong, "programs", bad.what()});
        }
        return are_well(std::span(checks_).subspan(num_before));
    }

    void examine_queue(bool can_have_programs) {
        if (!can_have_programs) return add({Mark::not_checked, "queue", "not asked: see programs"});
        add(look_at("queue", [&] {
            const auto begin = std::chrono::steady_clock::now();
            const SiteQueue queue = find_queue(run_.options);
            run_.batch_system = queue.batch_system;
            return check_queue(queue, std::chrono::steady_clock::now() - begin, run_.options);
        }));
    }

    // A map that can not be run as it should would tell less than what is known already.
    void examine_by_probe() {
        std::string why_not;
        for (const Check& check : checks_)
            if (check.mark == Mark::wrong) why_not = fmt::format("see {}", check.name);
        if (!why_not.empty()) {
            for (Check& check : checks_without_answer({Mark::not_checked, "probe", "not tried: " + why_not}))
                add(std::move(check));
            return;
        }
        try {
            for (Check& check : run_probe(run_)) add(std::move(check));
        } catch (const Interrupted&) {
            throw;
        } catch (const std::exception& bad) {
            add({Mark::wrong, "probe", bad.what()});
        }
    }

    bool is_json_;
    ProbeRun run_;
    std::vector<Check> checks_;
};

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
    CLI::App* sub =
        app.add_subcommand("doctor", "Tell whether this site can run maps, and what to do if not");
    const auto arguments = std::make_shared<DoctorArguments>();
    sub->add_flag("--json", arguments->is_json, "One JSON object");
    sub->add_option("--probe-time-limit", arguments->probe_time_limit,
                    "How long a map of one task may wait and run")
        ->type_name("TIME")
        ->capture_default_str();
    const PoolOptionsGiven pool_options(*sub);
    sub->footer(
        "It looks at what qmr map would meet with the same options, and maps one task:\n"
        "  qmr doctor --memory 4G --queue long.q");
    sub->callback([arguments, pool_options, &exit_code] {
        const Seconds time_limit = read_time_limit(*arguments);
        Examination examination(arguments->is_json);
        examination.examine(pool_options, time_limit);
        exit_code = examination.conclude();
    });
}

}  // namespace qmr::cli
