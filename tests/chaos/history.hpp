#pragma once
// One history of chaos on the dummy queue: a map whose process is killed and begun again, whose workers are
// killed, and whose batch system does what it should not.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace qmr::test {

struct ChaosOutcome {
    std::vector<std::string> problems;  ///< a sentence each; empty: all is as it should be
    std::map<std::string, std::uint64_t> counts;

    [[nodiscard]] nlohmann::json to_json() const;
    void add(const nlohmann::json& other);
};

/// Plays the history of a seed, in some seconds. Uses the environment and children of this process.
[[nodiscard]] ChaosOutcome play_chaos(std::uint32_t seed);

}  // namespace qmr::test
