#pragma once
// A work_dir of which one file is the input.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/filesystem/path.hpp>
#include <string>
#include <string_view>

#include "fuzz/fuzz.hpp"
#include "qmr/error.hpp"
#include "temporary_directory.hpp"
#include "vocabulary/work_dir.hpp"

namespace qmr::fuzz {

/// A new directory for this process, in memory where there is such a place.
inline const detail::WorkDir& work_dir() {
    static const test::TemporaryDirectory made(::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
                                               "qmr_fuzz");
    static const detail::WorkDir directory(made.path());
    return directory;
}

/// Makes a file whose content is this.
inline void fill_file(const boost::filesystem::path& path, std::string_view content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const ssize_t written = ::write(file, content.data(), content.size());
    require(written == static_cast<ssize_t>(content.size()), "a file can be written");
    ::close(file);
}

/// Runs a reader of a file, which either succeeds or throws an Error that names the file.
template <class Read>
void read_or_name(const boost::filesystem::path& path, Read read) {
    try {
        read();
    } catch (const Error& bad) {
        const std::string_view message = bad.what();
        require(message.find(path.native()) != std::string_view::npos, "an error names the file", message);
        require(message.find('\n') == std::string_view::npos, "an error is one line", message);
    }
}

}  // namespace qmr::fuzz
