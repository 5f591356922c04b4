#pragma once
// How --help reads.

#include <CLI/CLI.hpp>
#include <string>

namespace qmr::cli {

/// Makes help of lines that fit into 100 columns. Of an option it tells the value, not what else CLI11 knows.
class HelpFormatter : public CLI::Formatter {
  public:
    HelpFormatter() { label("Positionals", "Arguments"); }

    [[nodiscard]] std::string make_description(const CLI::App* app) const override;
    [[nodiscard]] std::string make_usage(const CLI::App* app, std::string name) const override;
    [[nodiscard]] std::string make_option_opts(const CLI::Option* option) const override;
    [[nodiscard]] std::string make_option_desc(const CLI::Option* option) const override;
    [[nodiscard]] std::string make_subcommand(const CLI::App* subcommand) const override;
    [[nodiscard]] std::string make_expanded(const CLI::App* subcommand) const override;
    [[nodiscard]] std::string make_footer(const CLI::App* app) const override;

  private:
    [[nodiscard]] std::string wrapped(std::string text) const;
};

}  // namespace qmr::cli
