#include "conformance/queue.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <regex>
#include <thread>

#include "wait_until.hpp"

namespace qmr::conformance {

namespace {

bool has_slot(const std::string& state) {
    return state.find('q') == std::string::npos;
}

std::string queue_instance() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("all.q@{}", host.data());
}

}  // namespace

Answer Queue::qsub(const std::vector<std::string>& arguments) {
    auto answer = run("qsub", arguments);
    static const std::regex number(R"((^|\n|[Yy]our job(-array)? )(\d+))");
    std::smatch match;
    if (answer.exit_code == 0 && std::regex_search(answer.out, match, number)) numbers_.push_back(match[3]);
    return answer;
}

std::string Queue::submit(const std::string& name, const std::vector<std::string>& options,
                          const std::vector<std::string>& command) {
    std::vector<std::string> arguments{"-terse", "-b", "y",  "-shell", "n",        "-j",
                                       "y",      "-N", name, "-o",     "/dev/null"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), command.begin(), command.end());
    const auto answer = qsub(arguments);
    INFO(answer.out << answer.err);
    REQUIRE(answer.exit_code == 0);
    return numbers_.back();
}

std::string Queue::submit_shell(const std::string& name, const std::vector<std::string>& options,
                                const std::string& command) {
    return submit(name, options, {"/bin/sh", "-c", command});
}

std::string Queue::text(const std::string& file) const {
    std::ifstream in(directory() / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void Queue::write(const std::string& file, const std::string& text) const {
    std::ofstream(directory() / file, std::ios::binary) << text;
    std::filesystem::permissions(directory() / file, std::filesystem::perms(0755));
}

std::string table(const Queue& queue, const std::vector<Row>& rows) {
    if (rows.empty()) return "";
    std::string text =
        fmt::format("{:<113} \n{:-<113}\n",
                    "job-ID  prior   name       user         state submit/start at     queue       "
                    "                   slots ja-task-ID",
                    "");
    for (const auto& row : rows) {
        text += fmt::format(
            "{:>7} PRIOR   {:<10.10} {:<12.12} {:<5} TIME                {:<30.30} {:>5} {}\n", row.number,
            row.name, queue.user(), row.state, has_slot(row.state) ? queue_instance() : "", 1,
            row.tasks.empty() ? std::string(7, ' ') : row.tasks);
    }
    return text;
}

std::string xml(const Queue& queue, const std::vector<Row>& rows) {
    const auto entries = [&](bool with_slot) {
        std::string text;
        for (const auto& row : rows) {
            if (has_slot(row.state) != with_slot) continue;
            text += fmt::format("    <job_list state=\"{}\">\n", with_slot ? "running" : "pending");
            const auto element = [&](const char* name, const std::string& value) {
                text += fmt::format("      <{0}>{1}</{0}>\n", name, value);
            };
            element("JB_job_number", row.number);
            element("JAT_prio", "PRIOR");
            element("JB_name", row.name);
            element("JB_owner", queue.user());
            element("state", row.state);
            element(with_slot ? "JAT_start_time" : "JB_submission_time", "TIME");
            element("queue_name", with_slot ? queue_instance() : "");
            element("slots", "1");
            if (!row.tasks.empty()) element("tasks", row.tasks);
            text += "    </job_list>\n";
        }
        return text;
    };
    return "<?xml version='1.0'?>\n<job_info  "
           "xmlns:xsd=\"http://arc.liv.ac.uk/repos/darcs/sge/source/dist/util/resources/schemas/qstat/"
           "qstat.xsd\">\n  <queue_info>\n" +
           entries(true) + "  </queue_info>\n  <job_info>\n" + entries(false) +
           "  </job_info>\n</job_info>\n";
}

std::string normalised(const std::string& listing) {
    static const std::regex prior(R"( \d\.\d{5} )");
    static const std::regex time(R"(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)");
    static const std::regex xml_prior(R"(<JAT_prio>\d\.\d{5}<)");
    static const std::regex xml_time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)");
    auto text = std::regex_replace(listing, prior, " PRIOR   ");
    text = std::regex_replace(text, time, "TIME               ");
    text = std::regex_replace(text, xml_prior, "<JAT_prio>PRIOR<");
    return std::regex_replace(text, xml_time, "TIME");
}

void wait_for(Queue& queue, const std::vector<Row>& rows, const std::vector<std::string>& arguments) {
    const bool is_xml = std::find(arguments.begin(), arguments.end(), "-xml") != arguments.end();
    const auto expected = is_xml ? xml(queue, rows) : table(queue, rows);
    const auto deadline = std::chrono::steady_clock::now() + test::patience;
    Answer answer;
    for (;;) {
        answer = queue.qstat(arguments);
        if (normalised(answer.out) == expected || std::chrono::steady_clock::now() > deadline) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(queue.is_dummy() ? 1 : 50));
    }
    CHECK(normalised(answer.out) == expected);
    CHECK(answer.err.empty());
    CHECK(answer.exit_code == 0);
}

void wait_until_empty(Queue& queue) {
    wait_for(queue, {});
}

void check(const Answer& answer, int exit_code, const std::string& out, const std::string& err) {
    CHECK(answer.out == out);
    CHECK(answer.err == err);
    CHECK(answer.exit_code == exit_code);
}

}  // namespace qmr::conformance
