#include "cli/pool_options_help.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

#include "cli/help_formatter.hpp"
#include "cli/pool_options.hpp"

namespace qmr::cli {

namespace {

constexpr std::size_t first_column = 39;

std::string names(const PoolOption& option) {
    const std::string name = command_line_name(option);
    if (is_flag(option)) return name + ",--no-" + name.substr(2);
    const std::string other = option.short_name.empty() ? "" : fmt::format(",--{}", option.short_name);
    return fmt::format("{}{} {}", name, other, option.value);
}

std::string describe(const PoolOption& option) {
    return fmt::format("  {:<{}}{}\n      default: {}; ${}; \"{}\"\n", names(option), first_column - 2,
                       option.help, option.default_value.empty() ? "none" : option.default_value,
                       environment_variable(option), option.key);
}

// In place of the group of common options, --help-all has all groups of the table; --help has that alone.
class Formatter : public HelpFormatter {
  public:
    Formatter(const CLI::App& subcommand, CLI::AppFormatMode mode) : subcommand_(subcommand), mode_(mode) {
        column_width_ = first_column;
    }

    [[nodiscard]] std::string make_group(std::string group, bool is_positional,
                                         std::vector<const CLI::Option*> options) const override {
        if (group == other_options) return {};
        if (mode_ != CLI::AppFormatMode::All || group != common_options)
            return HelpFormatter::make_group(std::move(group), is_positional, std::move(options));
        std::string of_configs;
        for (const CLI::Option* option : options)
            if (!is_in_table(*option)) of_configs += make_option(option, is_positional);
        std::string all = of_configs.empty() ? of_configs : "\nConfig files:\n" + of_configs;
        for (const auto& [name, rows] : pool_option_groups()) {
            std::string lines;
            for (const auto& row : rows)
                if (subcommand_.get_option_no_throw(command_line_name(row)) != nullptr)
                    lines += describe(row);
            if (!lines.empty()) all += fmt::format("\n{}:\n{}", name, lines);
        }
        return fmt::format("{}\n{}", all, pool_option_notes);
    }

  private:
    static bool is_in_table(const CLI::Option& option) {
        for (const auto& group : pool_option_groups())
            for (const auto& row : group.options)
                if (command_line_name(row) == option.get_name()) return true;
        return false;
    }

    const CLI::App& subcommand_;
    CLI::AppFormatMode mode_;
};

}  // namespace

void show_pool_options(CLI::App& subcommand) {
    subcommand.formatter_fn([](const CLI::App* app, std::string name, CLI::AppFormatMode mode) {
        const std::string help = Formatter(*app, mode).make_help(app, std::move(name), mode);
        return CLI::detail::find_and_replace(help, "\n\n\n", "\n\n");
    });
}

}  // namespace qmr::cli
