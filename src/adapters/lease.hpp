#pragma once
// At most one process works on a map at a time. Who does has a lease: a file in the work_dir, made
// exclusively, that tells the process and that it touches again and again. There is no lock daemon, and
// nobody's clock is compared with another's: a lease that its holder has not touched for as long as it said
// it might be silent is over; on the same machine, as soon as the process is gone. Then a lease of the next
// generation is made.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "qmr/error.hpp"
#include "qmr/options.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::detail {

/// Another process has taken over: this one must not touch the map any more, nor its queue jobs.
class LeaseLost : public Error {
  public:
    using Error::Error;
};

/// What a lease says of its holder.
struct LeaseHolder {
    std::string host;
    std::string machine;  ///< machine_id()
    long pid = 0;
    std::uint64_t begin = 0;  ///< begin_of_process()
    double silence = 0;       ///< longest time in seconds that it may not touch its lease
    std::optional<std::chrono::system_clock::time_point> since = {};  ///< when it took the lease
};

class Lease {
  public:
    /// Takes the lease of a work_dir. `silence`: how long this process may not touch it. Throws BadInput when
    /// another process has it. When that is on another machine, or was, this blocks for up to the silence
    /// that it announced; `on_wait` is told what is waited for.
    Lease(const WorkDir& work_dir, Seconds silence, const std::function<void(const std::string&)>& on_wait);

    /// Gives it back, if it still is ours.
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    /// Touches the lease, once a second at most. Throws LeaseLost.
    void touch();

    /// How often it should be touched.
    static constexpr Seconds period{5};

  private:
    WorkDir work_dir_;
    std::size_t igeneration_ = 1;
    std::chrono::steady_clock::time_point touched_{};
    bool is_lost_ = false;
};

/// Who holds a lease. None: the file can not be read, or is no lease.
[[nodiscard]] std::optional<LeaseHolder> read_lease(const fs::path& path);

/// A lease, as somebody sees it who does not want it.
struct LeaseSeen {
    std::optional<LeaseHolder> holder;              ///< none: it can not be read
    std::optional<bool> is_alive;                   ///< none: that is not known on this machine
    std::chrono::system_clock::time_point touched;  ///< by the clock of the file system

    /// Whether it was touched, by the clock of this machine, no longer ago than its holder may be silent.
    [[nodiscard]] bool is_fresh(std::chrono::system_clock::time_point now) const;
};

/// None: it is gone.
[[nodiscard]] std::optional<LeaseSeen> look_at_lease(const fs::path& path);

}  // namespace qmr::detail
