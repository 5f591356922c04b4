#pragma once

#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>

#include "temporary_directory.hpp"

namespace qmr::test {

/// A small file system of its own below a directory; not there when this user can not mount one. It is not
/// mounted on the directory itself, for that would cover the lock that keeps the directory.
class Disk {
  public:
    Disk(unsigned long flags, const char* size) {
        ::mkdir(path().c_str(), 0700);
        is_there_ = ::mount("none", path().c_str(), "tmpfs", flags, size) == 0;
        if (!is_there_) WARN("not tried: this user can not mount a file system");
    }
    ~Disk() {
        if (is_there_) ::umount2(path().c_str(), MNT_DETACH);
    }
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    explicit operator bool() const { return is_there_; }
    [[nodiscard]] std::string path() const { return (directory_ / "disk").native(); }

  private:
    TemporaryDirectory directory_;
    bool is_there_ = false;
};

}  // namespace qmr::test
