#pragma once
// Runs the programs of the dummy queue as a user would.

#include <sys/types.h>

#include <boost/filesystem/path.hpp>
#include <functional>
#include <string>
#include <vector>

#include "dummy_queue/dummy_queue.hpp"
#include "temporary_directory.hpp"
#include "wait_until.hpp"

namespace qmr::dummy_queue::test {

struct Answer {
    int exit_code = -1;  ///< -1: it did not end by itself
    std::string out;
    std::string err;
};

/// A program that was started, with its output in files.
class Started {
  public:
    Started(const DummyQueue&, const boost::filesystem::path& program,
            const std::vector<std::string>& arguments);
    ~Started();
    Started(const Started&) = delete;
    Started& operator=(const Started&) = delete;

    void kill();
    Answer wait();

  private:
    boost::filesystem::path directory_;
    pid_t pid_ = -1;
};

Answer qsub(const DummyQueue&, const std::vector<std::string>& arguments);
Answer qstat(const DummyQueue&, const std::vector<std::string>& arguments = {"-xml"});
Answer qdel(const DummyQueue&, const std::vector<std::string>& arguments);

/// qsub of a shell command, run by `sh -c` in the directory of the queue with its output in `name`.
Answer submit_shell(const DummyQueue&, const std::string& name, const std::string& command,
                    const std::vector<std::string>& options = {});

/// Calls qstat until nothing is left to happen; throws when that takes more than `max_num_calls`.
void drain(const DummyQueue&, int max_num_calls = 100);

using qmr::test::wait_until;

[[nodiscard]] std::string read_file(const boost::filesystem::path&);
void write_file(const boost::filesystem::path&, const std::string& text);

/// The words between `<name>` and `</name>`, in order.
[[nodiscard]] std::vector<std::string> elements(const std::string& xml, const std::string& name);

using TestDirectory = qmr::test::TemporaryDirectory;

/// A dummy queue in a directory that goes away with the test.
struct TestQueue : TestDirectory, DummyQueue {
    explicit TestQueue(const std::vector<Fault>& faults = {})
        : DummyQueue(make_dummy_queue(TestDirectory::path(), faults)) {}
};

}  // namespace qmr::dummy_queue::test
