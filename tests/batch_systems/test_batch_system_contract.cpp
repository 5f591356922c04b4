// What every row of batch_systems() promises, checked against its captured answers. A row without the
// fixtures named here fails; docs/adding_a_batch_system.md says what each of them shows.

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>
#include <tuple>

#include "batch_systems/fixtures.hpp"
#include "decisions/batch_system.hpp"

using namespace qmr::detail;
using qmr::test::Fixtures;

namespace {

Fixtures fixtures_of(const BatchSystem& system) {
    for (const auto alias : system.aliases) {
        if (const Fixtures fixtures(alias); fixtures.exist()) return fixtures;
    }
    return Fixtures(system.name);
}

const std::vector<std::string> submit_kinds{
    "submit_accepted_single", "submit_accepted_array", "submit_busy",
    "submit_refused",         "submit_too_large",      "submit_unreachable"};
const std::vector<std::string> status_kinds{"status_array_running_and_waiting", "status_empty",
                                            "status_error", "status_failed"};
const std::vector<std::string> delete_kinds{"delete_known", "delete_unknown"};
const std::vector<std::string> reason_kinds{"reason_error", "reason_pending", "reason_unknown"};
const std::vector<std::string> account_kinds{"account_other", "account_out_of_memory", "account_out_of_time",
                                             "account_unknown"};

// Kinds a row may have as well.
const std::vector<std::string> further_kinds{"submit_unclear", "status_array", "status_other",
                                             "delete_failed"};

SubmitVerdict::Kind expected_verdict(const std::string& name) {
    if (name.starts_with("submit_accepted")) return SubmitVerdict::Kind::accepted;
    if (name.starts_with("submit_busy")) return SubmitVerdict::Kind::busy;
    if (name.starts_with("submit_refused")) return SubmitVerdict::Kind::refused;
    if (name.starts_with("submit_too_large")) return SubmitVerdict::Kind::too_large;
    return SubmitVerdict::Kind::unclear;
}

Listing list(const BatchSystem& system, const ClientAnswer& answer, std::string_view prefix = "") {
    return system.read_status_answer(answer, prefix, "E", "");
}

// Larger than any batch system allows by default.
std::uint64_t array_size_of(const std::string& name) {
    return name.starts_with("submit_too_large") ? 100'000 : 0;
}

bool has(const std::vector<ListedJob>& jobs, JobState state) {
    return std::any_of(jobs.begin(), jobs.end(), [&](const auto& job) { return job.state == state; });
}

bool has_array_task(const std::vector<ListedJob>& jobs, JobState state) {
    return std::any_of(jobs.begin(), jobs.end(),
                       [&](const auto& job) { return job.state == state && job.array_index.has_value(); });
}

}  // namespace

TEST_CASE("batch systems are found by their names, which are all different") {
    REQUIRE_FALSE(batch_systems().empty());
    std::set<std::string_view> names;
    for (const auto& system : batch_systems()) {
        CAPTURE(system.name);
        CHECK(names.insert(system.name).second);
        CHECK(find_batch_system(system.name) == &system);
        for (const auto alias : system.aliases) {
            CAPTURE(alias);
            CHECK(names.insert(alias).second);
            CHECK(find_batch_system(alias) == &system);
        }
    }
    CHECK(find_batch_system("") == nullptr);
    CHECK(find_batch_system("no such batch system") == nullptr);
}

TEST_CASE("each batch system has all its facts") {
    for (const auto& system : batch_systems()) {
        CAPTURE(system.name);
        CHECK_FALSE(system.submit_program.empty());
        CHECK_FALSE(system.status_program.empty());
        CHECK_FALSE(system.delete_program.empty());
        CHECK_FALSE(system.account_program.empty());
        CHECK_FALSE(system.array_index_variable.empty());
        CHECK_FALSE(system.own_variables.empty());
        CHECK(system.max_array_size > 0);
        CHECK(system.cannot_carry("/home/user/work_dir") == std::nullopt);
    }
}

TEST_CASE("each batch system has the fixtures that its promises are checked against") {
    for (const auto& system : batch_systems()) {
        const auto fixtures = fixtures_of(system);
        CAPTURE(system.name);
        REQUIRE(fixtures.exist());
        auto all_kinds = further_kinds;
        for (const auto& kinds : {submit_kinds, status_kinds, delete_kinds, reason_kinds, account_kinds}) {
            for (const auto& kind : kinds) {
                INFO("a fixture whose name begins with " << kind);
                CHECK_FALSE(fixtures.names(kind).empty());
                all_kinds.push_back(kind);
            }
        }
        for (const auto& name : fixtures.names("")) {
            INFO(name << " is of a kind that is checked");
            CHECK(std::any_of(all_kinds.begin(), all_kinds.end(),
                              [&](const auto& kind) { return name.starts_with(kind); }));
        }
    }
}

