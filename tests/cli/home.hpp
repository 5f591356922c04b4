#pragma once

#include <boost/filesystem/operations.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ground/environment_variable.hpp"
#include "temporary_directory.hpp"
#include "value_of.hpp"

namespace qmr::test {

/// A home of its own as the working directory, without config files, and without variables of qmr.
class Home {
  public:
    Home() {
        for (const auto& option : all_pool_options()) names_.push_back(cli::environment_variable(option));
        names_.insert(names_.end(), {"QMR_CONFIG", "QMR_PROFILE", "XDG_CONFIG_HOME"});
        for (const auto& name : names_)
            variables_.push_back(std::make_unique<EnvironmentVariable>(name.c_str(), std::nullopt));
        boost::filesystem::create_directory(directory_ / ".config");
        std::filesystem::current_path(path());
    }
    ~Home() { std::filesystem::current_path(before_); }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    [[nodiscard]] std::string path() const { return directory_.path().string(); }

    /// Writes a file; a relative path begins at the home.
    static void write(const std::string& file, std::string_view text) { std::ofstream(file) << text; }

  private:
    TemporaryDirectory directory_;
    EnvironmentVariable home_{"HOME", directory_.path().string()};
    std::vector<std::string> names_;
    std::vector<std::unique_ptr<EnvironmentVariable>> variables_;
    std::filesystem::path before_ = std::filesystem::current_path();
};

}  // namespace qmr::test
