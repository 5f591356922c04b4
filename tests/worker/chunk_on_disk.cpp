#include "worker/chunk_on_disk.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "adapters/part_file.hpp"

namespace qmr::test {

using namespace qmr::detail;

namespace {

std::int64_t (*function_of_tasks)(std::int64_t) = nullptr;

// What map() makes of a function.
void run_function(ChunkRun& chunk) {
    while (Loader* loader = chunk.next_task()) {
        try {
            std::int64_t task = 0;
            loader->load(task);
            const std::int64_t result = function_of_tasks(task);
            chunk.begin_value().save(result);
            chunk.end_value();
        } catch (...) {
            chunk.fail();
        }
    }
}

FileHeader header_of(FileKind kind) {
    return {kind, ChunkOnDisk::session, ChunkOnDisk::ichunk, 0, 0};
}

}  // namespace

ChunkOnDisk::ChunkOnDisk(std::size_t num_tasks) : work_dir_(directory_.path()) {
    write(num_tasks);
}

ChunkOnDisk::ChunkOnDisk(const fs::path& directory, std::size_t num_tasks) : work_dir_(directory) {
    write(num_tasks);
}

void ChunkOnDisk::write(std::size_t num_tasks) const {
    const std::string path = work_dir_.chunk(ichunk).native();
    const Descriptor file = create_file(path);
    std::vector<std::byte> buffer(4096);
    RecordWriter writer(file.get(), path.c_str(), buffer);
    FileHeader whole = header_of(FileKind::chunk);
    whole.first_itask = first_itask;
    whole.num_tasks = num_tasks;
    writer.write_header(whole);
    Saver saver(writer);
    for (std::size_t i = 0; i < num_tasks; ++i) {
        writer.begin_record(RecordKind::task);
        saver.save(static_cast<std::int64_t>(i));
        writer.end_record();
    }
    writer.finish();
}

AttemptEnd ChunkOnDisk::attempt(std::int64_t (*function)(std::int64_t)) {
    function_of_tasks = function;
    return attempt(&run_function);
}

AttemptEnd ChunkOnDisk::attempt(ChunkFunction function) {
    // What waits in the buffers of this process would be printed by its child, too.
    std::cout.flush();
    std::fflush(nullptr);
    TaskProcess process(work_dir_, session, function, retries);
    return ChunkAttempt(work_dir_, session, ichunk, {7, 2}).run(process);
}

Outcomes ChunkOnDisk::outcomes() const {
    RecordReader reader(work_dir_.results(ichunk).native(), header_of(FileKind::results));
    Loader loader(reader);
    Outcomes outcomes;
    while (reader.next()) {
        if (reader.kind() == RecordKind::info) continue;
        std::int64_t number = 0;
        if (reader.kind() == RecordKind::value) loader.load(number);
        outcomes.push_back({reader.kind(), reader.kind() == RecordKind::value
                                               ? std::to_string(number)
                                               : FailureRecord::from_json(reader.text()).message});
    }
    return outcomes;
}

AttemptInfo ChunkOnDisk::info() const {
    RecordReader reader(work_dir_.results(ichunk).native(), header_of(FileKind::results));
    while (reader.next())
        if (reader.kind() == RecordKind::info) return AttemptInfo::from_json(reader.text());
    throw Error("there is no info record");
}

std::vector<FailureRecord> ChunkOnDisk::failures() const {
    RecordReader reader(work_dir_.results(ichunk).native(), header_of(FileKind::results));
    std::vector<FailureRecord> failures;
    while (reader.next())
        if (reader.kind() == RecordKind::exception || reader.kind() == RecordKind::crash)
            failures.push_back(FailureRecord::from_json(reader.text()));
    return failures;
}

FileHeader ChunkOnDisk::header(std::size_t num_tasks) {
    return {FileKind::results, session, ichunk, first_itask, num_tasks};
}

std::uint64_t ChunkOnDisk::num_in_part(const std::string& name) const {
    return num_valid_records((work_dir_.path() / name).native(), header(1'000'000'000));
}

std::vector<std::string> ChunkOnDisk::names(const std::string& ending) const {
    std::vector<std::string> names;
    for (fs::directory_iterator entry(work_dir_.path()), end; entry != end; ++entry)
        if (entry->path().extension() == ending) names.push_back(entry->path().filename().native());
    return names;
}

std::string ChunkOnDisk::name(const std::string& ending) const {
    const std::vector<std::string> all = names(ending);
    if (all.size() != 1) throw Error("there is not one file of this kind");
    return all.front();
}

bool ChunkOnDisk::has_results() const {
    return fs::exists(work_dir_.results(ichunk));
}

std::vector<ExitRecord> ChunkOnDisk::exit_records() const {
    std::vector<ExitRecord> records;
    for (const std::string& text : files(".exit")) records.push_back(ExitRecord::from_json(text));
    return records;
}

std::vector<std::string> ChunkOnDisk::files(const std::string& ending) const {
    std::vector<std::string> contents;
    for (fs::directory_iterator entry(work_dir_.path()), end; entry != end; ++entry)
        if (entry->path().extension() == ending) contents.push_back(read_file(entry->path()));
    std::ranges::sort(contents);
    return contents;
}

ErrorsToFile::ErrorsToFile() : before_(::dup(STDERR_FILENO)), file_(create_file(directory_ / "stderr")) {
    std::fflush(nullptr);
    ::dup2(file_.get(), STDERR_FILENO);
}

ErrorsToFile::~ErrorsToFile() {
    std::fflush(stderr);
    ::dup2(before_.get(), STDERR_FILENO);
}

void die_by(int signal) {
    // The handlers of the test framework would tell about it.
    ::signal(signal, SIG_DFL);
    ::raise(signal);
    std::abort();
}

}  // namespace qmr::test
