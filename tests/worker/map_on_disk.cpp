#include "worker/map_on_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <cstdio>
#include <iostream>

#include "adapters/executable.hpp"
#include "vocabulary/atomic_file.hpp"
#include "vocabulary/job_name.hpp"
#include "worker/worker.hpp"

namespace qmr::test {

using namespace qmr::detail;

MapOnDisk::MapOnDisk(ChunkFunction function, const std::vector<Numbers>& chunks,
                     const std::vector<std::vector<std::size_t>>& jobs) {
    const auto place = locate(reinterpret_cast<const void*>(function));
    manifest.session_id = "20231114T221320-000000abcdef";
    manifest.build_id = own_build_id();
    manifest.function_build_id = place->build_id;
    manifest.function_offset = place->offset;
    manifest.num_chunks = chunks.size();
    for (std::size_t ichunk = 0; ichunk < chunks.size(); ++ichunk) {
        write_chunk(ichunk, chunks[ichunk]);
        manifest.num_tasks += chunks[ichunk].size();
    }
    write_manifest();
    std::vector<JobLine> lines;
    for (const auto& job : jobs) lines.push_back({job, false});
    write_jobs(work_dir, 0, lines);
    fs::create_directory(work_dir.claims());
}

void MapOnDisk::write_chunk(std::size_t ichunk, const Numbers& tasks) const {
    const std::string path = work_dir.chunk(ichunk).native();
    fs::remove(path);
    const Descriptor file = create_file(path);
    std::vector<std::byte> buffer(4096);
    RecordWriter writer(file.get(), path.c_str(), buffer);
    writer.write_header({FileKind::chunk, session(), ichunk, 0, tasks.size()});
    for (const std::int64_t task : tasks)
        writer.write_record(RecordKind::task, {reinterpret_cast<const char*>(&task), sizeof task});
    writer.finish();
}

std::uint64_t MapOnDisk::session() const {
    return session_hash(manifest.session_id);
}

bool MapOnDisk::has_results(std::size_t ichunk) const {
    return fs::exists(work_dir.results(ichunk));
}

std::size_t MapOnDisk::num_results() const {
    std::size_t number = 0;
    for (std::size_t ichunk = 0; ichunk < manifest.num_chunks; ++ichunk) number += has_results(ichunk);
    return number;
}

MapOnDisk::Numbers MapOnDisk::results(std::size_t ichunk) const {
    RecordReader reader(work_dir.results(ichunk).native(), {FileKind::results, session(), ichunk, 0, 0});
    Loader loader(reader);
    Numbers numbers;
    while (reader.next())
        if (reader.kind() == RecordKind::value) loader.load(numbers.emplace_back());
    return numbers;
}

std::vector<ExitRecord> MapOnDisk::exit_records() const {
    std::vector<ExitRecord> records;
    for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry)
        if (entry->path().extension() == ".exit")
            records.push_back(ExitRecord::from_json(read_file(entry->path())));
    return records;
}

std::string MapOnDisk::printed(std::size_t ichunk) const {
    std::string text;
    for (fs::directory_iterator entry(work_dir.path()), end; entry != end; ++entry) {
        const auto file = read_chunk_file_name(entry->path().filename().native());
        if (file && file->kind == ChunkFile::Kind::stdout_file && file->ichunk == ichunk)
            text += read_file(entry->path());
    }
    return text;
}

int work(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"program", "--qmr-worker"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    // What waits in the buffers of this process would be printed by its child, too.
    std::cout.flush();
    std::fflush(nullptr);
    return run_worker(static_cast<int>(arguments.size()), argv.data());
}

int work(const MapOnDisk& map, const char* isubmission, const char* index) {
    return work({map.work_dir.path().native(), isubmission, index});
}

namespace {

std::string diary_path;

}  // namespace

Diary::Diary() {
    diary_path = (directory_ / "diary").native();
}

Diary::~Diary() {
    diary_path.clear();
}

void Diary::write(const std::string& word) {
    const Descriptor file(::open(diary_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    write_all(file.get(), word + " ", diary_path);
}

std::string Diary::text() const {
    return fs::exists(directory_ / "diary") ? read_file(directory_ / "diary") : "";
}

}  // namespace qmr::test
