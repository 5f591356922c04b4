#include <array>
#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>

#include "adapters/launched_program.hpp"
#include "temporary_directory.hpp"

using namespace qmr::detail;
using namespace qmr::test;

namespace {

std::vector<std::string> any_shell() {
    static const auto all = shells();
    return GENERATE(from_range(all));
}

void check_clean(const Launched& launched) {
    CHECK(launched.shell.status.exit_code == 0);
    CHECK(launched.shell.status.signal == 0);
    CHECK(launched.shell.err == "");
}

std::string all_bytes(char but) {
    std::string bytes;
    for (int c = 1; c < 256; ++c)
        if (static_cast<char>(c) != but) bytes += static_cast<char>(c);
    return bytes;
}

bool sees(const Launched& launched, const std::string& variable) {
    const auto equals = variable.find('=');
    const auto found = launched.environment.find(variable.substr(0, equals));
    return found != launched.environment.end() && found->second == variable.substr(equals + 1);
}

// The names of directories and values that break careless scripts.
std::vector<std::string> hostile_words() {
    return {"a 0",    "a'; echo", "a\"=0\"", "a\nb",        "\n",   "$HOME `id` $(id) ${x}",
            "\\",     "'",        "''",      "a\\'b",       "*",    "~",
            "#",      "-n",       "!!",      "é\xFF",       " \t ", "trailing\n",
            "a\r\nb", "&;|<>()",  "%s%n",    all_bytes('/')};
}

// Names that sh, bash or ksh treat in a way of their own.
constexpr std::array names_of_shells{"IFS",
                                     "OPTIND",
                                     "OPTARG",
                                     "OPTERR",
                                     "PPID",
                                     "UID",
                                     "EUID",
                                     "GROUPS",
                                     "PS1",
                                     "PS2",
                                     "PS4",
                                     "ENV",
                                     "PWD",
                                     "OLDPWD",
                                     "SHLVL",
                                     "_",
                                     "CDPATH",
                                     "LINENO",
                                     "MAIL",
                                     "MAILPATH",
                                     "MAILCHECK",
                                     "PATH",
                                     "HOME",
                                     "TERM",
                                     "LANG",
                                     "LC_ALL",
                                     "LC_CTYPE",
                                     "RANDOM",
                                     "SECONDS",
                                     "SRANDOM",
                                     "EPOCHSECONDS",
                                     "EPOCHREALTIME",
                                     "HISTCMD",
                                     "HISTFILE",
                                     "HISTFILESIZE",
                                     "HISTSIZE",
                                     "HISTCONTROL",
                                     "DIRSTACK",
                                     "FUNCNAME",
                                     "FUNCNEST",
                                     "BASH",
                                     "BASH_ENV",
                                     "BASH_VERSION",
                                     "BASH_VERSINFO",
                                     "BASHOPTS",
                                     "SHELLOPTS",
                                     "BASHPID",
                                     "BASH_ARGV0",
                                     "BASH_ARGC",
                                     "BASH_ARGV",
                                     "BASH_SUBSHELL",
                                     "BASH_COMMAND",
                                     "BASH_LINENO",
                                     "BASH_SOURCE",
                                     "BASH_ALIASES",
                                     "BASH_CMDS",
                                     "BASH_XTRACEFD",
                                     "BASH_COMPAT",
                                     "COMP_WORDBREAKS",
                                     "PIPESTATUS",
                                     "COLUMNS",
                                     "LINES",
                                     "TMOUT",
                                     "TIMEFORMAT",
                                     "LANGUAGE",
                                     "IGNOREEOF",
                                     "GLOBIGNORE",
                                     "EXECIGNORE",
                                     "POSIXLY_CORRECT",
                                     "REPLY",
                                     "CHILD_MAX",
                                     "HOSTTYPE",
                                     "MACHTYPE",
                                     "OSTYPE",
                                     "HOSTNAME",
                                     "SHELL",
                                     "INPUTRC",
                                     "LD_LIBRARY_PATH",
                                     "MALLOC_ARENA_MAX",
                                     "KSH_VERSION"};

}  // namespace

TEST_CASE("a launched worker is given the work_dir, the submission and the index, each as one argument") {
    const auto shell = any_shell();
    LauncherContent content;
    content.work_dir = "/w";
    const Launched launched = launch(shell, content, {}, {"7", "12"});
    check_clean(launched);
    CHECK(launched.arguments ==
          std::vector<std::string>{"--qmr-worker", "/w" + std::string(print_what_you_got), "7", "12"});
}

TEST_CASE("a launched worker takes its array index from the batch system unless it is given one") {
    const auto shell = any_shell();
    LauncherContent content;
    content.array_index_variable = "SGE_TASK_ID";
    CHECK(launch(shell, content, {"SGE_TASK_ID=31"}, {"7"}).arguments.back() == "31");
    CHECK(launch(shell, content, {"SGE_TASK_ID=undefined"}, {"7", "1"}).arguments.back() == "1");
}

TEST_CASE("a launched worker sees each byte of a value") {
    const auto shell = any_shell();
    LauncherContent content;
    content.environment = {"QMR_TEST=" + all_bytes('\0')};
    const Launched launched = launch(shell, content);
    check_clean(launched);
    CHECK((launched.environment.at("QMR_TEST") == all_bytes('\0')));
}

