// A site of Slurm whose queue jobs go to another cluster than the one that is asked when none is named.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"
#include "ground/environment_variable.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

/// Programs that stand for those of Slurm. Queue jobs run at once, and are seen and deleted only by who names
/// their cluster.
class TwoClusters {
  public:
    TwoClusters() {
        add("sbatch", R"(
c=${SBATCH_CLUSTERS:-${SLURM_CLUSTERS:-}} array=
while case $1 in -*) : ;; *) false ;; esac; do
    case $1 in
        --clusters=*) c=${1#*=} ;;
        -M) c=$2; shift ;;
        --job-name=*) name=${1#*=} ;;
        --array=1-*) array=${1#*=1-}; array=${array%%%*} ;;
    esac
    shift
done
echo "$name" >> submissions
id=$(wc -l < submissions)
for i in $(seq "${array:-1}"); do
    export SLURM_ARRAY_TASK_ID=$i
    setsid "$@" > /dev/null 2>&1 < /dev/null &
    echo "$! ${c:--} $id ${array:+$i} $name" >> jobs
done
echo "$id${TELLS_NO_CLUSTER-${c:+;$c}}"
)");
        add("squeue", R"(
c=${SLURM_CLUSTERS:-}
for x; do case $x in --clusters=*) c=${x#*=} ;; --jobs=*) is_of_one=yes ;; esac; done
echo looked >> looks
[ -z "$is_of_one" ] || exit 1
[ -z "$c" ] || echo "CLUSTER: $c"
echo 'qmr|ARRAY_JOB_ID|ARRAY_TASK_ID|ST|REASON|NAME|qmr'
[ -e jobs ] || exit 0
while read -r pid cluster id index name; do
    [ "$cluster" = "${c:--}" ] && kill -0 "$pid" 2> /dev/null && echo "qmr|$id|$index|R|None|$name|qmr"
done < jobs
exit 0
)");
        add("scancel", R"(
c=${SLURM_CLUSTERS:-}
for x; do case $x in --clusters=*) c=${x#*=} ;; esac; done
[ -e jobs ] || exit 0
while read -r pid cluster id index name; do
    for x; do [ "$cluster" = "${c:--}" ] && [ "$x" = "${id}_$index" ] && kill -KILL "-$pid" 2> /dev/null; done
done < jobs
exit 0
)");
    }

    [[nodiscard]] PoolOptions options() const {
        PoolOptions options = local_options(directory());
        options.batch_system = "slurm";
        options.jobs = Jobs::one_per_chunk;
        options.num_chunks = 3;
        options.qsub_path = path_of("sbatch");
        options.qstat_path = path_of("squeue");
        options.qdel_path = path_of("scancel");
        options.polling_interval = Seconds{0.01};
        options.file_system_latency = Seconds{0.2};
        options.settling_time = Seconds{0};
        return options;
    }

    [[nodiscard]] std::filesystem::path directory() const { return directory_.path().native(); }
    [[nodiscard]] std::string path_of(const std::string& name) const { return (directory() / name).native(); }
    [[nodiscard]] std::size_t num_lines(const std::string& name) const {
        const std::string text = text_of(directory() / name);
        return static_cast<std::size_t>(std::ranges::count(text, '\n'));
    }
    /// Waits until the file has so many lines.
    void wait_for_lines(const std::string& name, std::size_t number) const {
        while (num_lines(name) < number) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    [[nodiscard]] std::vector<int> processes() const {
        std::vector<int> pids;
        std::ifstream file(directory() / "jobs");
        std::string rest;
        for (int pid = 0; file >> pid; std::getline(file, rest)) pids.push_back(pid);
        return pids;
    }

  private:
    void add(const std::string& name, const std::string& script) const {
        std::ofstream(path_of(name)) << "#!/bin/bash\ncd " << directory().native() << " || exit\n" << script;
        std::filesystem::permissions(path_of(name), std::filesystem::perms::owner_all);
    }

    TemporaryDirectory directory_;
};

// Says that it runs, and stays until the queue was looked at so often that a queue job which was not listed
// would count as gone.
int begin_and_be_looked_at(const std::string& directory) {
    const auto num_looks = [&] {
        const std::string text = text_of(directory + "/looks");
        return std::ranges::count(text, '\n');
    };
    std::ofstream(directory + "/starts", std::ios::app) << "start" << std::endl;
    const auto before = num_looks();
    while (num_looks() < before + 40) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return 7;
}

}  // namespace

TEST_CASE("queue jobs on another cluster are seen there, and none is submitted twice") {
    const TwoClusters site;
    PoolOptions options = site.options();
    std::optional<std::string> variable;
    std::optional<std::string> silence;
    SECTION("by an argument") {
        options.resources.submit_arguments = {"--clusters=other"};
    }
    SECTION("by an argument, and the answer does not tell it") {
        options.resources.submit_arguments = {"--clusters=other"};
        silence = "";
    }
    SECTION("by a variable") {
        variable = "other";
    }
    SECTION("by a variable, with auto") {
        variable = "other";
        options.batch_system = "auto";
    }
    SECTION("on the usual one") {}
    const EnvironmentVariable clusters("SLURM_CLUSTERS", variable);
    const EnvironmentVariable tells("TELLS_NO_CLUSTER", silence);
    const std::vector<std::string> tasks(3, site.directory().native());
    CHECK(Pool(options).map(begin_and_be_looked_at, tasks) == std::vector<int>{7, 7, 7});
    CHECK(site.num_lines("submissions") == 1);
    CHECK(site.num_lines("starts") == 3);
}

TEST_CASE("a map that is gone on with looks for its queue jobs on the cluster where they went") {
    const TwoClusters site;
    PoolOptions options = site.options();
    const std::vector<std::string> tasks(3, site.directory().native());
    {
        const EnvironmentVariable clusters("SBATCH_CLUSTERS", "other");
        static_cast<void>(Pool(options).submit(begin_and_be_looked_at, tasks));
    }
    CHECK_THAT(text_of(options.work_dir / "journal.jsonl"), Catch::Contains("\"1;other\""));
    options.resume = std::exchange(options.work_dir, {});
    CHECK(Pool(options).map(begin_and_be_looked_at, tasks) == std::vector<int>{7, 7, 7});
    CHECK(site.num_lines("submissions") == 1);
    CHECK(site.num_lines("starts") == 3);
}

TEST_CASE("Ctrl-C deletes queue jobs on another cluster") {
    const TwoClusters site;
    PoolOptions options = site.options();
    options.resources.submit_arguments = {"-M", "other"};
    const EnvironmentVariable clusters("SLURM_CLUSTERS", "third");
    InProcess caller([&] {
        std::signal(SIGTERM, [](int) {});
        const auto stay = [](const std::string& directory) {
            std::ofstream(directory + "/starts", std::ios::app) << "start" << std::endl;
            while (true) std::this_thread::sleep_for(std::chrono::milliseconds(10));
            return 0;
        };
        try {
            static_cast<void>(
                Pool(options).map(stay, std::vector<std::string>(3, site.directory().native())));
        } catch (const Interrupted&) {
            return 0;
        }
        return 1;
    });
    site.wait_for_lines("starts", 3);
    ::kill(caller.pid(), SIGTERM);
    CHECK(caller.exit_code() == 0);
    CHECK(site.processes().size() == 3);
    for (const int pid : site.processes()) CHECK(::kill(pid, 0) != 0);
}
