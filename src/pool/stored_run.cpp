#include "qmr/detail/stored_run.hpp"

#include <fmt/format.h>

#include <boost/filesystem/operations.hpp>
#include <chrono>
#include <optional>
#include <thread>

#include "adapters/outcomes.hpp"
#include "ground/only_errors.hpp"
#include "pool/map_view.hpp"
#include "qmr/error.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

using Clock = std::chrono::steady_clock;

// To list a directory makes a network file system look again for what it had not found.
bool is_listed(const fs::path& file) {
    boost::system::error_code error;
    for (fs::directory_iterator entry(file.parent_path(), error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().filename() == file.filename()) return true;
    return false;
}

void wait_for(const fs::path& file, Seconds patience) {
    constexpr std::chrono::milliseconds period{200};
    for (const auto begin = Clock::now(); !fs::exists(file) && !is_listed(file);
         std::this_thread::sleep_for(period))
        if (Clock::now() - begin >= patience)
            throw Error(fmt::format("there is no {}: its chunk has no results", file.native()));
}

}  // namespace

struct StoredRun::State {
    struct Chunk {
        std::size_t ichunk;
        std::size_t next_itask;
        RecordReader reader;
        Loader loader;

        Chunk(const std::string& path, const FileHeader& expected)
            : ichunk(expected.ichunk),
              next_itask(expected.first_itask),
              reader(path, expected),
              loader(reader) {}
    };

    State(const std::filesystem::path& path, Seconds given_patience)
        : work_dir(work_dir_at(path)), patience(given_patience) {
        auto found = read_own_manifest(work_dir);
        if (!found) throw BadInput(fmt::format("there is no map in {}", work_dir.path().native()));
        manifest = std::move(*found);
    }

    void open(std::size_t ichunk) {
        const TaskSpan tasks = manifest.tasks_of(ichunk);
        const fs::path file = work_dir.results(ichunk);
        wait_for(file, patience);
        chunk.emplace(file.native(), FileHeader{FileKind::results, session_hash(manifest.session_id), ichunk,
                                                tasks.first, tasks.size});
    }

    WorkDir work_dir;
    Seconds patience;
    Manifest manifest;
    std::optional<Chunk> chunk;
};

StoredRun::StoredRun(const std::filesystem::path& work_dir, Seconds patience) try
    : state_(std::make_unique<State>(work_dir, patience)) {
} catch (...) {
    rethrow_as_error();
}

StoredRun::~StoredRun() = default;

std::size_t StoredRun::num_tasks() const noexcept {
    return state_->manifest.num_tasks;
}

Loader& StoredRun::find(std::size_t itask) try {
    if (itask >= num_tasks())
        throw BadInput(fmt::format("there is no task {} in {}, which has {} tasks", itask,
                                   state_->work_dir.path().native(), num_tasks()));
    const std::size_t ichunk = state_->manifest.ichunk_of(itask);
    auto& chunk = state_->chunk;
    if (!chunk || chunk->ichunk != ichunk || chunk->next_itask > itask) state_->open(ichunk);
    RecordReader& reader = chunk->reader;
    chunk->next_itask += pass_outcomes(reader, itask - chunk->next_itask);
    if (chunk->next_itask < itask) reader.fail("there are fewer results than tasks");
    ++chunk->next_itask;
    if (!reader.next() || reader.kind() != RecordKind::value)
        reader.fail(fmt::format("task {} has no value", itask));
    return chunk->loader;
} catch (...) {
    rethrow_as_error();
}

void StoredRun::fail(const char* why) const {
    state_->chunk->reader.fail(fmt::format("a result can not be read: {}", why));
}

}  // namespace qmr::detail
