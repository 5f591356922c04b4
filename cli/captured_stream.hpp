#pragma once
// What a command prints on one stream: a pipe, and what was read from it.

#include "cli/descriptor.hpp"
#include "cli/kept_bytes.hpp"

namespace qmr::cli {

/// Keeps what a command prints on one stream.
class CapturedStream {
  public:
    /// `name`: "stdout" or "stderr". Throws Error when there can be no pipe. `where` is referred to.
    CapturedStream(const char* name, const KeptWhere& where);

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
    void finish() { kept_.finish(); }

    /// All that was taken. From now on the file, if there is one, stays.
    [[nodiscard]] Printed hand_over() noexcept { return kept_.hand_over(); }

  private:
    std::size_t read_some();

    Pipe pipe_;
    KeptBytes kept_;
};

}  // namespace qmr::cli
