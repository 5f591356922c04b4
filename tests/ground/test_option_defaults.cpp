// Each option that names an environment variable really reads that one.

#include <catch2/catch.hpp>

#include "ground/environment_variable.hpp"
#include "qmr/error.hpp"
#include "qmr/options.hpp"

using qmr::PoolOptions;
using qmr::test::EnvironmentVariable;

namespace {

PoolOptions with(const char* name, const char* value) {
    const EnvironmentVariable variable(name, value);
    return PoolOptions{};
}

}  // namespace

TEST_CASE("options that are texts have an environment variable for their default") {
    CHECK(with("QMR_BATCH_SYSTEM", "sge").batch_system == "sge");
    CHECK(with("QMR_QUEUE_NAME", "all.q").queue_name == "all.q");
    CHECK(with("QMR_QSUB_PATH", "/a/qsub").qsub_path == "/a/qsub");
    CHECK(with("QMR_QSTAT_PATH", "/a/qstat").qstat_path == "/a/qstat");
    CHECK(with("QMR_QDEL_PATH", "/a/qdel").qdel_path == "/a/qdel");
    CHECK(with("QMR_ERROR_STATE_INDICATOR", "EX").error_state_indicator == "EX");
    CHECK(with("QMR_WORK_DIR", "/a b/c").work_dir == "/a b/c");
    CHECK(with("QMR_RESUME", "/a b/c").resume == "/a b/c");
    CHECK(with("QMR_PARALLEL_ENVIRONMENT", "smp").resources.parallel_environment == "smp");
    CHECK(with("QMR_ACCOUNT", "physics").resources.account == "physics");
}

TEST_CASE("options that are numbers have an environment variable for their default") {
    CHECK(with("QMR_POLLING_INTERVAL", "0.5").polling_interval.count() == 0.5);
    CHECK(with("QMR_COMMAND_TIME_LIMIT", "7").command_time_limit.count() == 7);
    CHECK(with("QMR_FILE_SYSTEM_LATENCY", "0").file_system_latency.count() == 0);
    CHECK(with("QMR_MAX_NUM_RESUBMISSIONS", "0").max_num_resubmissions == 0);
    CHECK(with("QMR_NUM_CHUNKS", "12").num_chunks == std::size_t{12});
    CHECK(with("QMR_CHUNK_SIZE", "13").chunk_size == std::size_t{13});
    CHECK(with("QMR_MAX_NUM_RUNNING", "14").max_num_running == std::size_t{14});
    CHECK(with("QMR_MAX_ARRAY_SIZE", "15").max_array_size == std::size_t{15});
    CHECK(with("QMR_MEMORY", "2G").resources.memory == 2ULL << 30);
    CHECK(with("QMR_WALLTIME", "90").resources.walltime == std::chrono::seconds(90));
    CHECK(with("QMR_SLOTS", "4").resources.slots == 4);
    CHECK(with("QMR_MEMORY_FACTOR", "1.5").resources.memory_factor == 1.5);
    CHECK(with("QMR_WALLTIME_FACTOR", "3").resources.walltime_factor == 3);
    CHECK(with("QMR_MAX_MEMORY", "8G").resources.max_memory == 8ULL << 30);
    CHECK(with("QMR_MAX_WALLTIME", "7200").resources.max_walltime == std::chrono::seconds(7200));
    CHECK(with("QMR_BACKUP_FACTOR", "2.5").backup_factor == 2.5);
    CHECK(with("QMR_MAX_JOB_TIME", "900").max_job_time.count() == 900);
    CHECK(with("QMR_SETTLING_TIME", "0.5").settling_time.count() == 0.5);
}

TEST_CASE("each limit of retries has an environment variable for its default") {
    CHECK(with("QMR_MAX_NUM_RETRIES_EXCEPTION", "7").max_num_retries.exception == 7);
    CHECK(with("QMR_MAX_NUM_RETRIES_CRASH", "7").max_num_retries.crash == 7);
    CHECK(with("QMR_MAX_NUM_RETRIES_OUT_OF_MEMORY", "7").max_num_retries.out_of_memory == 7);
    CHECK(with("QMR_MAX_NUM_RETRIES_OUT_OF_TIME", "7").max_num_retries.out_of_time == 7);
    CHECK(with("QMR_MAX_NUM_RETRIES_ERROR_STATE", "7").max_num_retries.error_state == std::size_t{7});
    CHECK(with("QMR_MAX_NUM_RETRIES_VANISHED", "7").max_num_retries.vanished == std::size_t{7});
    CHECK(with("QMR_MAX_NUM_RETRIES_WORKER_FAILURE", "7").max_num_retries.worker_failure == std::size_t{7});
    CHECK(with("QMR_MAX_NUM_RETRIES_CORRUPT_RESULT", "7").max_num_retries.corrupt_result == std::size_t{7});
}

TEST_CASE("options that are flags, lists and words have an environment variable for their default") {
    using Words = std::vector<std::string>;
    CHECK(with("QMR_KEEP_WORK_DIR", "1").keep_work_dir);
    CHECK_FALSE(with("QMR_ARRAYS", "0").arrays);
    CHECK(with("QMR_EXPORTED_VARIABLES", "A* B").exported_variables == Words{"A*", "B"});
    CHECK(with("QMR_WITHHELD_VARIABLES", "*_TOKEN").withheld_variables == Words{"*_TOKEN"});
    CHECK(with("QMR_SUBMIT_ARGUMENTS", "-l gpu=1").resources.submit_arguments == Words{"-l", "gpu=1"});
    CHECK(with("QMR_PROGRESS", "silent").progress == qmr::Progress::silent);
    CHECK(with("QMR_JOBS", "pull").jobs == qmr::Jobs::pull);
}

TEST_CASE("an option whose variable can not be read is refused by the variable's name") {
    const auto [name, value] = GENERATE(table<const char*, const char*>({
        {"QMR_NUM_CHUNKS", "many"},
        {"QMR_MEMORY", "4 GB"},
        {"QMR_WALLTIME", "24:00:00"},
        {"QMR_MEMORY_FACTOR", "-1"},
        {"QMR_ARRAYS", "no"},
        {"QMR_PROGRESS", "loud"},
        {"QMR_JOBS", "push"},
    }));
    CHECK_THROWS_WITH(with(name, value), Catch::StartsWith("$" + std::string(name) + " is '" + value + "'"));
}