TEST_CASE("each batch system passes the command and the user's arguments on as they are") {
    SubmitRequest request;
    request.JB_name = "q1#000000001";
    request.command = {"/work dir/$HOME/run", "a'; echo \"b\"", "", "-q"};
    request.output_directory = "/work dir";
    request.submit_arguments = {"--comment", "two  words"};
    for (const auto& system : batch_systems()) {
        for (const std::uint64_t array_size : {0U, 1U, 500U}) {
            CAPTURE(system.name, array_size);
            request.array_size = array_size;
            const auto argv = system.submit_command("/opt/bin/submit", request);
            REQUIRE(argv.size() > request.command.size() + request.submit_arguments.size());
            CHECK(argv.front() == "/opt/bin/submit");
            auto tail = request.submit_arguments;
            tail.insert(tail.end(), request.command.begin(), request.command.end());
            CHECK(std::equal(tail.rbegin(), tail.rend(), argv.rbegin()));
            CHECK(std::any_of(argv.begin(), argv.end(), [&](const auto& argument) {
                return argument.find(request.JB_name) != std::string::npos;
            }));
        }
    }
}

TEST_CASE("each batch system reads the captured answers to submissions") {
    for (const auto& system : batch_systems()) {
        const auto fixtures = fixtures_of(system);
        for (const auto& name : fixtures.names("submit_")) {
            CAPTURE(system.name, name);
            auto answer = fixtures.answer(name);
            const auto verdict = system.read_submit_answer(answer, array_size_of(name));
            CHECK(verdict.kind == expected_verdict(name));
            CHECK(verdict.JB_job_number.empty() == (verdict.kind != SubmitVerdict::Kind::accepted));
            CHECK(answer.out.find(verdict.JB_job_number) != std::string::npos);
            CHECK(verdict.message.empty() == (verdict.kind == SubmitVerdict::Kind::accepted));
            CHECK(verdict.message.find('\n') == std::string::npos);

            answer.ended = false;
            CHECK(system.read_submit_answer(answer, array_size_of(name)).kind ==
                  SubmitVerdict::Kind::unclear);
        }
    }
}

TEST_CASE("each batch system asks for the queue jobs of the user") {
    for (const auto& system : batch_systems()) {
        CAPTURE(system.name);
        const auto argv = system.status_command("/opt/bin/status", "some_user", "");
        CHECK(argv.front() == "/opt/bin/status");
        CHECK(std::any_of(argv.begin(), argv.end(),
                          [](const auto& argument) { return argument.ends_with("some_user"); }));
    }
}

TEST_CASE("each batch system reads the captured listings") {
    for (const auto& system : batch_systems()) {
        const auto fixtures = fixtures_of(system);
        for (const auto& name : fixtures.names("status_")) {
            CAPTURE(system.name, name);
            const auto answer = fixtures.answer(name);
            const auto jobs = list(system, answer);
            CHECK(jobs.has_value() != name.starts_with("status_failed"));
            if (!jobs) continue;

            CHECK(jobs->empty() == name.starts_with("status_empty"));
            if (name.starts_with("status_array_running_and_waiting")) {
                CHECK(has_array_task(*jobs, JobState::running));
                CHECK(has_array_task(*jobs, JobState::pending));
            }
            if (name.starts_with("status_error")) CHECK(has(*jobs, JobState::error));

            std::set<std::tuple<std::string, std::optional<std::uint64_t>>> listed;
            for (const auto& job : *jobs) {
                CHECK(listed.insert({job.JB_job_number, job.array_index}).second);
                CHECK_FALSE(job.JB_job_number.empty());
                CHECK_FALSE(job.state_word.empty());
                CHECK_FALSE(list(system, answer, job.JB_name)->empty());
            }
            CHECK(list(system, answer, "no such name").value().empty());
        }
    }
}

