// What one pass of the loop costs while 10,000 chunks are in the queue, in its parts.

#include <fmt/format.h>

#include <boost/filesystem/operations.hpp>
#include <fstream>
#include <stdexcept>
#include <string>

#include "decisions/job_monitor.hpp"
#include "measure.hpp"
#include "vocabulary/job_name.hpp"
#include "vocabulary/work_dir.hpp"

namespace fs = boost::filesystem;
using namespace qmr::detail;

constexpr std::size_t num_chunks = 10'000;
constexpr int num_times = 21;

// Each task of an array in a list entry of its own, as those that run are listed.
std::string listing(const std::string& JB_name) {
    std::string xml =
        "<?xml version='1.0'?>\n<job_info  xmlns:xsd=\"http://example.org/qstat.xsd\">\n  <queue_info>\n";
    for (std::size_t index = 1; index <= num_chunks; ++index)
        xml += fmt::format(
            "    <job_list state=\"running\">\n      <JB_job_number>122</JB_job_number>\n"
            "      <JAT_prio>0.75000</JAT_prio>\n      <JB_name>{}</JB_name>\n      "
            "<JB_owner>somebody</JB_owner>\n"
            "      <state>r</state>\n      <JAT_start_time>2026-11-20T09:33:06</JAT_start_time>\n"
            "      <queue_name>all.q@node{:03}.example.org</queue_name>\n      <slots>1</slots>\n"
            "      <tasks>{}</tasks>\n    </job_list>\n",
            JB_name, index % 500, index);
    return xml + "  </queue_info>\n  <job_info>\n  </job_info>\n</job_info>\n";
}

// The first attempts are at work; three files of each.
void fill(const WorkDir& work_dir) {
    for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk) {
        const Attempt attempt{{0, ichunk + 1}, fmt::format("{:08x}", ichunk)};
        for (const fs::path& path :
             {work_dir.chunk(ichunk), work_dir.part(ichunk, attempt), work_dir.stderr_of(ichunk, attempt)})
            std::ofstream(path.native()) << "x";
    }
}

std::size_t look_into(const WorkDir& work_dir) {
    std::size_t num_of_interest = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(work_dir.path()))
        if (read_chunk_file_name(entry.path().filename().native())) ++num_of_interest;
    return num_of_interest;
}

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    const std::string session_id = new_session_id();
    const std::string prefix = JB_name_prefix(session_id);
    const BatchSystem& grid_engine = *find_batch_system("sge");
    const ClientAnswer answer{0, true, listing(make_JB_name(session_id, 0)), {}};

    MonitorOptions options;
    options.num_chunks = num_chunks;
    options.max_jobs_per_submission = num_chunks;
    JobMonitor monitor(options);
    static_cast<void>(monitor.decide(qmr::Seconds{0}));
    monitor.submit_accepted(0, "122", qmr::Seconds{0});

    Listing listed;
    const double parsing = bench::median_seconds(
        num_times, [&] { listed = grid_engine.read_status_answer(answer, prefix, "E", ""); });
    if (!listed || listed->size() != num_chunks) throw std::logic_error("the listing was not understood");

    std::vector<SeenJob> seen;
    const double choosing = bench::median_seconds(num_times, [&] {
        seen.clear();
        for (const ListedJob& job : *listed)
            if (const auto isubmission = isubmission_of(job.JB_name, session_id))
                seen.push_back({{*isubmission, job.array_index.value_or(1)}, job.JB_job_number, job.state});
    });
    if (seen.size() != num_chunks) throw std::logic_error("the queue jobs were not recognised");

    double time = 1;
    std::size_t num_running = 0;
    const double deciding = bench::median_seconds(num_times, [&] {
        monitor.polled(seen, qmr::Seconds{time++});
        static_cast<void>(monitor.decide(qmr::Seconds{time}));
        num_running = monitor.counts().running;
    });
    if (num_running != num_chunks) throw std::logic_error("the queue jobs are not known to run");

    const WorkDir work_dir(fs::absolute(fs::unique_path("bench_loop_%%%%%%%%")));
    fs::create_directory(work_dir.path());
    fill(work_dir);
    const double looking = bench::median_seconds(num_times, [&] { static_cast<void>(look_into(work_dir)); });
    fs::remove_all(work_dir.path());

    bench::report("loop_listing_size", static_cast<double>(answer.out.size()) * 1e-6, "MB");
    bench::report("loop_read_listing", parsing * 1000, "ms");
    bench::report("loop_recognise_jobs", choosing * 1000, "ms");
    bench::report("loop_decide", deciding * 1000, "ms");
    bench::report("loop_list_work_dir", looking * 1000, "ms");
    bench::report("loop_whole_pass", (parsing + choosing + deciding + looking) * 1000, "ms");
}
