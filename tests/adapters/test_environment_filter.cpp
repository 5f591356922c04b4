#include <array>
#include <catch2/catch.hpp>

#include "adapters/environment_filter.hpp"
#include "adapters/launcher.hpp"

using namespace qmr::detail;

namespace {

using Words = std::vector<std::string>;

Words filtered(std::vector<const char*> environment, const Words& exported = {"*"},
               const Words& withheld = {}, std::span<const std::string_view> own_variables = {}) {
    environment.push_back(nullptr);
    return filtered_environment(environment.data(), {exported, withheld, own_variables});
}

}  // namespace

TEST_CASE("all variables are exported by default, as they are and in their order") {
    CHECK(filtered({"A=1", "B=", "C=a=b", "d.e=\n'"}) == Words{"A=1", "B=", "C=a=b", "d.e=\n'"});
    CHECK(filtered({}).empty());
}

TEST_CASE("a variable is exported when a pattern matches its whole name") {
    const std::vector<const char*> environment{"A=1", "AB=2", "BA=3", "B=A"};
    CHECK(filtered(environment, {"A"}) == Words{"A=1"});
    CHECK(filtered(environment, {"A*"}) == Words{"A=1", "AB=2"});
    CHECK(filtered(environment, {"?A", "[B]"}) == Words{"BA=3", "B=A"});
    CHECK(filtered(environment, Words{}).empty());
}

TEST_CASE("a variable that is withheld is not exported, though a pattern matches it") {
    CHECK(filtered({"A=1", "MY_TOKEN=secret", "B=2"}, {"*"}, {"*_TOKEN"}) == Words{"A=1", "B=2"});
    CHECK(filtered({"A=1"}, {"A"}, {"A"}).empty());
}

TEST_CASE("variables of the batch system are left alone, though a pattern matches them") {
    constexpr std::array<std::string_view, 3> own{"JOB_ID", "SGE_*", "TMPDIR"};
    const Words kept = filtered({"JOB_ID=1", "SGE_TASK_ID=2", "TMPDIR=/t", "SGE=x", "MY_JOB_ID=3"},
                                {"*", "JOB_ID"}, {}, own);
    CHECK(kept == Words{"SGE=x", "MY_JOB_ID=3"});
}

TEST_CASE("variables that are not exported are told by their names, but for those of the batch system") {
    constexpr std::array<std::string_view, 1> own{"SGE_*"};
    const std::vector<const char*> environment{"A=1", "MY_TOKEN=secret", "SGE_CELL=c",
                                               "B=2", "no sign",         nullptr};
    const EnvironmentFilter all{{"*"}, {"*_TOKEN"}, own};
    CHECK(names_held_back(environment.data(), all) == Words{"MY_TOKEN"});
    const EnvironmentFilter few{{"A"}, {}, own};
    CHECK(names_held_back(environment.data(), few) == Words{"MY_TOKEN", "B"});
}

TEST_CASE("entries of an environment that no program can set are left out") {
    CHECK(filtered({"A=1", "no equals sign", "", "=value", "=C:=C:\\dir"}) == Words{"A=1"});
}

TEST_CASE("a launcher holds nothing of a variable that is withheld") {
    LauncherContent content;
    content.environment = filtered({"A=1", "MY_TOKEN=secret"}, {"*"}, {"*_TOKEN"});
    const std::string script = launcher_script(content);
    CHECK_THAT(script, !Catch::Contains("secret") && !Catch::Contains("MY_TOKEN"));
    CHECK_THAT(script, Catch::Contains("A='1'"));
}

TEST_CASE("text for a shell is one word in single quotes") {
    CHECK(shell_quoted("") == "''");
    CHECK(shell_quoted("a b") == "'a b'");
    CHECK(shell_quoted("it's") == "'it'\\''s'");
    CHECK(shell_quoted("$x\n\"") == "'$x\n\"'");
}
