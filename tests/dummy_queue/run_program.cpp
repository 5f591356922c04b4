#include "run_program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/filesystem/fstream.hpp>
#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <csignal>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace qmr::dummy_queue::test {
namespace fs = boost::filesystem;

Started::Started(const DummyQueue& queue, const fs::path& program, const std::vector<std::string>& arguments)
    : directory_(queue.state_path().parent_path() / fs::unique_path("answer-%%%%-%%%%")) {
    fs::create_directories(directory_);
    const auto out = (directory_ / "out").native();
    const auto err = (directory_ / "err").native();
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
        const int flags = O_CREAT | O_WRONLY | O_TRUNC;
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(open(out.c_str(), flags, 0600), STDOUT_FILENO);
        dup2(open(err.c_str(), flags, 0600), STDERR_FILENO);
        queue.activate();
        execv(argv[0], argv.data());
        _exit(127);
    }
}

Started::~Started() {
    if (pid_ < 0) return;
    kill();
    wait();
}

void Started::kill() {
    ::kill(pid_, SIGKILL);
}

Answer Started::wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(directory_ / "out"),
            read_file(directory_ / "err")};
}

Answer qsub(const DummyQueue& queue, const std::vector<std::string>& arguments) {
    return Started(queue, DummyQueue::qsub_path(), arguments).wait();
}
Answer qstat(const DummyQueue& queue, const std::vector<std::string>& arguments) {
    return Started(queue, DummyQueue::qstat_path(), arguments).wait();
}
Answer qdel(const DummyQueue& queue, const std::vector<std::string>& arguments) {
    return Started(queue, DummyQueue::qdel_path(), arguments).wait();
}

Answer submit_shell(const DummyQueue& queue, const std::string& name, const std::string& command,
                    const std::vector<std::string>& options) {
    const auto directory = queue.state_path().parent_path();
    std::vector<std::string> arguments{"-terse",
                                       "-b",
                                       "y",
                                       "-shell",
                                       "n",
                                       "-N",
                                       name,
                                       "-j",
                                       "y",
                                       "-o",
                                       ":" + (directory / name).native(),
                                       "-wd",
                                       directory.native()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"/bin/sh", "-c", command});
    return qsub(queue, arguments);
}

void drain(const DummyQueue& queue, int max_num_calls) {
    for (int i = 0; i < max_num_calls; ++i) {
        const auto answer = qstat(queue);
        if (answer.exit_code != 0) throw std::runtime_error("dummy_qstat failed: " + answer.err);
        if (queue.num_tasks_left() == 0) return;
    }
    throw std::runtime_error("the dummy queue does not get empty");
}

std::string read_file(const fs::path& path) {
    fs::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& text) {
    fs::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> elements(const std::string& xml, const std::string& name) {
    std::vector<std::string> found;
    const auto open = "<" + name + ">";
    for (auto at = xml.find(open); at != std::string::npos; at = xml.find(open, at + 1)) {
        const auto begin = at + open.size();
        found.push_back(xml.substr(begin, xml.find("</" + name + ">", begin) - begin));
    }
    return found;
}

}  // namespace qmr::dummy_queue::test
