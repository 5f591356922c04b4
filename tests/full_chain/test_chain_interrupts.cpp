// Signals while a map runs: nothing of ours stays behind, and the program ends as it would have.

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

// Says where it runs, and runs until it is killed.
int begin_and_stay(const std::string& path) {
    std::ofstream(path) << ::getpid() << std::endl;
    while (true) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

int wait_for_number(const std::filesystem::path& path) {
    while (true) {
        int number = 0;
        if (std::ifstream(path) >> number) return number;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

bool is_alive(int pid) {
    std::string state = text_of("/proc/" + std::to_string(pid) + "/stat");
    const auto end_of_name = state.rfind(')');
    return end_of_name != std::string::npos && state[end_of_name + 2] != 'Z';
}

void wait_until_dead(int pid) {
    while (is_alive(pid)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

volatile std::sig_atomic_t num_handled = 0;

}  // namespace

TEST_CASE("Ctrl-C that comes when all results are there ends the program, and the files stay") {
    const Chain chain;
    const std::string qstat = (chain.directory() / "qstat").native();
    std::ofstream(qstat) << "#!/bin/sh\n"
                         << dummy_queue::DummyQueue::qstat_path().native() << " \"$@\" || exit\n"
                         << "cd " << chain.directory().native() << "\n"
                         << "[ -e work_dir/000000000.out ] && mkdir once 2>/dev/null || exit 0\n"
                         << "kill -INT $PPID; sleep 3600\n";
    std::filesystem::permissions(qstat, std::filesystem::perms::owner_all);
    InProcess caller([&] {
        auto options = chain.options();
        options.qstat_path = qstat;
        options.num_chunks = 1;
        options.keep_work_dir = false;
        static_cast<void>(Pool(options).map(square, numbers(3)));
        return 1;
    });
    CHECK(caller.ended_by() == SIGINT);
    CHECK(std::filesystem::exists(chain.work_dir() / "000000000.out"));
    CHECK(chain.queue().num_tasks_left() == 0);
}

TEST_CASE("Ctrl-C while a program of the batch system runs is not told as an answer that took too long") {
    const Chain chain({{.kind = dummy_queue::FaultKind::killed_by_limit, .limit = "h_rt"}});
    auto options = chain.options();
    options.qacct_path = dummy_queue::DummyQueue::qacct_path().native();
    std::string& asked = GENERATE(true, false) ? options.qstat_path : options.qacct_path;
    const std::string program = (chain.directory() / "program").native();
    std::ofstream(program) << "#!/bin/sh\n"
                           << "mkdir '" << chain.directory().native() << "/once' 2> /dev/null || exec "
                           << asked << " \"$@\"\n"
                           << "kill -INT $PPID; sleep 3600\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    asked = program;
    InProcess caller([&] {
        static_cast<void>(Pool(options).map(begin_and_stay, std::vector<std::string>{"/dev/null"}));
        return 1;
    });
    CHECK(caller.ended_by() == SIGINT);
    const std::string log = chain.text_of("log.jsonl");
    CHECK_THAT(log, Catch::Contains("\"cut_short\":true") && !Catch::Contains("no answer within") &&
                        !Catch::Contains("no listing of the queue") &&
                        !Catch::Contains("cannot be asked now"));
}

TEST_CASE("Ctrl-C ends a map on the local cores with the signal, and its workers with it") {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        TemporaryDirectory directory;
        const auto mark = directory.path().native() + "/mark";
        InProcess caller([&] {
            static_cast<void>(Pool(local_options(directory.path().native()))
                                  .map(begin_and_stay, std::vector<std::string>{mark}));
            return 1;
        });
        const int worker = wait_for_number(mark);
        ::kill(caller.pid(), signal);
        CHECK(caller.ended_by() == signal);
        wait_until_dead(worker);
        CHECK(std::filesystem::exists(directory.path().native() + "/work_dir/manifest.json"));
    }
}

TEST_CASE("Ctrl-C leaves the queue of a batch system as it was") {
    const Chain chain;
    auto options = chain.options(GENERATE(Jobs::one_per_chunk, Jobs::pull));
    options.num_chunks = 50;
    options.command_time_limit = Seconds{0.5};  // the dummy queue runs tasks while it lists them
    const auto mark = (chain.directory() / "mark").native();
    InProcess caller([&] {
        static_cast<void>(Pool(options).map(begin_and_stay, std::vector<std::string>(50, mark)));
        return 1;
    });
    const int worker = wait_for_number(mark);
    CHECK(chain.queue().num_tasks_left() > 0);
    ::kill(caller.pid(), SIGINT);
    CHECK(caller.ended_by() == SIGINT);
    wait_until_dead(worker);
    // All are deleted; those that ran are listed as `dr` until their processes are dead.
    while (chain.queue().num_tasks_left() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

TEST_CASE(
    "Ctrl-C leaves no queue job of several maps in threads, though one has cleaned up long before another") {
    const Chain quick;
    const Chain slow;
    // Deletes nothing until the other map has cleaned up.
    const std::string qdel = (slow.directory() / "qdel").native();
    std::ofstream(qdel) << "#!/bin/sh\n"
                        << "until grep -q 'interrupted; 0 of' " << (quick.work_dir() / "log.jsonl").native()
                        << "; do sleep 0.01; done\n"
                        << "exec " << dummy_queue::DummyQueue::qdel_path().native() << " \"$@\"\n";
    std::filesystem::permissions(qdel, std::filesystem::perms::owner_all);
    const auto mark_in = [](const Chain& chain) { return (chain.directory() / "mark").native(); };
    const int signal = GENERATE(SIGINT, SIGTERM);
    InProcess caller([&] {
        std::vector<std::thread> threads;
        for (const Chain* chain : {&quick, &slow})
            threads.emplace_back([&, chain] {
                auto options = chain->options();
                options.num_chunks = 5;
                options.command_time_limit = Seconds{0.5};  // as above
                if (chain == &slow) options.qdel_path = qdel;
                // What it throws would end the process at once.
                static_cast<void>(
                    Pool(options).map(begin_and_stay, std::vector<std::string>(5, mark_in(*chain))));
            });
        for (std::thread& thread : threads) thread.join();
        return 1;
    });
    const std::vector workers{wait_for_number(mark_in(quick)), wait_for_number(mark_in(slow))};
    ::kill(caller.pid(), signal);
    CHECK(caller.ended_by() == signal);
    for (const int worker : workers) wait_until_dead(worker);
    for (const Chain* chain : {&quick, &slow})
        while (chain->queue().num_tasks_left() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

TEST_CASE(
    "a map that is interrupted while another one takes its results ends with it, and the signal comes once") {
    TemporaryDirectory outer;
    TemporaryDirectory inner;
    const auto mark = inner.path().native() + "/mark";
    InProcess caller([&] {
        std::signal(SIGTERM, [](int) { num_handled = num_handled + 1; });
        try {
            Pool(local_options(outer.path().native()))
                .for_each_result(square, numbers(1), [&](std::size_t, const Result<std::int64_t>&) {
                    static_cast<void>(Pool(local_options(inner.path().native()))
                                          .map(begin_and_stay, std::vector<std::string>{mark}));
                });
        } catch (const Interrupted& interrupted) {
            return interrupted.signal() == SIGTERM && num_handled == 1 ? 0 : 2;
        }
        return 1;
    });
    wait_for_number(mark);
    ::kill(caller.pid(), SIGTERM);
    CHECK(caller.exit_code() == 0);
}

TEST_CASE("a program with a handler of its own comes back from map by an exception") {
    TemporaryDirectory directory;
    const auto mark = directory.path().native() + "/mark";
    InProcess caller([&] {
        std::signal(SIGTERM, [](int) { num_handled = num_handled + 1; });
        try {
            static_cast<void>(Pool(local_options(directory.path().native()))
                                  .map(begin_and_stay, std::vector<std::string>{mark}));
        } catch (const Interrupted& interrupted) {
            return interrupted.signal() == SIGTERM && num_handled == 1 ? 0 : 2;
        }
        return 1;
    });
    wait_for_number(mark);
    ::kill(caller.pid(), SIGTERM);
    CHECK(caller.exit_code() == 0);
}

TEST_CASE("signals that the program ignores stay ignored while it maps") {
    TemporaryDirectory directory;
    InProcess caller([&] {
        std::signal(SIGHUP, SIG_IGN);
        const auto f = [](int parent) {
            ::kill(parent, SIGHUP);
            return parent;
        };
        const int self = ::getpid();
        return Pool(local_options(directory.path().native())).map(f, std::vector{self, self}).size() == 2 ? 0
                                                                                                          : 1;
    });
    CHECK(caller.exit_code() == 0);
}

TEST_CASE("workers on the local cores do not outlive a caller that is killed") {
    TemporaryDirectory directory;
    const auto mark = directory.path().native() + "/mark";
    InProcess caller([&] {
        static_cast<void>(Pool(local_options(directory.path().native()))
                              .map(begin_and_stay, std::vector<std::string>{mark}));
        return 1;
    });
    const int worker = wait_for_number(mark);
    ::kill(caller.pid(), SIGKILL);
    CHECK(caller.ended_by() == SIGKILL);
    wait_until_dead(worker);
}

TEST_CASE("an exception out of the caller's own code deletes the queue jobs") {
    const Chain chain;
    // Reading a result throws in the process node, after all queue jobs were submitted.
    struct Unreadable {
        int x = 0;
        void save(cereal::BinaryOutputArchive& archive) const { archive(x); }
        void load(cereal::BinaryInputArchive&) { throw std::bad_alloc(); }
    };
    auto options = chain.options();
    options.num_chunks = 40;
    std::vector<int> tasks(40);
    CHECK_THROWS_AS(Pool(options).map([](int x) { return Unreadable{x}; }, tasks), std::bad_alloc);
    CHECK(chain.queue().num_tasks_left() == 0);
}
