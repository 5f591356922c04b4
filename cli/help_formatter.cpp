#include "cli/help_formatter.hpp"

#include <fmt/format.h>

#include <sstream>

#include "cli/command_description.hpp"

namespace qmr::cli {

namespace {

constexpr std::size_t num_columns = 100;

}  // namespace

std::string HelpFormatter::make_description(const CLI::App* app) const {
    const std::string text = app->get_description() + "\n";
    return app->get_parent() == nullptr ? text : full_name(*app) + ": " + text;
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
    return fmt::format("Usage: {} {}\n", name, usage(describe(*app)));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    const bool has_value = option->nonpositional() && option->get_items_expected_max() > 0;
    return has_value ? " " + option->get_type_name() : std::string();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
    return wrapped(option->get_description());
}

std::string HelpFormatter::make_subcommand(const CLI::App* subcommand) const {
    std::ostringstream text;
    CLI::detail::format_help(text, subcommand->get_name(), wrapped(subcommand->get_description()),
                             column_width_);
    return text.str();
}

std::string HelpFormatter::make_expanded(const CLI::App* subcommand) const {
    return "\n" + subcommand->help(full_name(*subcommand->get_parent()));
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
    std::string footer = app->get_footer();
    while (footer.ends_with('\n')) footer.pop_back();
    return footer.empty() ? footer : footer + "\n";
}

// CLI11 puts what follows a line end into the column of the descriptions.
std::string HelpFormatter::wrapped(std::string text) const {
    const std::size_t width = num_columns - column_width_;
    std::size_t begin = 0;
    while (text.size() - begin > width) {
        const std::size_t blank = text.rfind(' ', begin + width);
        if (blank == std::string::npos || blank <= begin) break;
        text[blank] = '\n';
        begin = blank + 1;
    }
    return text;
}

}  // namespace qmr::cli
