#pragma once

#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace qmr::test {

/// A new directory under $TMPDIR or /tmp, with mode 0700, that is gone with all that is in it at the end of
/// the test. A child that a test forks leaves it alone.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        const char* parent = std::getenv("TMPDIR");
        std::string name =
            std::string(parent != nullptr && *parent == '/' ? parent : "/tmp") + "/qmr_test_XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
        path_ = name;
    }
    ~TemporaryDirectory() {
        boost::system::error_code ignored;
        if (::getpid() == owner_) boost::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const boost::filesystem::path& path() const noexcept { return path_; }

    /// Path of an entry in it.
    [[nodiscard]] boost::filesystem::path operator/(std::string_view name) const {
        return path_ / boost::filesystem::path(name.begin(), name.end());
    }

    /// How many files and directories are in it.
    [[nodiscard]] std::size_t num_entries() const {
        std::size_t number = 0;
        for (boost::filesystem::directory_iterator entry(path_), end; entry != end; ++entry) ++number;
        return number;
    }

  private:
    boost::filesystem::path path_;
    pid_t owner_ = ::getpid();
};

}  // namespace qmr::test
