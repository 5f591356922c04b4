#include <catch2/catch.hpp>

#include "dummy_queue/resources.hpp"
#include "dummy_queue/state_file.hpp"
#include "run_program.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::dummy_queue::test;
using Catch::Matchers::Contains;

namespace {

Fault limit_fault(const std::string& limit) {
    Fault fault;
    fault.kind = FaultKind::killed_by_limit;
    fault.limit = limit;
    fault.max_num_fails = 1;
    return fault;
}

std::string account_of(const TestQueue& queue, const std::string& number) {
    const auto answer = Started(queue, DummyQueue::qacct_path(), {"-j", number}).wait();
    CHECK(answer.exit_code == 0);
    return answer.out;
}

}  // namespace

TEST_CASE("dummy queue: a kill for h_rt says so, and that it ran as long as it was allowed to") {
    const TestQueue queue({limit_fault("h_rt")});
    submit_shell(queue, "long", "sleep 600", {"-l", "h_rt=0:1:0,h_vmem=1G"});
    drain(queue);
    const auto text = account_of(queue, "1");
    CHECK_THAT(text, Contains("failed       37  : qmaster enforced h_rt, h_cpu, or h_vmem limit\n"));
    CHECK_THAT(text, Contains("exit_status  137                  (Killed)\n"));
    CHECK_THAT(text, Contains("ru_wallclock 60s\n"));
    CHECK_THAT(text, Contains("maxvmem      0.000B\n"));
    CHECK_THAT(text, Contains("category     -l h_rt=60,h_vmem=1G\n"));
    CHECK(queue.num_fails(FaultKind::killed_by_limit) == 1);
}

TEST_CASE("dummy queue: a kill for h_vmem says so, also when no limit was asked for") {
    const TestQueue queue({limit_fault("h_vmem")});
    submit_shell(queue, "large", "sleep 600", {"-t", "1-2"});
    queue.change([](State& state) { state.faults[0].task = 2; });
    submit_shell(queue, "free", "exit 5");
    queue.change([](State& state) { state.jobs[0].waiting = {2}; });
    drain(queue);
    const auto text = account_of(queue, "1");
    CHECK_THAT(text, Contains("taskid       2 "));
    CHECK_THAT(text, Contains("failed       37  : qmaster enforced"));
    CHECK_THAT(text, Contains("maxvmem      101.000MB\ncategory     -l h_vmem=104857600\n"));
    CHECK_THAT(account_of(queue, "2"), Contains("failed       0    \nexit_status  5 "));
    CHECK_THAT(account_of(queue, "2"), Contains("category     NONE\n"));
}

TEST_CASE("dummy queue: a command that ends before it is killed for a limit is not blamed") {
    auto fault = limit_fault("h_rt");
    fault.after_seconds = 600;
    const TestQueue queue({fault});
    submit_shell(queue, "short", "exit 4");
    drain(queue);
    CHECK_THAT(account_of(queue, "1"), Contains("failed       0    \nexit_status  4 "));
    CHECK(queue.num_fails(FaultKind::killed_by_limit) == 0);
}

TEST_CASE("dummy queue: a limit that there is not can not be exceeded") {
    CHECK_THROWS_AS(TestQueue({limit_fault("h_cpu")}), StateError);
}

TEST_CASE("dummy queue: qstat -j makes no step and meets no fault") {
    Fault fault;
    fault.kind = FaultKind::qstat_fails;
    const TestQueue queue({fault});
    submit_shell(queue, "waits", "exit 0");
    for (int i = 0; i < 3; ++i) CHECK(qstat(queue, {"-j", "1"}).exit_code == 0);
    CHECK(queue.state().num_qstat_calls == 0);
    CHECK(queue.state().jobs.at(0).waiting == TaskSet{1});
    CHECK(queue.num_fails(FaultKind::qstat_fails) == 0);
}

TEST_CASE("dummy queue: values of limits are read as Grid Engine reads them") {
    CHECK(seconds_of("90") == 90);
    CHECK(seconds_of("1:2:3") == 3723);
    CHECK(seconds_of(":1:") == 60);
    CHECK(bytes_of("2G") == 2147483648U);
    CHECK(bytes_of("2g") == 2000000000U);
    CHECK(bytes_of("1.5k") == 1500);
    CHECK(bytes_of("7") == 7);
    CHECK(bytes_of("INFINITY") == 0);
    const auto resources = requested_resources({"-r y", "-l h_rt=0:1:0", "-l gpu", "-l h_rt=5"});
    CHECK(resources == std::map<std::string, std::string>{{"gpu", "TRUE"}, {"h_rt", "5"}});
}
