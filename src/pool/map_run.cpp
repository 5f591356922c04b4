#include "qmr/detail/map_run.hpp"

#include <fmt/format.h>

#include "adapters/executable.hpp"
#include "ground/only_errors.hpp"
#include "pool/chunk_writer.hpp"
#include "pool/map_driver.hpp"
#include "pool/map_setup.hpp"
#include "pool/resume_choice.hpp"
#include "pool/take_over.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

class MapRun::State {
  public:
    State(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks)
        : place_((require_init(), place_of(function))),
          executable_(own_executable()),
          resume_(options, place_, num_tasks),
          map_(std::make_unique<OpenMap>(resume_.options(), num_tasks)),
          writer_(files(), plan(num_tasks), map_->options.chunk_size.value_or(1), write(), twin()) {
        ProgramMaps::of_this_process().tell_at_exit(map_->progress.is_for_a_person());
        if (!map_->there) write_launcher(names(), map_->options, map_->choice, executable_);
    }

    Saver& begin_function() {
        function_buffer_.resize(std::size_t{1} << 14);
        function_file_ = std::make_unique<RecordFile>(names().function(), function_header(files()),
                                                      function_buffer_, write());
        function_file_->writer().begin_record(RecordKind::function);
        return function_file_->saver();
    }

    void end_function() {
        function_file_->writer().end_record();
        function_hash_ = function_file_->finish();
        if (!function_file_->needs_mending()) function_file_.reset();
    }

    // Only now it can be known which map it is.
    void end_of_tasks() {
        writer_.finish();
        own_ = own_manifest();
        own_.turn = ProgramMaps::of_this_process().take_turn(identity_of(own_));
        own_.position = running_.position();
        if (const auto found = resume_.find(own_)) {
            go_on_with(*found);
        } else {
            writer_.fetch_from_twin();
            if (const auto why = resume_.why_new()) map_->progress.say(*why);
        }
    }

    std::vector<TaskFailure> collect(const LoadResult& load, std::optional<InOrder> in_order) {
        MapDriver driver(*map_, size(), std::move(in_order));
        begin(driver);
        driver.run(load);
        return driver.take_failures();
    }

    void keep_work_dir() noexcept { map_->options.keep_work_dir = true; }

    MapPreview preview() {
        MapDriver driver(*map_, size());
        begin(driver);
        return driver.preview();
    }

    void submit() {
        MapDriver driver(*map_, size());
        begin(driver);
        driver.submit();
    }

    [[nodiscard]] const WorkDir& names() const noexcept { return map_->names(); }
    ChunkWriter& writer() noexcept { return writer_; }
    void end_task() {
        writer_.end_task();
        // Not after each, since a look at the clock is dear to a million of them.
        constexpr std::size_t tasks_between_touches = 16;
        if (writer_.num_tasks() % tasks_between_touches == 0) map_->work_dir.lease().touch();
    }

  private:
    [[nodiscard]] MapSize size() const {
        return {writer_.num_tasks(), writer_.num_chunks(),
                [this](std::size_t ichunk) { return writer_.tasks_of(ichunk); }};
    }

    // What was written is of the same map, so what of it can be read there is not needed.
    void go_on_with(const FoundMap& found) {
        auto there = std::make_unique<OpenMap>(resume_.options_to_go_on(found), writer_.num_tasks());
        if (!there->there) throw Error(fmt::format("map: the map in {} is gone", found.work_dir.native()));
        require_same_map(*there->there, own_, there->names());
        const MapFiles files_there{there->names(), session_hash(there->session_id)};
        writer_.mend(files_there);
        const FileHeader header = function_header(files_there);
        if (!has_records(there->names().function(), header, function_hash_))
            copy_records(names().function(), function_header(files()), there->names().function(), header,
                         function_buffer_);
        map_ = std::move(there);
    }

    // All files of the map are there from here on.
    void begin(const MapDriver& driver) {
        driver.set_limits(own_);
        own_.session_id = map_->session_id;
        own_.is_directory_made = map_->work_dir.is_made();
        own_.work_root = map_->options.work_root.native();
        if (map_->there) {
            require_same_map(*map_->there, own_, names());
            writer_.mend();
            if (function_file_) function_file_->mend();
            own_.turn = map_->there->turn;
            own_.position = map_->there->position;
            own_.work_root = map_->there->work_root;
        }
        map_->work_dir.lease().touch();
        write_manifest(names(), own_);
    }

