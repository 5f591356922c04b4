#include "pool/found_maps.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <tuple>
#include <utility>

#include "adapters/executable.hpp"
#include "pool/map_view.hpp"
#include "qmr/error.hpp"
#include "vocabulary/job_name.hpp"

namespace qmr::detail {

namespace {

bool may_be(const Manifest& found, const MapSketch& map) {
    if (found.function_build_id != map.function_build_id || found.function_offset != map.function_offset)
        return false;
    const bool is_number_known = found.chunk_size == 0;
    return is_number_known == map.num_tasks.has_value() &&
           (!map.num_tasks || *map.num_tasks == found.num_tasks);
}

// The others are no business of this program.
std::optional<FoundMap> find_map(const fs::path& path) {
    try {
        auto manifest = read_own_manifest(WorkDir(path));
        if (manifest && manifest->build_id == own_build_id()) return FoundMap{path, std::move(*manifest)};
    } catch (const Error&) {  // nor is one that can not be read
    }
    return std::nullopt;
}

// Of a place that can not be read, none.
std::vector<fs::path> entries_of(const fs::path& place) {
    boost::system::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(entry->path());
    return entries;
}

bool is_work_dir_by_name(const fs::path& path) {
    boost::system::error_code ignored;
    return path.filename().native().starts_with(work_dir_begin) &&
           fs::symlink_status(path, ignored).type() == fs::directory_file;
}

auto order_of(const FoundMap& map) {
    // Those without a position come last, as they were begun.
    return std::tuple(!map.manifest.position, map.manifest.position.value_or(0), map.manifest.session_id);
}

}  // namespace

MapIdentity identity_of(const Manifest& map) {
    return {map.function_build_id, map.function_offset, map.function_hash, map.num_tasks,
            map.num_chunks,        map.chunk_size,      map.tasks_hash};
}

FoundMaps::FoundMaps(std::vector<FoundMap> maps) : left_(std::move(maps)) {
    std::ranges::sort(left_, {}, order_of);
}

std::optional<FoundMap> FoundMaps::guess(const MapSketch& map) const {
    const auto found =
        std::ranges::find_if(left_, [&map](const FoundMap& other) { return may_be(other.manifest, map); });
    return found == left_.end() ? std::nullopt : std::optional(*found);
}

std::vector<FoundMap> FoundMaps::all_of(const MapIdentity& map, std::size_t turn) const {
    std::vector<FoundMap> all;
    for (const FoundMap& found : left_)
        if (found.manifest.turn == turn && identity_of(found.manifest) == map) all.push_back(found);
    return all;
}

void FoundMaps::take(const fs::path& work_dir) {
    std::erase_if(left_, [&work_dir](const FoundMap& found) { return found.work_dir == work_dir; });
}

bool is_work_root(const fs::path& path) {
    const auto entries = entries_of(path);
    return std::ranges::none_of(
               entries,
               [](const fs::path& entry) { return is_name_in_work_dir(entry.filename().native()); }) &&
           std::ranges::any_of(entries, is_work_dir_by_name);
}

std::vector<FoundMap> find_maps(const fs::path& place) {
    std::vector<FoundMap> maps;
    if (auto map = find_map(place)) return {std::move(*map)};
    for (const fs::path& entry : entries_of(place))
        if (is_work_dir_by_name(entry))
            if (auto map = find_map(entry)) maps.push_back(std::move(*map));
    return maps;
}

std::size_t count_results(const fs::path& work_dir) {
    return static_cast<std::size_t>(std::ranges::count_if(entries_of(work_dir), [](const fs::path& entry) {
        const auto file = read_chunk_file_name(entry.filename().native());
        return file && file->kind == ChunkFile::Kind::results;
    }));
}

}  // namespace qmr::detail
