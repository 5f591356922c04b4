// qmr man: prints the man page. The build asks for it; people have man.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <qmr/qmr.hpp>

#include "cli/man_page.hpp"
#include "cli/standard_streams.hpp"
#include "cli/subcommands.hpp"

namespace qmr::cli {

void add_man(CLI::App& app, int& /*exit_code*/) {
    CLI::App* sub = app.add_subcommand("man", "Print the man page, as roff text");
    sub->group("");  // not in the list of subcommands
    sub->footer("To read it before it is installed:\n  qmr man | man -l -");
    sub->callback([&app] { print_out("{}", man_page(describe(app), version)); });
}

}  // namespace qmr::cli
