#include "worker/shared_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <new>
#include <span>
#include <system_error>

namespace qmr::detail {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 18;

struct Layout {
    RunReport report;
    TaskHistory history;
    alignas(RecordWriter) std::array<std::byte, sizeof(RecordWriter)> writer;
    std::array<char, PATH_MAX> path;
    std::array<std::byte, buffer_size> buffer;
};

[[noreturn]] void fail(const char* what) {
    throw Error(fmt::format("cannot {}: {}", what, std::generic_category().message(errno)));
}

}  // namespace

void RunReport::fail(std::string_view why, int number) {
    const auto size = std::min(why.size(), message.size() - 1);
    std::copy_n(why.data(), size, message.data());
    message[size] = '\0';
    error = number;
    state = State::failed;
}

double RunReport::seconds_of_task() const {
    const std::chrono::nanoseconds begin(begin_of_task);
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch() - begin).count();
}

SharedRun::SharedRun()
    : null_device_(::open("/dev/null", O_RDWR | O_CLOEXEC)),
      slot_(::fcntl(null_device_.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) {
    if (slot_.get() < 0) fail("get a descriptor for results");
    memory_ = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) fail("get memory for results");
    begin_report();
    begin_results(null_device_.get(), "/dev/null");
}

SharedRun::~SharedRun() {
    ::munmap(memory_, sizeof(Layout));
}

void SharedRun::begin_results(int file, std::string_view path) {
    open_results(file);
    auto* layout = static_cast<Layout*>(memory_);
    layout->path[path.copy(layout->path.data(), layout->path.size() - 1)] = '\0';
    history_ = new (&layout->history) TaskHistory;
    writer_ = new (layout->writer.data())
        RecordWriter(slot_.get(), layout->path.data(),
                     std::span(reinterpret_cast<std::byte*>(&layout->buffer), buffer_size));
}

void SharedRun::begin_report() {
    report_ = new (&static_cast<Layout*>(memory_)->report) RunReport;
}

void SharedRun::open_results(int file) {
    if (::dup3(file, slot_.get(), O_CLOEXEC) < 0) fail("duplicate the descriptor of results");
}

void SharedRun::close_results() {
    // It stays taken, so that no other file gets its number.
    ::dup3(null_device_.get(), slot_.get(), O_CLOEXEC);
}

}  // namespace qmr::detail
