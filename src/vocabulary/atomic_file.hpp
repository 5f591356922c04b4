#pragma once

#include <boost/filesystem/path.hpp>
#include <string_view>

namespace qmr::detail {

namespace fs = boost::filesystem;

/// Writes a small file so that it is there whole or not at all, also after a loss of power. Readable by its
/// owner alone, and executable when `mode` is 0700. Throws Error that names the file.
void write_file(const fs::path& path, std::string_view content, unsigned mode = 0600);

/// Whole content of a file, which may not be a symbolic link. Throws Error that names it.
[[nodiscard]] std::string read_file(const fs::path& path);

/// The last `max_size` bytes of a file; empty when it can not be read, or is a symbolic link.
[[nodiscard]] std::string end_of_file(const fs::path& path, std::size_t max_size);

/// What became of a commit.
enum class Commit {
    done,       ///< `to` is ours
    was_there,  ///< `to` existed: the first complete file wins
};

/// Gives a complete file its final name, unless that name is taken. Works on file systems without hard links,
/// too (link(2), else renameat2(2), else rename(2) after a look). Throws Error that names the file.
Commit commit_file(const fs::path& from, const fs::path& to);

/// Makes the names in a directory survive a loss of power. Throws Error.
void sync_directory(const fs::path& path);

/// A descriptor that closes itself.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { reset(); }

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept;
    void reset() noexcept;

  private:
    int number_ = -1;
};

/// Opens a new file of the owner's for writing; it must not exist. Throws Error that names it.
[[nodiscard]] Descriptor create_file(const fs::path& path, unsigned mode = 0600);

/// Writes all of it. Throws Error that names the file.
void write_all(int descriptor, std::string_view content, const fs::path& path);

/// fsync(2). Throws Error that names the file.
void sync_file(int descriptor, const fs::path& path);

/// Closes a file that was written. A file server may tell only then that it has no room for it. Throws Error
/// that names the file.
void close_file(Descriptor file, const fs::path& path);

/// Bytes of a file; 0 when that can not be told.
[[nodiscard]] std::size_t size_of(const Descriptor& file) noexcept;

}  // namespace qmr::detail
