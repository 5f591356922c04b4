#pragma once
// What a command prints on one stream: a pipe, and what was read from it, in memory or in a file.

#include "cli/command_run.hpp"
#include "cli/descriptor.hpp"

namespace qmr::cli {

/// Keeps what a command prints on one stream. Its file is removed, unless it was handed over.
class CapturedStream {
  public:
    /// `name`: "stdout" or "stderr". Throws Error when there can be no pipe. The limits are referred to.
    CapturedStream(const char* name, const CommandLimits& limits);
    ~CapturedStream();
    CapturedStream(const CapturedStream&) = delete;
    CapturedStream& operator=(const CapturedStream&) = delete;

    /// Where the command prints to.
    [[nodiscard]] int sink() const noexcept { return pipe_.sink.get(); }
    /// When the command has inherited it.
    void close_sink() noexcept { pipe_.sink.reset(); }

    /// Where it can be read; -1 at the end of the stream.
    [[nodiscard]] int source() const noexcept { return pipe_.source.get(); }

    /// Takes some of what there is to read. Throws Error when its file can not be written. Does not block on
    /// the pipe.
    void take();

    /// Takes what is in the pipe at this moment, and not what somebody may go on to print.
    void take_rest();

    /// Closes the file, if there is one. Throws Error when it could not be written.
    void finish();

    /// All that was taken. From now on the file, if there is one, stays.
    [[nodiscard]] Printed hand_over() noexcept;

  private:
    std::size_t read_some();
    void keep(std::string_view piece);
    void move_to_file();
    void write(std::string_view piece);
    [[noreturn]] void fail(int error) const;

    const char* name_;
    const CommandLimits* limits_;
    Pipe pipe_;
    Printed printed_;
    Descriptor file_;
    bool removes_file_ = false;
};

}  // namespace qmr::cli
