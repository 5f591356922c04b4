#pragma once
// Captured answers of client programs: NAME.rc (exit code), NAME.out and NAME.err (absent: nothing printed).

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/batch_system.hpp"

namespace qmr::test {

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Fixtures {
  public:
    explicit Fixtures(std::string_view directory)
        : directory_(std::filesystem::path(QMR_TEST_FIXTURES) / directory) {}

    [[nodiscard]] bool exist() const { return std::filesystem::is_directory(directory_); }

    /// The names that begin with `prefix`, in alphabetical order.
    [[nodiscard]] std::vector<std::string> names(std::string_view prefix) const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            const auto name = entry.path().stem().string();
            if (entry.path().extension() == ".rc" && name.starts_with(prefix)) found.push_back(name);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    [[nodiscard]] detail::ClientAnswer answer(const std::string& name) const {
        const auto rc = read_text(directory_ / (name + ".rc"));
        if (rc.empty()) throw std::runtime_error("no fixture " + name + " in " + directory_.string());
        return {.exit_code = std::stoi(rc),
                .ended = true,
                .out = read_text(directory_ / (name + ".out")),
                .err = read_text(directory_ / (name + ".err"))};
    }

  private:
    std::filesystem::path directory_;
};

/// An answer that was not captured, to be written down in a test.
inline detail::ClientAnswer answer(int exit_code, std::string out, std::string err = {}) {
    return {.exit_code = exit_code, .ended = true, .out = std::move(out), .err = std::move(err)};
}

inline const detail::BatchSystem& grid_engine = *detail::find_batch_system("sge");
inline const detail::BatchSystem& slurm = *detail::find_batch_system("slurm");
inline const Fixtures grid_engine_fixtures("grid_engine");

}  // namespace qmr::test
