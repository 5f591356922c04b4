#pragma once
// The values of a map that is over, in bytes. Compiled once.

#include <cstddef>
#include <filesystem>
#include <memory>

#include "qmr/detail/callers_code.hpp"
#include "qmr/detail/serialize.hpp"
#include "qmr/options.hpp"

namespace qmr::detail {

class StoredRun {
  public:
    StoredRun(const std::filesystem::path& work_dir, Seconds patience);
    ~StoredRun();
    StoredRun(const StoredRun&) = delete;
    StoredRun& operator=(const StoredRun&) = delete;

    [[nodiscard]] std::size_t num_tasks() const noexcept;

    /// Calls load(loader) at the value of a task. Throws Error that names the file.
    template <class Load>
    void read(std::size_t itask, Load load) {
        Loader& loader = find(itask);
        try {
            loading([&] { load(loader); });
        } catch (const cereal::Exception& bad) {
            fail(bad.what());
        } catch (const CallerThrew& thrown) {
            std::rethrow_exception(thrown.exception);
        }
    }

  private:
    [[nodiscard]] Loader& find(std::size_t itask);
    [[noreturn]] void fail(const char* why) const;

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace qmr::detail
