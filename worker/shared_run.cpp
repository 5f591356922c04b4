#include "worker/shared_run.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace qmr::detail {

namespace {

constexpr std::size_t buffer_size = std::size_t{1} << 18;

struct Layout {
    RunReport report;
    alignas(RecordWriter) std::array<std::byte, sizeof(RecordWriter)> writer;
    std::array<std::byte, buffer_size> buffer;
};

}  // namespace

void RunReport::fail(std::string_view why, int number) {
    const auto size = std::min(why.size(), message.size() - 1);
    std::copy_n(why.data(), size, message.data());
    message[size] = '\0';
    error = number;
    state = State::failed;
}

SharedRun::SharedRun(int descriptor, const char* path)
    : memory_(::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED)
        throw Error(fmt::format("cannot get memory for results: {}", std::generic_category().message(errno)));
    auto* layout = static_cast<Layout*>(memory_);
    report_ = new (&layout->report) RunReport;
    writer_ = new (layout->writer.data())
        RecordWriter(descriptor, path, std::span(reinterpret_cast<std::byte*>(&layout->buffer), buffer_size));
}

SharedRun::~SharedRun() {
    ::munmap(memory_, sizeof(Layout));
}

}  // namespace qmr::detail
