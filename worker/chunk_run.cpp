#include "qmr/detail/chunk_run.hpp"

#include <cxxabi.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/attempt_record.hpp"
#include "adapters/executable.hpp"
#include "adapters/kept_values.hpp"
#include "ground/host.hpp"
#include "ground/standard_streams.hpp"
#include "qmr/task_error.hpp"
#include "worker/chunk_source.hpp"

namespace qmr::detail {

namespace {

/// A record waits no longer for others before all of them are written to the file.
constexpr std::chrono::milliseconds max_wait_of_record{10};

// The steady clock, as it was at the last tick of the kernel: to look at it costs next to nothing.
std::chrono::nanoseconds coarse_time() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

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

// Of the exception that is being handled.
FailureRecord describe_failure(double seconds_of_task) {
    FailureRecord record;
    FailedAttempt attempt;
    try {
        throw;
    } catch (const TaskError& told) {
        attempt = told.attempt();
        record.end_of_stderr = told.end_of_stderr();
        record.details = told.details();
    } catch (...) {
        attempt.message = describe_current_exception();
        attempt.seconds = seconds_of_task;
        attempt.peak_memory = peak_memory();
    }
    attempt.cause = Cause::exception;
    attempt.host = host_name();
    record.message = attempt.message;
    record.history.push_back(std::move(attempt));
    return record;
}

// Whoever waits for this process sees the signal that ended the program.
[[noreturn]] void end_this_process_by(int signal) {
    flush_streams();
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // no core file
    ::signal(signal, SIG_DFL);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signal);
    ::_exit(EXIT_FAILURE);
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
      last_flush_(coarse_time()) {}

ChunkRun::~ChunkRun() = default;

bool ChunkRun::open_next_chunk() {
    const HandOver* chunk = source_.wait();
    if (chunk == nullptr) return false;
    chunk_.emplace(source_.work_dir().chunk(chunk->ichunk).native(),
                   FileHeader{FileKind::chunk, source_.session(), chunk->ichunk, 0, 0});
    kept_ = KeptValues::find(source_.work_dir(), chunk_->tasks.header());
    num_to_skip_ = chunk->num_done;
    now_ = coarse_time();
    return true;
}

Loader* ChunkRun::next_task() {
    if (std::exchange(is_again_, false)) {
        chunk_->tasks.rewind();
        now_ = coarse_time();
        begin_task();
        return &chunk_->loader;
    }
    while (chunk_ || open_next_chunk()) {
        while (chunk_->tasks.next()) {
            const bool has_value = kept_ && kept_->next();
            if (num_to_skip_ > 0) {
                --num_to_skip_;
                continue;
            }
            if (has_value) {
                copy_record(kept_->value(), results_);
                end_outcome();
                continue;
            }
            wait_for_turn();
            begin_task();
            return &chunk_->loader;
        }
        if (num_to_skip_ > 0) chunk_->tasks.fail("there are fewer tasks than results");
        chunk_.reset();
        source_.finish();
    }
    return nullptr;
}

// Where a task has to begin alone, until all outcomes before it are in the file and count.
void ChunkRun::wait_for_turn() {
    const HandOver& chunk = *source_.wait();
    const auto itask = static_cast<std::size_t>(results_.num_records());
    if (!chunk.alone.has_to_wait(itask)) return;
    results_.flush();
    constexpr timespec period{0, 2'000'000};
    // The watching process kills this one when it is told to leave meanwhile.
    while (chunk.is_settling && source_.shared().report().num_settled < itask) ::nanosleep(&period, nullptr);
    now_ = last_flush_ = coarse_time();
}

void ChunkRun::begin_task() {
    RunReport& report = source_.shared().report();
    report.begin_of_task = now_.count();
    report.itask = static_cast<std::size_t>(results_.num_records());
}

void ChunkRun::enter(Stage stage) {
    source_.shared().report().stage = stage;
}

void ChunkRun::fail_setup() {
    throw Error(fmt::format("setup() threw {}", describe_current_exception()));
}

void ChunkRun::tell_of_cleanup() {
    tell_on_stderr(fmt::format("qmr worker: cleanup() threw {}\n", describe_current_exception()));
}

Saver& ChunkRun::begin_value() {
    results_.begin_record(RecordKind::value);
    return saver_;
}

void ChunkRun::end_value() {
    results_.end_record();
    end_outcome();
}

// Whoever kills all processes at once costs the task that runs, and what ended a moment ago.
void ChunkRun::end_outcome() {
    source_.shared().history().clear();
    now_ = coarse_time();
    if (now_ - last_flush_ < max_wait_of_record) return;
    results_.flush();
    last_flush_ = now_;
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
    } catch (const WorkerFailure&) {
        throw;
    } catch (const ProgramKilled& killed) {
        end_this_process_by(killed.signal());
    } catch (...) {
        results_.abandon_record();
        SharedRun& shared = source_.shared();
        TaskHistory& history = shared.history();
        FailureRecord record = describe_failure(shared.report().seconds_of_task());
        history.add(record.history.back());
        is_again_ = history.num_exceptions() <= source_.max_num_retries();
        if (is_again_) return;
        record.history = history.attempts();
        results_.write_record(RecordKind::exception, record.to_json());
        end_outcome();
    }
}

}  // namespace qmr::detail