    [[nodiscard]] Write write() const { return map_->there ? Write::again : Write::first; }

    [[nodiscard]] MapFiles files() const { return {names(), session_hash(map_->session_id)}; }

    [[nodiscard]] std::optional<MapFiles> twin() const {
        if (!resume_.guess()) return std::nullopt;
        return MapFiles{WorkDir(resume_.guess()->work_dir),
                        session_hash(resume_.guess()->manifest.session_id)};
    }

    [[nodiscard]] static FileHeader function_header(const MapFiles& map) {
        return {FileKind::function, map.session, 0, 0, 0};
    }

    [[nodiscard]] Manifest own_manifest_of_function() const {
        Manifest manifest;
        manifest.session_id = map_->session_id;
        manifest.executable = executable_;
        manifest.build_id = own_build_id();
        manifest.function_build_id = place_.build_id;
        manifest.function_offset = place_.offset;
        return manifest;
    }

    [[nodiscard]] Manifest own_manifest() const {
        Manifest manifest = own_manifest_of_function();
        manifest.function_hash = function_hash_;
        manifest.num_tasks = writer_.num_tasks();
        manifest.num_chunks = writer_.num_chunks();
        manifest.chunk_size = writer_.chunking() ? 0 : *map_->options.chunk_size;
        manifest.tasks_hash = writer_.hash();
        return manifest;
    }

    [[nodiscard]] std::optional<Chunking> plan(std::optional<std::size_t> num_tasks) const {
        const auto& there = map_->there;
        if (there) require_same_function(*there, own_manifest_of_function(), names());
        if (there && there->chunk_size > 0) return std::nullopt;
        if (there) {
            if (num_tasks) require_same_number(*there, *num_tasks, names());
            return Chunking(there->num_tasks, there->num_chunks);
        }
        if (!num_tasks) return std::nullopt;
        return Chunking(*num_tasks, plan_num_chunks(map_->options, *num_tasks, map_->num_cores_if_local()));
    }

    CodeLocation place_;
    std::string executable_;
    ProgramMaps::Running running_;
    ResumeChoice resume_;
    std::unique_ptr<OpenMap> map_;
    ChunkWriter writer_;
    Manifest own_;
    std::vector<std::byte> function_buffer_;
    std::uint64_t function_hash_ = 0;
    std::unique_ptr<RecordFile> function_file_;
};

MapRun::MapRun(const PoolOptions& options, ChunkFunction function, std::optional<std::size_t> num_tasks) try
    : state_(std::make_unique<State>(options, function, num_tasks)) {
} catch (...) {
    rethrow_as_error();
}

void MapRun::check_without_tasks(const PoolOptions& options, ChunkFunction function,
                                 std::optional<std::size_t> num_tasks) {
    require_init();
    check_map_without_tasks(ResumeChoice(options, place_of(function), num_tasks).options(), num_tasks);
}

MapRun::~MapRun() = default;
Saver& MapRun::begin_function() try { return state_->begin_function(); } catch (...) {
    rethrow_as_error();
}
void MapRun::end_function() try { state_->end_function(); } catch (...) {
    rethrow_as_error();
}
Saver& MapRun::begin_task() try { return state_->writer().begin_task(); } catch (...) {
    rethrow_as_error();
}
void MapRun::end_task() try { state_->end_task(); } catch (...) {
    rethrow_as_error();
}
void MapRun::end_of_tasks() try { state_->end_of_tasks(); } catch (...) {
    rethrow_as_error();
}
std::size_t MapRun::num_tasks() const {
    return state_->writer().num_tasks();
}

std::vector<TaskFailure> MapRun::collect(const std::function<void(std::size_t, Loader&)>& load) try {
    return state_->collect(load, std::nullopt);
} catch (...) {
    rethrow_as_error();
}

std::vector<TaskFailure> MapRun::leave_values() try {
    state_->keep_work_dir();
    return state_->collect(nullptr, std::nullopt);
} catch (...) {
    rethrow_as_error();
}

void MapRun::deliver(InOrder take) try {
    static_cast<void>(state_->collect([](std::size_t, Loader&) {}, std::move(take)));
} catch (...) {
    rethrow_as_error();
}

MapPreview MapRun::preview() try { return state_->preview(); } catch (...) {
    rethrow_as_error();
}

void MapRun::submit() try { state_->submit(); } catch (...) {
    rethrow_as_error();
}

std::filesystem::path MapRun::work_dir() const {
    return state_->names().path().native();
}

}  // namespace qmr::detail
