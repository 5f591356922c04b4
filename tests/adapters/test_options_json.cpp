#include <catch2/catch.hpp>

#include "adapters/options_json.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

// Each member of each type is another one than by default.
PoolOptions unusual_options() {
    PoolOptions options;
    options.batch_system = "sge";
    options.polling_interval = Seconds{0.25};
    options.max_num_resubmissions = 3;
    options.max_num_retries.vanished = 7;
    options.jobs = Jobs::pull;
    options.arrays = false;
    options.max_num_running = 12;
    options.exported_variables = {"A*", "B"};
    options.resources.memory = std::uint64_t{5} << 40U;
    options.resources.walltime = std::chrono::seconds{90};
    options.resources.memory_factor = 1.5;
    options.resources.submit_arguments = {"-l", "gpu=1"};
    return options;
}

}  // namespace

TEST_CASE("options come back from JSON as they were") {
    const Json object = options_to_json(unusual_options());
    PoolOptions options;
    options_from_json(Json::parse(object.dump()), options);
    CHECK(options_to_json(options) == object);
    CHECK(options.polling_interval == Seconds{0.25});
    CHECK(options.max_num_retries.vanished == 7U);
    CHECK_FALSE(options.max_num_retries.error_state.has_value());
    CHECK(options.jobs == Jobs::pull);
    CHECK(options.exported_variables == std::vector<std::string>{"A*", "B"});
    CHECK(options.resources.memory == std::uint64_t{5} << 40U);
    CHECK(options.resources.walltime == std::chrono::seconds{90});
}

TEST_CASE("options that are not in JSON stay as they are") {
    PoolOptions options = unusual_options();
    const Json before = options_to_json(options);
    options_from_json(Json::object(), options);
    CHECK(options_to_json(options) == before);
}

TEST_CASE("options of another type in JSON are refused") {
    PoolOptions options;
    CHECK_THROWS_AS(options_from_json({{"memory", -1}}, options), nlohmann::json::exception);
    CHECK_THROWS_AS(options_from_json({{"memory", "4G"}}, options), nlohmann::json::exception);
    CHECK_THROWS_AS(options_from_json({{"jobs", 1}}, options), nlohmann::json::exception);
    CHECK_THROWS_AS(options_from_json({{"exported_variables", "A"}}, options), nlohmann::json::exception);
}
