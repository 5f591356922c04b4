#include "full_chain/chain.hpp"

#include <fstream>
#include <iterator>
#include <numeric>

namespace qmr::test {

Chain::Chain(const std::vector<dummy_queue::Fault>& faults)
    : queue_(dummy_queue::make_dummy_queue(directory_.path(), faults)) {
    queue_.activate();
}

PoolOptions Chain::options(Jobs jobs) const {
    PoolOptions options = local_options(directory());
    options.batch_system = "sge";
    options.jobs = jobs;
    options.qsub_path = dummy_queue::DummyQueue::qsub_path().native();
    options.qstat_path = dummy_queue::DummyQueue::qstat_path().native();
    options.qdel_path = dummy_queue::DummyQueue::qdel_path().native();
    options.polling_interval = Seconds{0.01};
    options.file_system_latency = Seconds{0.2};
    options.settling_time = Seconds{0};
    return options;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::size_t Chain::num_events(const std::string& text) const {
    std::ifstream file(work_dir() / "journal.jsonl");
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) count += line.find(text) != std::string::npos ? 1U : 0U;
    return count;
}

PoolOptions local_options(const std::filesystem::path& directory) {
    PoolOptions options;
    options.batch_system = "local";
    options.work_dir = directory / "work_dir";
    options.keep_work_dir = true;
    options.progress = Progress::silent;
    return options;
}

std::vector<std::int64_t> numbers(std::int64_t count) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return all;
}

std::vector<std::int64_t> squares(std::int64_t count) {
    std::vector<std::int64_t> all = numbers(count);
    for (std::int64_t& x : all) x *= x;
    return all;
}

std::int64_t square(std::int64_t x) {
    return x * x;
}

}  // namespace qmr::test
