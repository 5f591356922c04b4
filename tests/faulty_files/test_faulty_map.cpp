// Whatever fails on a map's files, wherever: no result is wrong, no error is silent, nothing is left behind.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <utility>
#include <vector>

#include "faulty_files/faulty_run.hpp"

using namespace qmr::test;
using qmr::faulty_files::Call;
using qmr::faulty_files::call_names;

namespace {

using Errors = std::vector<const char*>;

// What each call may fail with.
Errors errors_of(Call call) {
    switch (call) {
        case Call::write:
        case Call::pwrite:
            return {"ENOSPC", "torn", "EDQUOT", "short", "EIO", "ESTALE"};
        case Call::read:
        case Call::pread:
            return {"ESTALE", "short", "EIO", "torn"};
        case Call::close:
            return {"EDQUOT", "EIO", "ENOSPC"};
        case Call::fsync:
            return {"EIO", "ENOSPC", "EDQUOT", "ESTALE"};
        case Call::open:
            return {"ESTALE", "EACCES", "ENOSPC", "ENOENT", "EIO", "EDQUOT"};
        case Call::link:
            return {"EIO", "EOPNOTSUPP", "ENOSPC", "ESTALE", "EDQUOT", "EACCES"};
        case Call::symlink:
        case Call::mkdir:
        case Call::rename:
            return {"ENOSPC", "EIO", "ESTALE", "EACCES", "EDQUOT"};
        default:
            return {"ESTALE", "EIO", "EACCES", "ENOENT"};
    }
}

// Runs a map with one fault after the other: each call of it, but with growing gaps; another error each time.
void sweep(Queue queue, Mode mode) {
    const bool is_thorough = std::getenv("QMR_TEST_ALL_FAULTS") != nullptr;
    const FaultyMap healthy = run_faulty_map(queue, mode, "");
    INFO(healthy.said);
    REQUIRE(healthy.is_right);
    REQUIRE(healthy.broken_promise.empty());
    std::size_t num_runs = 0;
    std::size_t num_struck = 0;
    std::size_t num_right = 0;
    std::size_t ierror = queue == Queue::local ? 0 : 1;
    const auto run = [&](const std::string& faults) {
        const FaultyMap map = run_faulty_map(queue, mode, faults);
        INFO(faults << "\n" << map.said);
        CHECK(map.broken_promise == "");
        ++num_runs;
        num_struck += map.num_strikes > 0 ? 1U : 0U;
        num_right += map.is_right ? 1U : 0U;
    };
    for (std::size_t icall = 0; icall < call_names.size(); ++icall) {
        const Errors errors = errors_of(static_cast<Call>(icall));
        const std::uint64_t num_calls = healthy.num_calls[icall];
        for (std::uint64_t n = 1, next = 2; n <= num_calls;
             n = std::exchange(next, is_thorough ? n + 2 : n + next)) {
            const std::string where = "@" + std::string(call_names[icall]) + "#" + std::to_string(n);
            if (is_thorough) {
                for (const char* error : errors) run(error + where);
            } else {
                run(errors[ierror++ % errors.size()] + where);
            }
        }
    }
    WARN(num_runs << " maps with faults, " << num_right << " of them right");
    // The order of calls differs from run to run, but not so much.
    CHECK(num_struck >= num_runs * 9 / 10);
    CHECK(num_right > 0);
    CHECK(num_right < num_runs);
}

}  // namespace

TEST_CASE("faulty map: local cores that pull", "[faulty_map]") {
    sweep(Queue::local, Mode::pull);
}

TEST_CASE("faulty map: local cores with one queue job for each chunk", "[faulty_map]") {
    sweep(Queue::local, Mode::one_per_chunk);
}

TEST_CASE("faulty map: dummy queue with jobs that pull", "[faulty_map]") {
    sweep(Queue::dummy, Mode::pull);
}

TEST_CASE("faulty map: dummy queue with one queue job for each chunk", "[faulty_map]") {
    sweep(Queue::dummy, Mode::one_per_chunk);
}
