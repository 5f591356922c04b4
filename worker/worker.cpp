#include "worker/worker.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include "adapters/executable.hpp"
#include "adapters/manifest.hpp"
#include "ground/host.hpp"
#include "vocabulary/job_name.hpp"
#include "worker/attempt.hpp"

namespace qmr::detail {

namespace {

struct Arguments {
    WorkDir work_dir;
    std::size_t isubmission = 0;
    std::uint64_t index = 0;
};

template <class T>
std::optional<T> number(const char* text) {
    T value = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

Arguments read_arguments(int argc, char** argv) {
    const auto isubmission = argc == 5 ? number<std::size_t>(argv[3]) : std::nullopt;
    const auto index = argc == 5 ? number<std::uint64_t>(argv[4]) : std::nullopt;
    if (!isubmission || !index)
        throw Error(
            "a worker is started by worker_launcher.sh, with the number of a submission and, outside arrays, "
            "an index");
    return {WorkDir(argv[2]), *isubmission, *index};
}

// Null: this executable does not have it.
ChunkFunction find_function(const Manifest& manifest) {
    const void* address = address_of({manifest.function_build_id, manifest.function_offset, {}});
    const auto function = reinterpret_cast<ChunkFunction>(reinterpret_cast<std::uintptr_t>(address));
    return address != nullptr && is_registered(function) ? function : nullptr;
}

// Why this executable can not work on the map, now or later; none: it can.
std::optional<ExitRecord> refusal(const Manifest& manifest, ChunkFunction function) {
    ExitRecord record;
    record.host = host_name();
    record.may_retry = false;
    if (const std::string build_id = own_build_id(); build_id != manifest.build_id) {
        record.cause = Cause::binary_changed;
        record.message = fmt::format(
            "the executable was rebuilt since the map began: its build-id is {} on {}, and was {}; map again",
            build_id, record.host, manifest.build_id);
        return record;
    }
    if (function == nullptr) {
        record.message =
            "the function is not in this executable, nor in a library that it is linked with; a library that "
            "is loaded later can not be used";
        return record;
    }
    return std::nullopt;
}

int run_queue_job(const Arguments& arguments) {
    const Manifest manifest = read_manifest(arguments.work_dir);
    const ChunkFunction function = find_function(manifest);
    const std::optional<ExitRecord> refused = refusal(manifest, function);
    int exit_code = worker_committed;
    for (const std::size_t ichunk : read_job(arguments.work_dir, arguments.isubmission, arguments.index)) {
        ChunkAttempt attempt(arguments.work_dir, session_hash(manifest.session_id), ichunk,
                             {arguments.isubmission, arguments.index});
        if (refused) {
            attempt.write_exit_record(*refused);
            exit_code = worker_failed;
            continue;
        }
        const AttemptEnd end = attempt.run(function);
        if (end == AttemptEnd::failed) exit_code = worker_failed;
        if (end == AttemptEnd::disk_full) exit_code = worker_disk_full;
    }
    return exit_code;
}

}  // namespace

int run_worker(int argc, char** argv) noexcept {
    try {
        // A limit of file sizes is an error of a write, which can be told, rather than the end of the
        // process.
        ::signal(SIGXFSZ, SIG_IGN);
        return run_queue_job(read_arguments(argc, argv));
    } catch (const std::exception& bad) {
        std::fprintf(stderr, "qmr worker: %s\n", bad.what());
        return worker_can_not_run;
    }
}

}  // namespace qmr::detail
