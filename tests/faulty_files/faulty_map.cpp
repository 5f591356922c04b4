// Maps known tasks, and checks the promise: either all results are right, or an error says in one line what
// happened, and all that is not said to have failed is right.
//   qmr_faulty_map (local|dummy) (pull|one_per_chunk) WORK_DIR
// Exit codes: 0, all is right; 3, an error as promised, which is printed; 4, the promise is broken, which is
// told on stderr.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

#include "dummy_queue/dummy_queue.hpp"

namespace {

using qmr::dummy_queue::DummyQueue;

enum ExitCode : int { all_right = 0, error_told = 3, promise_broken = 4 };

constexpr std::int64_t num_tasks = 12;

// Result 5 is larger than any buffer; most are small.
std::size_t size_of_result(std::int64_t x) {
    return x == 5 ? 400'000 : static_cast<std::size_t>(x);
}

std::string right_result(std::int64_t x, std::int64_t shift) {
    return std::string(size_of_result(x), static_cast<char>('a' + (x + shift) % 26)) + std::to_string(x);
}

/// Has data of its own, so that the file of the function object counts.
struct Letters {
    std::int64_t shift = 0;

    std::string operator()(std::int64_t x, const std::string& ballast) const {
        if (x == 3) std::printf("task 3 prints\n");
        if (x == 7) std::fprintf(stderr, "task 7 complains\n");
        return ballast == right_result(x, 0) ? right_result(x, shift)
                                             : "the task is not the one that was given";
    }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(shift);
    }
};

constexpr std::int64_t shift = 7;

int broken(const std::string& how) {
    std::fprintf(stderr, "promise broken: %s\n", how.c_str());
    return promise_broken;
}

int told(const std::string& what) {
    if (what.find('\n') != std::string::npos) return broken("an error of several lines: " + what);
    if (what.find('/') == std::string::npos && what.find("task") == std::string::npos)
        return broken("an error that names no file and no task: " + what);
    std::printf("%s\n", what.c_str());
    return error_told;
}

// None of the tasks throws, or ends its process.
int check_failures(const qmr::MapError& error) {
    const auto& results = error.results<std::string>();
    if (results.size() != static_cast<std::size_t>(num_tasks)) return broken("results are missing");
    for (const qmr::TaskFailure& failure : error.failures()) {
        if (failure.cause == qmr::Cause::exception || failure.message.find("the task ended") == 0)
            return broken("task " + std::to_string(failure.itask) + " is blamed: " + failure.message);
        if (results.at(failure.itask)) return broken("a task failed, and has a value");
    }
    const auto num_values = std::ranges::count_if(results, [](const auto& r) { return r.has_value(); });
    if (static_cast<std::size_t>(num_values) + error.failures().size() != results.size())
        return broken("a task has no value, and is not said to have failed");
    for (std::int64_t x = 0; x < num_tasks; ++x) {
        const auto& result = results[static_cast<std::size_t>(x)];
        if (result && result.value() != right_result(x, shift))
            return broken("wrong result of task " + std::to_string(x));
    }
    return told(error.what());
}

qmr::PoolOptions options_of(const std::string& queue, const std::string& jobs, const std::string& work_dir) {
    qmr::PoolOptions options;
    options.work_dir = work_dir;
    options.num_chunks = 4;
    options.max_num_running = 2;
    options.max_num_resubmissions = 2;
    options.jobs = jobs == "pull" ? qmr::Jobs::pull : qmr::Jobs::one_per_chunk;
    options.progress = qmr::Progress::silent;
    options.file_system_latency = qmr::Seconds{0.3};
    options.settling_time = qmr::Seconds{0.02};
    options.polling_interval = qmr::Seconds{0.01};
    options.command_time_limit = qmr::Seconds{10};
    options.batch_system = "local";
    if (queue == "dummy") {
        options.batch_system = "sge";
        options.qsub_path = DummyQueue::qsub_path().native();
        options.qstat_path = DummyQueue::qstat_path().native();
        options.qdel_path = DummyQueue::qdel_path().native();
    }
    return options;
}

int map(const qmr::PoolOptions& options) {
    std::vector<std::int64_t> tasks;
    std::vector<std::string> ballast;
    for (std::int64_t x = 0; x < num_tasks; ++x) {
        tasks.push_back(x);
        ballast.push_back(right_result(x, 0));
    }
    try {
        const auto results = qmr::Pool(options).map(Letters{shift}, tasks, ballast);
        for (const std::int64_t x : tasks)
            if (results.at(static_cast<std::size_t>(x)) != right_result(x, shift))
                return broken("wrong result of task " + std::to_string(x));
        return all_right;
    } catch (const qmr::MapError& error) {
        return check_failures(error);
    } catch (const qmr::Error& error) {
        return told(error.what());
    } catch (const std::exception& error) {
        return broken(std::string("an exception that is no qmr::Error: ") + error.what());
    }
}

}  // namespace

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    if (argc != 4) return broken("usage: qmr_faulty_map (local|dummy) (pull|one_per_chunk) WORK_DIR");
    return map(options_of(argv[1], argv[2], argv[3]));
}
