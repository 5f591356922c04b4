// qmr doctor, from the command line to what is printed.

#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/command_line.hpp"
#include "disk.hpp"
#include "wait_until.hpp"

using namespace qmr::test;
using Catch::Contains;
namespace dummy_queue = qmr::dummy_queue;
using dummy_queue::FaultKind;
using dummy_queue::State;

namespace {

/// A command line that has the dummy queue, and enough time for the files of a busy machine.
class DoctoredSite {
  public:
    explicit DoctoredSite(const std::vector<dummy_queue::Fault>& faults = {}) : chain(faults) {
        line.use_dummy_queue();
        line.set("QMR_FILE_SYSTEM_LATENCY", "30");
        line.set("QMR_QACCT_PATH", dummy_queue::DummyQueue::qacct_path().native());
    }

    /// No queue job ever runs.
    void stop() const {
        chain.queue().change([](State& state) { state.max_num_running = 0; });
    }

    /// Whether nothing was left.
    [[nodiscard]] bool is_clean() const {
        return chain.queue().num_tasks_left() == 0 && line.work_dirs().empty();
    }

    Chain chain;
    CommandLine line;
};

}  // namespace

TEST_CASE("cli, doctor: where all is well it says so, and leaves nothing behind") {
    const DoctoredSite site;
    const Ran ran = site.line.run({"doctor"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.out,
               Contains("ok  config       there is no config file\n") && Contains("ok  programs     sge: ") &&
                   Contains("dummy_qacct\n") && Contains("ok  queue        sge by ") &&
                   Contains("which answers, within ") &&
                   Contains("ok  directory    " + site.line.directory().native() + ": ") &&
                   Contains("ok  probe        ran on ") && Contains("ok  work_dir     ") &&
                   Contains("ok  clock        ") &&
                   Contains("ok  environment  the current directory is the same; a variable arrives byte for "
                            "byte\n") &&
                   Contains("ok  executable   ") && Contains("ok  resources    "));
    CHECK(ran.err.empty());
    CHECK(site.chain.queue().state().num_starts == 1);
    CHECK(site.is_clean());
}

TEST_CASE("cli, doctor: a machine without a batch system can map on its local cores") {
    const CommandLine line;
    const Ran ran = line.run({"doctor"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.out, Contains("--  programs     none are needed") &&
                            Contains("ok  queue        local cores: ") &&
                            Contains("ok  probe        ran on "));
    CHECK_THAT(ran.out, !Contains("worker nodes"));
    CHECK(ran.err.empty());
    CHECK(line.work_dirs().empty());
}

TEST_CASE("cli, doctor: a program that is missing is named, and the directory is looked at all the same") {
    DoctoredSite site;
    site.line.set("QMR_QSUB_PATH", "/not/there/qsub");
    const Ran ran = site.line.run({"doctor"});
    INFO(ran.out);
    CHECK(ran.exit_code == 1);
    CHECK_THAT(ran.out, Contains("!!  programs     sge: /not/there/qsub is not there, /") &&
                            Contains("by --qsub-path\n") && Contains("--  queue        ") &&
                            Contains("ok  directory    ") &&
                            Contains("--  probe        not tried: see programs"));
}

TEST_CASE("cli, doctor: a batch system that does not answer is told within the time limit of commands") {
    DoctoredSite site({{.kind = FaultKind::qstat_hangs}});
    site.line.set("QMR_COMMAND_TIME_LIMIT", "0.3");
    SECTION("and nothing is submitted to it") {
        const Ran ran = site.line.run({"doctor"});
        INFO(ran.out);
        CHECK(ran.exit_code == 1);
        CHECK_THAT(ran.out, Contains("which does not answer: no answer within ") &&
                                Contains("--command-time-limit") && Contains("ok  directory    ") &&
                                Contains("--  probe        not tried: see queue"));
        CHECK(site.chain.queue().state().num_qsub_calls == 0);
    }
    SECTION("nor are the local cores probed with auto") {
        const Ran ran = site.line.run({"doctor", "--batch-system", "auto"});
        INFO(ran.out);
        CHECK(ran.exit_code == 1);
        CHECK_THAT(ran.out, Contains("!!  queue        map: ") && Contains("(no answer within ") &&
                                Contains("--batch-system local") &&
                                Contains("--  probe        not tried: see queue"));
    }
}

TEST_CASE("cli, doctor: a probe that only waits is no error, and is deleted after its time limit") {
    const DoctoredSite site;
    site.stop();
    const Ran ran = site.line.run({"doctor", "--probe-time-limit", "2"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.out,
               Contains("--  probe        its queue job waits in the queue after 2 s; it is deleted\n"
                        "                 --probe-time-limit gives it more time\n") &&
                   Contains("--  clock        "));
    CHECK_THAT(ran.err, Catch::StartsWith("qmr: no queue job runs, 1 wait"));
    CHECK_THAT(ran.err, !Contains(".qmr_doctor_"));
    CHECK(site.is_clean());
}

TEST_CASE("cli, doctor: a probe that fails is told in the words of the batch system") {
    const auto [fault, words] = GENERATE(table<dummy_queue::Fault, std::string>({
        {{.kind = FaultKind::evil}, "its queue job went to the error state: the state file says so"},
        {{.kind = FaultKind::vanishes}, "left the queue without a result"},
        {{.kind = FaultKind::qsub_refuses, .exit_code = 3, .message = "job rejected: no such project"},
         "job rejected: no such project"},
    }));
    DoctoredSite site({fault});
    site.line.set("QMR_FILE_SYSTEM_LATENCY", "0.5");
    const Ran ran = site.line.run({"doctor"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit_code == 1);
    CHECK_THAT(ran.out, Contains("!!  probe        ") && Contains(words) && Contains("--  clock        "));
    CHECK_THAT(ran.out, !Contains(".qmr_doctor_"));
    CHECK(site.is_clean());
}

TEST_CASE("cli, doctor: why the executable can not be started there is told") {
    DoctoredSite site;
    const std::string words = "qmr: error while loading shared libraries: libfmt.so.9: cannot open";
    site.line.write("qsub",
                    "#!/bin/sh\nfor word; do case $word in */worker_launcher.sh)\n"
                    "printf '#!/bin/sh\\necho \"" +
                        words +
                        "\" >&2\\nexit 127\\n' > \"$word\"\nesac; done\n"
                        "exec " +
                        dummy_queue::DummyQueue::qsub_path().native() + " \"$@\"\n");
    const std::string qsub = (site.line.directory() / "qsub").native();
    std::filesystem::permissions(qsub, std::filesystem::perms::owner_all);
    site.line.set("QMR_QSUB_PATH", qsub);
    const Ran ran = site.line.run({"doctor"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit_code == 1);
    CHECK_THAT(ran.out, Contains("!!  probe        failed: ") && Contains(words) &&
                            Contains("with its libraries, under the same paths"));
    CHECK(site.is_clean());
}

TEST_CASE("cli, doctor: where no work_dir can be made, or no program be started, the directory is wrong") {
    const CommandLine line;
    const auto is_refused = [&](const std::filesystem::path& work_dir, const std::string& words) {
        const Ran ran = line.run({"doctor", "--work-dir", work_dir.native()});
        INFO(ran.out);
        CHECK(ran.exit_code == 1);
        CHECK_THAT(ran.out, Contains("!!  directory    ") && Contains(words) &&
                                Contains("--  probe        not tried: see directory"));
    };
    SECTION("not writable, even to root") {
        is_refused("/proc/qmr/work_dir", "/proc: proc, 0 bytes free; it can not be written to: ");
    }
    SECTION("a work_dir that is not empty") {
        is_refused(line.directory(), "which is no empty directory");
    }
    SECTION("noexec") {
        const Disk disk(MS_NOEXEC, "size=1m");
        if (disk)
            is_refused(disk.path() + "/a/b",
                       disk.path() + ": tmpfs, 1.05 MB free; no program can be started");
    }
    SECTION("read-only") {
        const Disk disk(MS_RDONLY, "size=1m");
        if (disk) is_refused(disk.path() + "/a", "it can not be written to: Read-only file system");
    }
    SECTION("full") {
        const Disk disk(0, "size=4k,nr_inodes=2");
        if (disk) is_refused(disk.path() + "/a", "it can not be written to: No space left on device");
    }
}

TEST_CASE("cli, doctor: a config file that is wrong hides nothing else") {
    const CommandLine line;
    line.write("qmr.json", R"({"poling_interval": 1})");
    const Ran ran = line.run({"doctor"});
    INFO(ran.out);
    CHECK(ran.exit_code == 1);
    CHECK_THAT(ran.out,
               Contains("!!  config       qmr.json: unknown key \"poling_interval\"; did you mean") &&
                   Contains("ok  queue        ") && Contains("ok  directory    ") &&
                   Contains("--  probe        not tried: see config"));
}

TEST_CASE("cli, doctor: it has the options of the config files, and says which are read") {
    const DoctoredSite site;
    site.line.write(
        "other.json",
        R"({"profile": "a", "profiles": {"a": {"submit_arguments": ["-P", "physics"]}, "b": {}}})");
    const auto run = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"doctor", "--config", "other.json"});
        return site.line.run(more);
    };
    site.stop();
    CHECK_THAT(run({"--profile", "b", "--probe-time-limit", "0.2"}).out,
               Contains("ok  config       read other.json; profile \"b\"\n"));
    CHECK_THAT(run({"--num-chunks", "0"}).out,
               Contains("!!  config       read other.json; profile \"a\"; map: num_chunks is 0"));
    CHECK_THAT(run({"--profile", "c"}).out, Contains("!!  config       --profile: unknown profile \"c\""));
}

TEST_CASE("cli, doctor: what the options keep from tasks is not missed there") {
    const CommandLine line;
    const Ran ran = line.run({"doctor", "--withheld-variable", "*_DOCTOR"});
    CHECK(ran.exit_code == 0);
    CHECK_THAT(ran.out, Contains("whether variables arrive was not checked"));
}

TEST_CASE("cli, doctor: bad input is refused before anything is looked at") {
    CommandLine line;
    std::vector<std::string> words{"doctor"};
    std::string complaint;
    SECTION("no time") {
        words.insert(words.end(), {"--probe-time-limit", "0"});
        complaint = "--probe-time-limit: \"0\" is no time above 0";
    }
    SECTION("an option of the pool") {
        words.insert(words.end(), {"--memory", "4X"});
        complaint = "--memory: \"4X\" is no size";
    }
    SECTION("a variable") {
        line.set("QMR_MEMORY", "4X");
        complaint = "QMR_MEMORY";
    }
    const Ran ran = line.run(words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Contains(complaint));
}

TEST_CASE("cli, doctor: the same comes as one JSON object") {
    const CommandLine line;
    const Ran ran = line.run({"doctor", "--json"});
    CHECK(ran.exit_code == 0);
    const auto object = nlohmann::json::parse(ran.out);
    CHECK(object.at("is_well") == true);
    std::vector<std::string> names;
    for (const auto& check : object.at("checks")) names.push_back(check.at("check"));
    CHECK(names == std::vector<std::string>{"config", "programs", "queue", "directory", "probe", "work_dir",
                                            "clock", "environment", "executable", "resources"});
}

TEST_CASE("cli, doctor: a signal ends it when its queue job is deleted") {
    const DoctoredSite site;
    site.stop();
    const pid_t doctor = site.line.start({"doctor"});
    wait_until([&] { return site.chain.queue().num_tasks_left() > 0; });
    SECTION("one that it can obey") {
        ::kill(doctor, SIGTERM);
        CHECK(site.line.wait_for(doctor).signal == SIGTERM);
        CHECK(site.is_clean());
    }
    SECTION("SIGKILL, as soon as the probe has seen it") {
        ::kill(doctor, SIGKILL);
        CHECK(site.line.wait_for(doctor).signal == SIGKILL);
        const std::string journal = (site.line.work_dirs().at(0) / "journal.jsonl").native();
        wait_until([&] { return text_of(journal).find("\"left\"") != std::string::npos; });
        CHECK(site.chain.queue().num_tasks_left() == 0);
    }
}
