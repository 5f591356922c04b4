#include "qmr/detail/map_run.hpp"

#include "adapters/executable.hpp"
#include "pool/chunk_writer.hpp"
#include "pool/map_driver.hpp"
#include "pool/map_setup.hpp"
#include "pool/take_over.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

class MapRun::State {
  public:
    State(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks)
        : place_((require_init(), place_of(function))),
          executable_(own_executable()),
          map_(options, num_tasks),
          session_(session_hash(map_.session_id)),
          writer_(names(), session_, plan(num_tasks), map_.options.chunk_size.value_or(1), write()) {
        if (!map_.there) write_launcher(names(), map_.options, map_.choice, executable_);
    }

    Saver& begin_function() {
        function_buffer_.resize(std::size_t{1} << 14);
        function_file_ = std::make_unique<RecordFile>(
            names().function(), FileHeader{FileKind::function, session_, 0, 0, 0}, function_buffer_, write());
        function_file_->writer().begin_record(RecordKind::function);
        return function_file_->saver();
    }

    void end_function() {
        function_file_->writer().end_record();
        function_hash_ = function_file_->finish();
        if (!function_file_->needs_mending()) function_file_.reset();
    }

    std::vector<TaskFailure> collect(const LoadResult& load, std::optional<InOrder> in_order) {
        MapDriver driver(map_, size(), std::move(in_order));
        begin(driver);
        driver.run(load);
        return driver.take_failures();
    }

    void keep_work_dir() noexcept { map_.options.keep_work_dir = true; }

    MapPreview preview() {
        MapDriver driver(map_, size());
        begin(driver);
        return driver.preview();
    }

    void submit() {
        MapDriver driver(map_, size());
        begin(driver);
        driver.submit();
    }

    [[nodiscard]] const WorkDir& names() const noexcept { return map_.names(); }
    ChunkWriter& writer() noexcept { return writer_; }
    void end_task() {
        writer_.end_task();
        // Not after each, since a look at the clock is dear to a million of them.
        constexpr std::size_t tasks_between_touches = 16;
        if (writer_.num_tasks() % tasks_between_touches == 0) map_.work_dir.lease().touch();
    }

  private:
    [[nodiscard]] MapSize size() const {
        return {writer_.num_tasks(), writer_.num_chunks(),
                [this](std::size_t ichunk) { return writer_.tasks_of(ichunk); }};
    }

    // All files of the map are there from here on.
    void begin(const MapDriver& driver) {
        const Manifest own = own_manifest(driver);
        if (map_.there) {
            require_same_map(*map_.there, own, names());
            writer_.mend();
            if (function_file_) function_file_->mend();
        }
        map_.work_dir.lease().touch();
        write_manifest(names(), own);
    }

    [[nodiscard]] Write write() const { return map_.there ? Write::again : Write::first; }

    [[nodiscard]] Manifest own_manifest_of_function() const {
        Manifest manifest;
        manifest.session_id = map_.session_id;
        manifest.executable = executable_;
        manifest.build_id = own_build_id();
        manifest.function_build_id = place_.build_id;
        manifest.function_offset = place_.offset;
        return manifest;
    }

    [[nodiscard]] Manifest own_manifest(const MapDriver& driver) const {
        Manifest manifest = own_manifest_of_function();
        manifest.function_hash = function_hash_;
        manifest.num_tasks = writer_.num_tasks();
        manifest.num_chunks = writer_.num_chunks();
        manifest.chunk_size = writer_.chunking() ? 0 : *map_.options.chunk_size;
        manifest.tasks_hash = writer_.hash();
        driver.set_limits(manifest);
        return manifest;
    }

    [[nodiscard]] std::optional<Chunking> plan(std::optional<std::size_t> num_tasks) const {
        if (map_.there) require_same_function(*map_.there, own_manifest_of_function(), names());
        if (map_.there && map_.there->chunk_size > 0) return std::nullopt;
        if (map_.there) {
            if (num_tasks) require_same_number(*map_.there, *num_tasks, names());
            return Chunking(map_.there->num_tasks, map_.there->num_chunks);
        }
        if (!num_tasks) return std::nullopt;
        return Chunking(*num_tasks, plan_num_chunks(map_.options, *num_tasks, map_.num_cores_if_local()));
    }

    CodeLocation place_;
    std::string executable_;
    OpenMap map_;
    std::uint64_t session_;
    ChunkWriter writer_;
    std::vector<std::byte> function_buffer_;
    std::uint64_t function_hash_ = 0;
    std::unique_ptr<RecordFile> function_file_;
};

MapRun::MapRun(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks)
    : state_(std::make_unique<State>(options, function, num_tasks)) {}

MapRun::~MapRun() = default;
Saver& MapRun::begin_function() {
    return state_->begin_function();
}
void MapRun::end_function() {
    state_->end_function();
}
Saver& MapRun::begin_task() {
    return state_->writer().begin_task();
}
void MapRun::end_task() {
    state_->end_task();
}
void MapRun::end_of_tasks() {
    state_->writer().finish();
}
std::size_t MapRun::num_tasks() const {
    return state_->writer().num_tasks();
}

std::vector<TaskFailure> MapRun::collect(const std::function<void(std::size_t, Loader&)>& load) {
    return state_->collect(load, std::nullopt);
}

std::vector<TaskFailure> MapRun::leave_values() {
    state_->keep_work_dir();
    return state_->collect(nullptr, std::nullopt);
}

void MapRun::deliver(InOrder take) {
    static_cast<void>(state_->collect([](std::size_t, Loader&) {}, std::move(take)));
}

MapPreview MapRun::preview() {
    return state_->preview();
}

void MapRun::submit() {
    state_->submit();
}

std::filesystem::path MapRun::work_dir() const {
    return state_->names().path().native();
}

}  // namespace qmr::detail
