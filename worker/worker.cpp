#include "worker/worker.hpp"

#include <fmt/format.h>

#include <charconv>
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

ChunkFunction find_function(const Manifest& manifest) {
    const void* address = address_of({manifest.function_build_id, manifest.function_offset, {}});
    const auto function = reinterpret_cast<ChunkFunction>(reinterpret_cast<std::uintptr_t>(address));
    if (address == nullptr || !is_registered(function))
        throw Error(
            "the function is not in this executable, nor in a library that it is linked with; a library that "
            "was "
            "loaded later can not be used");
    return function;
}

// Why this executable can not work on the map; none: it can.
std::optional<ExitRecord> refusal(const Manifest& manifest) {
    ExitRecord record;
    record.host = host_name();
    record.may_retry = false;
    const std::string build_id = own_build_id();
    if (build_id != manifest.build_id) {
        record.cause = Cause::binary_changed;
        record.message = fmt::format(
            "the executable was rebuilt since the map began: its build-id is {} on {}, and was {}; map again",
            build_id, record.host, manifest.build_id);
        return record;
    }
    return std::nullopt;
}

}  // namespace

int run_worker(int argc, char** argv) noexcept {
    try {
        const Arguments arguments = read_arguments(argc, argv);
        const Manifest manifest = read_manifest(arguments.work_dir);
        const auto chunks = read_job(arguments.work_dir, arguments.isubmission, arguments.index);
        const std::optional<ExitRecord> refused = refusal(manifest);
        const ChunkFunction function = refused ? nullptr : find_function(manifest);
        int exit_code = worker_committed;
        for (const std::size_t ichunk : chunks) {
            ChunkAttempt attempt(arguments.work_dir, session_hash(manifest.session_id), ichunk,
                                 arguments.isubmission);
            if (refused) {
                attempt.write_exit_record(*refused);
                exit_code = worker_failed;
                continue;
            }
            switch (attempt.run(function)) {
                case AttemptEnd::committed:
                    break;
                case AttemptEnd::failed:
                    exit_code = worker_failed;
                    break;
                case AttemptEnd::disk_full:
                    exit_code = worker_disk_full;
                    break;
            }
        }
        return exit_code;
    } catch (const std::exception& bad) {
        std::fprintf(stderr, "qmr worker: %s\n", bad.what());
        return worker_can_not_run;
    }
}

}  // namespace qmr::detail