TEST_CASE("a launched worker sees hostile values as they are") {
    const auto shell = any_shell();
    LauncherContent content;
    const auto words = hostile_words();
    for (std::size_t i = 0; i < words.size(); ++i)
        content.environment.push_back("QMR_TEST_" + std::to_string(i) + "=" + words[i]);
    content.environment.emplace_back("QMR_TEST_EMPTY=");
    const Launched launched = launch(shell, content);
    check_clean(launched);
    for (std::size_t i = 0; i < words.size(); ++i)
        CHECK((launched.environment.at("QMR_TEST_" + std::to_string(i)) == words[i]));
    CHECK(launched.environment.at("QMR_TEST_EMPTY") == "");
}

TEST_CASE("a launched worker works in hostile directories") {
    const auto shell = any_shell();
    const TemporaryDirectory directory;
    LauncherContent content;
    for (const std::string& word : hostile_words()) {
        CAPTURE(word);
        content.current_directory = (directory / word).native();
        content.work_dir = content.current_directory;
        fs::create_directory(content.current_directory);
        const Launched launched = launch(shell, content);
        check_clean(launched);
        CHECK((launched.current_directory == content.current_directory));
        CHECK((launched.arguments.at(1) == content.work_dir + print_what_you_got));
    }
}

TEST_CASE("a launcher that can not enter the directory of the caller ends with the code that says so") {
    const auto shell = any_shell();
    LauncherContent content;
    content.current_directory = "/nowhere/at all";
    const Launched launched = launch(shell, content);
    CHECK(launched.shell.status.exit_code == 3);
    CHECK_THAT(launched.shell.err, Catch::Contains("/nowhere/at all"));
    CHECK(launched.arguments.empty());
}

TEST_CASE("a launched worker sees variables whose names a shell can not export") {
    const auto shell = any_shell();
    LauncherContent content;
    content.environment = {"BASH_FUNC_module%%=() {  eval 'x' \"$@\"\n}",
                           "with.dots=1",
                           "with-dash=2",
                           "1digit=3",
                           "with space=4",
                           "é=5",
                           "-i=6",
                           "--=7",
                           "$x=8",
                           "a'b=9",
                           "QMR_TEST=plain"};
    const Launched launched = launch(shell, content);
    check_clean(launched);
    for (const std::string& variable : content.environment) {
        CAPTURE(variable);
        CHECK(sees(launched, variable));
        LauncherContent alone;
        alone.environment = {variable};
        CHECK(sees(launch(shell, alone), variable));
    }
}

TEST_CASE("a launched worker sees variables that mean something to a shell") {
    const auto shell = any_shell();
    const std::string value = GENERATE("/a b:'c'", "77", "");
    CAPTURE(shell.front(), value);
    LauncherContent content;
    for (const char* name : names_of_shells) content.environment.push_back(std::string(name) + "=" + value);
    const Launched launched = launch(shell, content);
    check_clean(launched);
    for (const std::string& variable : content.environment) {
        CAPTURE(variable);
        CHECK(sees(launched, variable));
    }
    CHECK(launched.arguments.size() == 4);
}

TEST_CASE("a launched worker sees nothing that neither the caller nor the batch system has set") {
    const auto shell = any_shell();
    LauncherContent content;
    content.environment = {"QMR_TEST=1"};
    Launched launched = launch(shell, content, {"JOB_ID=7"});
    for (const char* of_the_shell : {"PWD", "OLDPWD", "SHLVL", "_"}) launched.environment.erase(of_the_shell);
    CHECK(launched.environment == std::map<std::string, std::string>{{"JOB_ID", "7"}, {"QMR_TEST", "1"}});
}

TEST_CASE("the loader of a launched worker sees LD_LIBRARY_PATH already") {
    const auto shell = any_shell();
    LauncherContent content;
    content.environment = {"LD_LIBRARY_PATH=/some/where", "LD_DEBUG=libs"};
    const Launched launched = launch(shell, content, {"LD_LIBRARY_PATH=/of/the/batch/system"});
    // The last program that is loaded is the worker.
    const auto worker = launched.shell.err.rfind("initialize program: ");
    REQUIRE(worker != std::string::npos);
    CHECK_THAT(launched.shell.err, Catch::Contains("search path=/some/where"));
    CHECK_THAT(launched.shell.err, !Catch::Contains("/of/the/batch/system/"));
}

TEST_CASE("an environment as large as programs are given fits a launcher") {
    const auto shell = any_shell();
    LauncherContent content;
    for (int i = 0; i < 2000; ++i)
        content.environment.push_back("QMR_TEST_" + std::to_string(i) + "=" + std::string(400, 'x'));
    content.environment.push_back("QMR_TEST_LONG=" + std::string(100'000, '\''));
    const Launched launched = launch(shell, content);
    check_clean(launched);
    CHECK(launched.environment.at("QMR_TEST_1999") == std::string(400, 'x'));
    CHECK(launched.environment.at("QMR_TEST_LONG").size() == 100'000);
}
