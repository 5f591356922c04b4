#pragma once
// The command qmr in a process of its own; its workers are this test program.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "full_chain/chain.hpp"
#include "temporary_directory.hpp"

namespace qmr::test {

/// 0, 1, 2, ..., a line each.
inline std::string lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::to_string(i) + '\n';
    return text;
}

struct Ran {
    int exit_code = -1;
    int signal = 0;
    std::string out;
    std::string err;
};

/// A directory to be in, in which command lines are run one after the other.
class CommandLine {
  public:
    [[nodiscard]] std::filesystem::path directory() const { return directory_.path().native(); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream((directory_ / name).native(), std::ios::binary) << text;
    }

    /// An environment variable of the command.
    void set(const std::string& variable, const std::string& value) { variables_[variable] = value; }

    /// The dummy queue is its batch system.
    void use_dummy_queue() {
        using dummy_queue::DummyQueue;
        set("QMR_BATCH_SYSTEM", "sge");
        set("QMR_QSUB_PATH", DummyQueue::qsub_path().native());
        set("QMR_QSTAT_PATH", DummyQueue::qstat_path().native());
        set("QMR_QDEL_PATH", DummyQueue::qdel_path().native());
        set("QMR_FILE_SYSTEM_LATENCY", "0.2");
        set("QMR_SETTLING_TIME", "0");
    }

    /// Starts `qmr WORD...`; `in` is its standard input. `change_streams` is called in it before all else.
    [[nodiscard]] pid_t start(
        const std::vector<std::string>& words, const std::string& in = {},
        const std::function<void()>& change_streams = [] {}) const {
        write("in", in);
        // What the test program has not written yet is not for the command to write.
        std::cout.flush();
        std::fflush(nullptr);
        const pid_t child = ::fork();
        if (child != 0) return child;
        // The handlers of the test program are no business of the command.
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
        redirect("in", O_RDONLY, STDIN_FILENO);
        redirect("out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
        redirect("err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
        if (::chdir(directory().c_str()) != 0) ::_exit(99);
        for (const auto& [variable, value] : variables_) ::setenv(variable.c_str(), value.c_str(), 1);
        ::setenv("HOME", directory().c_str(), 1);
        std::vector<std::string> all{"qmr"};
        all.insert(all.end(), words.begin(), words.end());
        std::vector<char*> argv;
        for (std::string& word : all) argv.push_back(word.data());
        argv.push_back(nullptr);
        change_streams();
        qmr::init(static_cast<int>(all.size()), argv.data());
        ::_exit(cli::run(static_cast<int>(all.size()), argv.data()));
    }

    [[nodiscard]] Ran wait_for(pid_t child) const {
        int status = 0;
        ::waitpid(child, &status, 0);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                text_of(directory() / "out"), text_of(directory() / "err")};
    }

    [[nodiscard]] Ran run(
        const std::vector<std::string>& words, const std::string& in = {},
        const std::function<void()>& change_streams = [] {}) const {
        return wait_for(start(words, in, change_streams));
    }

    /// The work_dirs that are there.
    [[nodiscard]] std::vector<std::filesystem::path> work_dirs() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(directory()))
            if (entry.path().filename().native().starts_with(".qmr_")) found.push_back(entry.path());
        return found;
    }

  private:
    void redirect(const char* name, int flags, int to) const {
        const int file = ::open((directory_ / name).c_str(), flags, 0600);
        if (file < 0 || ::dup2(file, to) < 0) ::_exit(98);
        ::close(file);
    }

    TemporaryDirectory directory_;
    std::map<std::string, std::string> variables_{{"QMR_BATCH_SYSTEM", "local"},
                                                  {"QMR_POLLING_INTERVAL", "0.01"}};
};

}  // namespace qmr::test
