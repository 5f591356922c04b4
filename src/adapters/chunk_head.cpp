#include "adapters/chunk_head.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "adapters/json_lines.hpp"
#include "qmr/error.hpp"
#include "vocabulary/atomic_file.hpp"

namespace qmr::detail {

void ChunkHead::write(const WorkDir& work_dir, std::size_t ichunk) const {
    Json object{{"part", part}, {"num_records", num_records}};
    if (failed) object["failed"] = failed->to_object();
    if (alone != Alone()) object["alone"] = {alone.first, alone.end};
    write_file(work_dir.head(ichunk), to_json_line(object) + "\n");
}

std::optional<ChunkHead> ChunkHead::read(const WorkDir& work_dir, std::size_t ichunk) {
    const fs::path path = work_dir.head(ichunk);
    // Hardly any chunk has one, and this is cheaper than an exception.
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::nullopt;
    try {
        const Json object = Json::parse(read_file(path));
        ChunkHead head;
        object.at("part").get_to(head.part);
        head.num_records = number_at(object, "num_records");
        if (object.contains("failed")) head.failed = FailureRecord::from_object(object.at("failed"));
        if (object.contains("alone")) {
            const Json& pair = object.at("alone");
            head.alone = {pair.at(0).get<std::size_t>(), pair.at(1).get<std::size_t>()};
        }
        if (head.part.find('/') != std::string::npos)
            throw Error(fmt::format("{} names a part outside the work_dir: {}", path.native(), head.part));
        return head;
    } catch (const nlohmann::json::exception& bad) {
        throw Error(fmt::format("{} is not the head of a chunk: {}", path.native(), bad.what()));
    }
}

}  // namespace qmr::detail
