// The local cores as a queue, when no process can be started.

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>

#include "ports/local_queue.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/atomic_file.hpp"
#include "worker/worker.hpp"

using namespace qmr;
using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

TEST_CASE("local queue: when one can not be started, the others are not tried at once, and start later") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    write_file(work_dir.launcher(), "#!/bin/sh\nexit 0\n", 0700);
    LocalQueue queue(work_dir, 2, {});
    static_cast<void>(queue.submit({0, "q.0", 5, true, {}, {}}));
    std::vector<EndedJob> ended = queue.wait(Seconds{60});
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].key == JobKey{0, 1});
    CHECK(ended[0].has_failed);
    CHECK_THAT(ended[0].message, Catch::Contains("No such file or directory"));

    // Now there is a place for their output.
    fs::create_directory(work_dir.queue_jobs());
    while (ended.size() < 5)
        for (EndedJob& job : queue.wait(Seconds{60})) {
            CHECK_FALSE(job.has_failed);
            ended.push_back(std::move(job));
        }
    CHECK(queue.running()->empty());
}

TEST_CASE("local queue: after a worker that found no room for its processes, fewer run at once") {
    const TemporaryDirectory directory;
    const WorkDir work_dir(directory.path());
    fs::create_directory(work_dir.queue_jobs());
    // The first one ends for want of room, the second one when it may, the others at once.
    const std::string may_end = (directory.path() / "may_end").native();
    write_file(work_dir.launcher(),
               "#!/bin/sh\ncase $2 in 1) exit " + std::to_string(worker_has_no_room) + ";; 2) until [ -e '" +
                   may_end + "' ]; do sleep 0.05; done;; esac\n",
               0700);
    LocalQueue queue(work_dir, 2, {});
    static_cast<void>(queue.submit({0, "q.0", 3, true, {}, {}}));
    const std::vector<EndedJob> lacking = queue.wait(Seconds{60});
    REQUIRE(lacking.size() == 1);
    CHECK(lacking[0].key == JobKey{0, 1});
    CHECK(lacking[0].has_failed);
    CHECK_THAT(lacking[0].message, Catch::Contains("no room for another process"));

    CHECK(queue.wait(Seconds{0.5}).empty());
    CHECK(queue.running() == std::vector{JobKey{0, 2}});
    write_file(may_end, "");
    std::vector<JobKey> ended;
    while (ended.size() < 2)
        for (const EndedJob& job : queue.wait(Seconds{60})) ended.push_back(job.key);
    CHECK(ended == std::vector{JobKey{0, 2}, JobKey{0, 3}});
}
