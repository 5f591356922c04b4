#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "dummy_queue/listing.hpp"

namespace qmr::dummy_queue {

std::string local_time(const char* format, std::int64_t seconds) {
    return fmt::format(fmt::runtime(format), fmt::localtime(static_cast<std::time_t>(seconds)));
}

namespace {

/// The real program writes `%lt;` for `<`, which is no slip of ours.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "%lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '\'':
                out += "&apos;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// Jobs that are held were not looked at by the scheduler.
double priority_of(const ListedEntry& entry) {
    return entry.state_word.find('h') == std::string::npos ? 0.75 : 0.0;
}

std::string to_xml(const ListedEntry& entry) {
    auto xml = fmt::format("    <job_list state=\"{}\">\n", entry.has_slot ? "running" : "pending");
    const auto element = [&xml](const char* name, const std::string& value) {
        xml += fmt::format("      <{0}>{1}</{0}>\n", name, value);
    };
    element("JB_job_number", std::to_string(entry.JB_job_number));
    element("JAT_prio", fmt::format("{:.5f}", priority_of(entry)));
    element("JB_name", escaped(entry.JB_name));
    element("JB_owner", escaped(entry.JB_owner));
    element("state", entry.state_word);
    element(entry.has_slot ? "JAT_start_time" : "JB_submission_time",
            local_time("{:%Y-%m-%dT%H:%M:%S}", entry.since));
    element("queue_name", escaped(entry.queue_name));
    element("slots", std::to_string(entry.num_slots));
    if (!entry.tasks.empty()) element("tasks", entry.tasks);
    return xml + "    </job_list>\n";
}

}  // namespace

std::string to_xml(const std::vector<ListedEntry>& entries) {
    std::string xml =
        "<?xml version='1.0'?>\n"
        "<job_info  "
        "xmlns:xsd=\"http://arc.liv.ac.uk/repos/darcs/sge/source/dist/util/resources/schemas/qstat/"
        "qstat.xsd\">\n"
        "  <queue_info>\n";
    for (const auto& entry : entries) {
        if (entry.has_slot) xml += to_xml(entry);
    }
    xml += "  </queue_info>\n  <job_info>\n";
    for (const auto& entry : entries) {
        if (!entry.has_slot) xml += to_xml(entry);
    }
    return xml + "  </job_info>\n</job_info>\n";
}

std::string to_table(const std::vector<ListedEntry>& entries) {
    if (entries.empty()) return "";
    std::string table = fmt::format("{:<113} \n{:-<113}\n",
                                    "job-ID  prior   name       user         state submit/start at     queue"
                                    "                          slots ja-task-ID",
                                    "");
    for (const auto& entry : entries) {
        table +=
            fmt::format("{:>7} {:.5f} {:<10.10} {:<12.12} {:<5} {} {:<30.30} {:>5} {}\n", entry.JB_job_number,
                        priority_of(entry), entry.JB_name, entry.JB_owner, entry.state_word,
                        local_time("{:%m/%d/%Y %H:%M:%S}", entry.since), entry.queue_name, entry.num_slots,
                        entry.tasks.empty() ? std::string(7, ' ') : entry.tasks);
    }
    return table;
}

}  // namespace qmr::dummy_queue
