#pragma once

#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "held_directory.hpp"

namespace qmr::test {

/// A new directory under $TMPDIR or /tmp, with mode 0700, that is gone with all that is in it at the end of
/// the test. A child that a test forks leaves it alone. The first one of a process removes those that killed
/// test programs have left there.
class TemporaryDirectory {
  public:
    TemporaryDirectory() : TemporaryDirectory(usual_parent(), "qmr_test") {}
    TemporaryDirectory(const std::string& parent, const std::string& name)
        : held_(without_abandoned(parent, name), name), path_(held_.path) {}
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
    static std::string usual_parent() {
        const char* parent = std::getenv("TMPDIR");
        return parent != nullptr && *parent == '/' ? parent : "/tmp";
    }

    static const std::string& without_abandoned(const std::string& parent, const std::string& name) {
        static std::set<std::string> done;
        if (done.insert(parent + '/' + name).second) remove_abandoned_directories(parent, name);
        return parent;
    }

    HeldDirectory held_;
    boost::filesystem::path path_;
    pid_t owner_ = ::getpid();
};

}  // namespace qmr::test
