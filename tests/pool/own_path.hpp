#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "temporary_directory.hpp"

namespace qmr::test {

/// A $PATH with nothing but the programs that the test puts there.
class OwnPath {
  public:
    OwnPath() : before_(std::getenv("PATH")) { ::setenv("PATH", directory_.path().c_str(), 1); }
    ~OwnPath() { ::setenv("PATH", before_.c_str(), 1); }
    OwnPath(const OwnPath&) = delete;
    OwnPath& operator=(const OwnPath&) = delete;

    [[nodiscard]] std::string of(const std::string& name) const { return (directory_ / name).native(); }

    void add(const std::string& name, const std::string& script) const {
        const std::string path = of(name);
        std::ofstream(path) << "#!/bin/sh\n" << script;
        ::chmod(path.c_str(), 0700);
    }

  private:
    TemporaryDirectory directory_;
    std::string before_;
};

/// What a qstat prints that has nothing to list.
inline constexpr const char* empty_listing =
    "echo '<?xml version=\"1.0\"?><job_info><queue_info></queue_info><job_info></job_info></job_info>'\n";

inline void add_programs_of_grid_engine(const OwnPath& path) {
    for (const char* program : {"qsub", "qstat", "qdel"}) path.add(program, "exit 1\n");
}

}  // namespace qmr::test
