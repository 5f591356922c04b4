#include "adapters/kept_values.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace qmr::detail {

void copy_record(RecordReader& from, RecordWriter& to) {
    std::array<char, 65536> piece;
    to.begin_record(from.kind());
    while (const auto size =
               static_cast<std::size_t>(std::min<std::uint64_t>(from.payload_left(), piece.size()))) {
        from.get(piece.data(), size);
        to.put(piece.data(), size);
    }
    to.end_record();
}

std::unique_ptr<KeptValues> KeptValues::find(const WorkDir& work_dir, const FileHeader& header) {
    const fs::path path = work_dir.kept(header.ichunk);
    // Hardly any chunk has one.
    if (::access(path.c_str(), F_OK) != 0) return nullptr;
    return std::make_unique<KeptValues>(path, header);
}

}  // namespace qmr::detail
