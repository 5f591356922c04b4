#pragma once
// What qmr doctor maps: a function that looks around where it runs.

#include <cstdint>
#include <string>

namespace qmr::cli {

/// What a worker sees where it runs.
struct ProbeAnswer {
    std::string host;
    std::string executable;
    std::string current_directory;
    bool is_same_directory = false;  ///< as that of the doctor
    bool is_same_variable = false;   ///< Probe::variable, byte for byte
    double time = 0;                 ///< seconds since 1970, by its clock, at its end
    std::uint64_t num_cores = 0;     ///< that it may use
    std::uint64_t num_cores_of_host = 0;
    std::uint64_t memory = 0;        ///< of its host, in bytes
    std::uint64_t memory_limit = 0;  ///< of its address space, in bytes; 0: none

    template <class Archive>
    void serialize(Archive& archive) {
        archive(host, executable, current_directory, is_same_directory, is_same_variable, time, num_cores,
                num_cores_of_host, memory, memory_limit);
    }
};

/// The function of the map. It has one task, which says nothing.
class Probe {
  public:
    Probe() = default;

    /// `value`: of the variable, as the worker should see it.
    Probe(std::string value, std::string current_directory)
        : value_(std::move(value)), current_directory_(std::move(current_directory)) {}

    static constexpr const char* variable = "QMR_DOCTOR";

    [[nodiscard]] ProbeAnswer operator()(int task) const;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(value_, current_directory_);
    }

  private:
    std::string value_;
    std::string current_directory_;
};

/// Seconds since 1970 by the clock of this host.
[[nodiscard]] double clock_here();

}  // namespace qmr::cli
