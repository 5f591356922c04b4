#include "worker/chunk_source.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <utility>

#include "ground/standard_streams.hpp"

namespace qmr::detail {

namespace {

Descriptor copy_of(int descriptor) {
    return Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace

ChunkSource::ChunkSource(WorkDir work_dir, std::uint64_t session, SharedRun& shared, Descriptor channel,
                         std::uint64_t max_num_retries)
    : work_dir_(std::move(work_dir)),
      session_(session),
      shared_(shared),
      channel_(std::move(channel)),
      own_out_(copy_of(STDOUT_FILENO)),
      own_err_(copy_of(STDERR_FILENO)),
      max_num_retries_(max_num_retries) {}

const HandOver* ChunkSource::wait() {
    if (!chunk_) {
        occupy_standard_streams();  // a task may have closed them
        OpenFiles files;
        chunk_ = receive_chunk(channel_, files);
        if (!chunk_) return nullptr;
        shared_.open_results(files.part.get());
        ::dup2(files.out.get(), STDOUT_FILENO);
        ::dup2(files.err.get(), STDERR_FILENO);
    }
    return &*chunk_;
}

void ChunkSource::finish() {
    flush_streams();
    ::dup2(own_out_.get(), STDOUT_FILENO);
    ::dup2(own_err_.get(), STDERR_FILENO);
    shared_.close_results();
    chunk_.reset();
    shared_.report().peak_memory = peak_memory();
    shared_.report().state = RunReport::State::finished;
    send_answer(channel_);
}

// As wait4(2) tells of a process that has ended.
std::uint64_t peak_memory() {
    rusage self{};
    rusage children{};
    ::getrusage(RUSAGE_SELF, &self);
    ::getrusage(RUSAGE_CHILDREN, &children);
    return static_cast<std::uint64_t>(std::max(self.ru_maxrss, children.ru_maxrss)) * 1024;
}

void flush_streams() {
    std::cout.flush();
    std::clog.flush();
    std::fflush(nullptr);
}

}  // namespace qmr::detail
