#include "qmr/detail/chunk_run.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "adapters/executable.hpp"
#include "worker/chunk_source.hpp"

namespace qmr::detail {

namespace {

std::vector<ChunkFunction>& registered_functions() {
    static std::vector<ChunkFunction> functions;
    return functions;
}

std::string demangled(const char* name) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> text(
        abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
    return status == 0 ? text.get() : name;
}

// Type and message of an exception, and of those that are nested in it (std::throw_with_nested).
std::string describe_exception(const std::exception& thrown) {
    std::string text = fmt::format("{}: {}", demangled(typeid(thrown).name()), thrown.what());
    try {
        std::rethrow_if_nested(thrown);
    } catch (const std::exception& inner) {
        text += fmt::format(" (because of {})", describe_exception(inner));
    } catch (...) {
        text += " (because of something that is not a std::exception)";
    }
    return text;
}

std::string describe_current_exception() {
    try {
        throw;
    } catch (const std::exception& thrown) {
        return describe_exception(thrown);
    } catch (...) {
        const std::type_info* type = abi::__cxa_current_exception_type();
        return fmt::format("{}: not a std::exception", type != nullptr ? demangled(type->name()) : "unknown");
    }
}

}  // namespace

bool register_function(ChunkFunction function) {
    registered_functions().push_back(function);
    return true;
}

bool is_registered(ChunkFunction function) {
    const auto& known = registered_functions();
    return std::ranges::find(known, function) != known.end();
}

std::uint64_t offset_in_executable(const void* function) {
    const auto location = locate(function);
    if (!location || location->build_id != own_build_id())
        throw BadInput(
            fmt::format("map: the function is not in this executable but in {}, which may differ on a worker "
                        "node: pass a "
                        "lambda that calls it; nothing was submitted",
                        location && !location->file.empty() ? location->file : "generated code"));
    return location->offset;
}

const void* function_at(std::uint64_t offset) {
    const void* address = address_of({own_build_id(), offset, {}});
    if (address == nullptr) throw Error("the function is not in this executable");
    return address;
}

ChunkRun::ChunkRun(ChunkSource& source)
    : source_(source),
      results_(source.shared().writer()),
      saver_(results_),
      function_path_(source.work_dir().function().native()),
      function_header_{FileKind::function, source.session(), 0, 0, 0},
      itask_(source.shared().report().itask) {}

bool ChunkRun::open_next_chunk() {
    const HandOver* chunk = source_.wait();
    if (chunk == nullptr) return false;
    chunk_.emplace(source_.work_dir().chunk(chunk->ichunk).native(),
                   FileHeader{FileKind::chunk, source_.session(), chunk->ichunk, 0, 0});
    num_to_skip_ = chunk->num_done;
    return true;
}

Loader* ChunkRun::next_task() {
    while (chunk_ || open_next_chunk()) {
        while (chunk_->tasks.next()) {
            if (num_to_skip_ > 0) {
                --num_to_skip_;
                continue;
            }
            itask_ = static_cast<std::size_t>(results_.num_records());
            return &chunk_->loader;
        }
        chunk_.reset();
        source_.finish();
    }
    return nullptr;
}

void ChunkRun::enter(Stage stage) {
    source_.shared().report().stage = stage;
}

void ChunkRun::fail_setup() {
    throw Error(fmt::format("setup() threw {}", describe_current_exception()));
}

void ChunkRun::tell_of_cleanup() {
    fmt::print(stderr, "qmr worker: cleanup() threw {}\n", describe_current_exception());
}

Saver& ChunkRun::begin_value() {
    results_.begin_record(RecordKind::value);
    return saver_;
}

void ChunkRun::end_value() {
    results_.end_record();
}

void ChunkRun::fail() {
    try {
        throw;
    } catch (const abi::__forced_unwind&) {
        throw;  // the thread is being cancelled; nobody may stop that
    } catch (const WriteFailure&) {
        throw;  // no fault of the task
    } catch (const CorruptFile&) {
        throw;  // of the chunk, no fault of the task either
    } catch (const ReadFailure&) {
        throw;  // nor is this, and another attempt may do better
    } catch (...) {
        results_.abandon_record();
        results_.write_record(
            RecordKind::exception,
            FailureRecord{Cause::exception, describe_current_exception(), {}, {}}.to_json());
    }
}

}  // namespace qmr::detail
