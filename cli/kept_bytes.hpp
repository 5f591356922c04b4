#pragma once
// Bytes that come one after the other, in memory as long as they are few, else in a file.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "cli/descriptor.hpp"

namespace qmr::cli {

/// What a command printed on one stream.
struct Printed {
    std::string text;            ///< all of it, unless there is a file
    std::filesystem::path file;  ///< all of it, when it was too much for memory; else empty
    std::uint64_t size = 0;      ///< in bytes
};

/// How much of a stream is kept where.
struct KeptWhere {
    /// Most that is kept in memory, in bytes.
    std::size_t max_in_memory = std::size_t{1} << 20;

    /// Called with "stdout" or "stderr" once that stream is too much for memory: path of a file that is not
    /// there yet. None: all is kept in memory.
    std::function<std::filesystem::path(const char* stream)> file_for = {};
};

/// Keeps bytes of a stream. Its file is removed, unless it was handed over.
class KeptBytes {
  public:
    /// `name`: "stdout" or "stderr". `where` is referred to.
    KeptBytes(const char* name, const KeptWhere& where) : name_(name), where_(&where) {}
    ~KeptBytes();
    KeptBytes(const KeptBytes&) = delete;
    KeptBytes& operator=(const KeptBytes&) = delete;

    /// Throws Error when the file can not be written.
    void add(std::string_view piece);

    /// Closes the file, if there is one. Throws Error when it could not be written.
    void finish();

    /// All that was added. From now on the file, if there is one, stays.
    [[nodiscard]] Printed hand_over() noexcept;

  private:
    void move_to_file();
    void write(std::string_view piece);
    [[noreturn]] void fail(int error) const;

    const char* name_;
    const KeptWhere* where_;
    Printed printed_;
    Descriptor file_;
    bool removes_file_ = false;
};

}  // namespace qmr::cli