TEST_CASE("no batch system takes a piece of a listing for the whole") {
    for (const auto& system : batch_systems()) {
        const auto fixtures = fixtures_of(system);
        for (const auto& name : fixtures.names("status_")) {
            const auto whole = fixtures.answer(name);
            const auto jobs = list(system, whole);
            if (!jobs) continue;
            for (std::size_t size = 0; size < whole.out.size(); ++size) {
                auto piece = whole;
                piece.out.resize(size);
                const auto read = list(system, piece);
                if (read && read->size() == jobs->size() && whole.out.size() - size == 1)
                    continue;  // the last newline
                // A piece of whole lines, where nothing marks the end.
                if (!system.listing_has_end && size > 0 && whole.out[size - 1] == '\n') continue;
                CAPTURE(system.name, name, size);
                CHECK_FALSE(read);
            }
            auto failed = whole;
            failed.exit_code = 1;
            CHECK_FALSE(list(system, failed));
            auto killed = whole;
            killed.ended = false;
            CHECK_FALSE(list(system, killed));
        }
    }
}

TEST_CASE("each batch system deletes each queue job once, by commands of bounded length") {
    for (const auto& system : batch_systems()) {
        CAPTURE(system.name);
        CHECK(system.delete_commands("/opt/bin/delete", {}).empty());
        std::vector<JobToDelete> jobs;
        for (std::uint64_t i = 1; i <= 10'000; ++i) jobs.push_back({"123456", i, "q1.0"});
        jobs.push_back({"123457", {}, "q1.1#000000001"});
        const auto commands = system.delete_commands("/opt/bin/delete", jobs);
        REQUIRE_FALSE(commands.empty());
        for (const auto& argv : commands) {
            CHECK(argv.size() > 1);
            CHECK(argv.front() == "/opt/bin/delete");
            const auto num_bytes =
                std::accumulate(argv.begin(), argv.end(), std::size_t{0},
                                [](std::size_t sum, const auto& a) { return sum + a.size() + 1; });
            CHECK(num_bytes <= 120'000);
        }
        const auto by_name = system.delete_by_name_command("/opt/bin/delete", "q1#000000001", "");
        CHECK(by_name.front() == "/opt/bin/delete");
        CHECK(std::any_of(by_name.begin(), by_name.end(), [](const auto& argument) {
            return argument.find("q1#000000001") != std::string::npos;
        }));
    }
}

TEST_CASE("each batch system reads the captured answers to deletions") {
    for (const auto& system : batch_systems()) {
        const auto fixtures = fixtures_of(system);
        for (const auto& name : fixtures.names("delete_")) {
            CAPTURE(system.name, name);
            auto answer = fixtures.answer(name);
            CHECK(system.read_delete_answer(answer) != name.starts_with("delete_failed"));
            answer.ended = false;
            CHECK_FALSE(system.read_delete_answer(answer));
        }
    }
}

TEST_CASE("each batch system reads the captured answers about queue jobs that do not run") {
    for (const auto& system : batch_systems()) {
        CHECK(system.reason_command("/opt/bin/status", "123").front() == "/opt/bin/status");
        const auto fixtures = fixtures_of(system);
        for (const auto& name : fixtures.names("reason_")) {
            CAPTURE(system.name, name);
            auto answer = fixtures.answer(name);
            const auto reports = system.read_reason_answer(answer);
            CHECK(reports.empty() == name.starts_with("reason_unknown"));
            for (const auto& report : reports) {
                CHECK_FALSE(report.JB_name.empty());
                CHECK_FALSE(report.message.empty());
                CHECK(report.message.find('\n') == std::string::npos);
            }
            answer.ended = false;
            CHECK(system.read_reason_answer(answer).empty());
        }
    }
}

TEST_CASE("each batch system reads the captured answers about queue jobs that have ended") {
    for (const auto& system : batch_systems()) {
        CHECK(system.account_command("/opt/bin/account", "123").front() == "/opt/bin/account");
        const auto fixtures = fixtures_of(system);
        for (const auto& name : fixtures.names("account_")) {
            CAPTURE(system.name, name);
            auto answer = fixtures.answer(name);
            const auto reports = system.read_account_answer(answer);
            CHECK(reports.empty() == name.starts_with("account_unknown"));
            for (const auto& report : reports) {
                CHECK_FALSE(report.JB_name.empty());
                CHECK_FALSE(report.message.empty());
                CHECK(report.message.find('\n') == std::string::npos);
                using qmr::Cause;
                CHECK((report.cause == Cause::out_of_time) == name.starts_with("account_out_of_time"));
                CHECK((report.cause == Cause::out_of_memory) == name.starts_with("account_out_of_memory"));
            }
            answer.ended = false;
            CHECK(system.read_account_answer(answer).empty());
        }
    }
}
