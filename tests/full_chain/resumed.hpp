#pragma once
// A map that is killed and gone on with, on each site that a test can have.

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"

namespace qmr::test {

/// Squares, and leaves a line for each time it was called.
struct Recorded {
    std::string directory;
    int milliseconds = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(directory, milliseconds);
    }

    std::int64_t operator()(std::int64_t x) const {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        std::ofstream(directory + "/ran_" + std::to_string(x), std::ios::app) << "x\n";
        return x * x;
    }
};

struct Site {
    const char* name;
    bool is_local;
    Jobs jobs;
};

inline const Site all_sites[]{{"dummy queue, one per chunk", false, Jobs::one_per_chunk},
                              {"dummy queue, pull", false, Jobs::pull},
                              {"local, one per chunk", true, Jobs::one_per_chunk},
                              {"local, pull", true, Jobs::pull}};

class Resumed {
  public:
    explicit Resumed(const Site& site, int milliseconds = 3) : site_(site), milliseconds_(milliseconds) {}

    [[nodiscard]] PoolOptions options() const {
        PoolOptions options = site_.is_local ? local_options(chain_.directory()) : chain_.options(site_.jobs);
        options.jobs = site_.jobs;
        options.num_chunks = 10;
        options.work_dir.clear();
        options.resume = chain_.work_dir();
        return options;
    }

    [[nodiscard]] Recorded function() const { return {chain_.directory().native(), milliseconds_}; }

    [[nodiscard]] bool is_right() const {
        return Pool(options()).map(function(), numbers(30)) == squares(30);
    }

    /// Runs the program until it is killed after this time. True: it came to its end before.
    [[nodiscard]] bool ends_within(std::chrono::milliseconds time) const {
        InProcess caller([this] { return is_right() ? 0 : 1; });
        std::this_thread::sleep_for(time);
        ::kill(caller.pid(), SIGKILL);
        if (caller.ended_by() == SIGKILL) return false;
        REQUIRE(caller.exit_code() == 0);
        return true;
    }

    [[nodiscard]] std::size_t num_runs() const {
        std::size_t number = 0;
        for (std::int64_t task = 0; task < 30; ++task)
            number += text_of(chain_.directory() / ("ran_" + std::to_string(task))).size() / 2;
        return number;
    }

    [[nodiscard]] const Chain& chain() const { return chain_; }

  private:
    Chain chain_;
    Site site_;
    int milliseconds_;
};

}  // namespace qmr::test
