#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "qmr/options.hpp"

namespace qmr::detail {

/// Which hosts let one chunk after the other fail while others do not, so that they are better left out.
class HostFaults {
  public:
    /// An attempt on a chunk ended there early, for no fault of its tasks. `message`: how.
    void failed(const std::string& host, std::size_t ichunk, const std::string& message, Seconds now);

    /// A chunk was computed there: whatever was wrong is over.
    void committed(const std::string& host);

    /// The batch system does not leave out hosts, or not these: none is, until others fail.
    void forgive();

    /// The hosts to be left out, in order. At least one host that did well is not among them, and each is
    /// given another chance after a while.
    [[nodiscard]] std::vector<std::string> excluded(Seconds now);

    /// How the last attempt ended there.
    [[nodiscard]] const std::string& last_message(const std::string& host) const;

  private:
    struct Host {
        std::set<std::size_t> failed;  ///< chunks, since it did well
        std::string message;
        Seconds last{0};  ///< when the last one failed
        bool has_committed = false;
    };
    [[nodiscard]] static bool is_suspect(const Host& host);

    std::map<std::string, Host> hosts_;
};

}  // namespace qmr::detail
