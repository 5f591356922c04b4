// Chunk files, result files and the file of the function object: as they are, and with checksums that are put
// right, since nobody guesses those.
//   DIGIT: 0 to 2 the bytes as they are; 3 to 5 repaired; of each three: chunk, results, function. 6 and 7:
//   chunk, results, repaired, with a large record in front. Others as 4.

#include <complex>
#include <cstring>
#include <nlohmann/json.hpp>

#include "adapters/outcomes.hpp"
#include "adapters/record_hash.hpp"
#include "fuzz/input_file.hpp"
#include "pool/reduce.hpp"

using namespace qmr::detail;
using namespace qmr::fuzz;

namespace {

constexpr std::uint64_t session = 0x1122334455667788;
constexpr std::size_t num_tasks = 3;

template <class T>
void store(std::string& file, std::size_t at, const T& value) {
    std::memcpy(file.data() + at, &value, sizeof value);
}

template <class T>
T load_from(const std::string& file, std::size_t at) {
    T value;
    std::memcpy(&value, file.data() + at, sizeof value);
    return value;
}

void repair_header(std::string& file, FileKind kind) {
    if (file.size() < header_size) file.resize(header_size);
    std::memcpy(file.data(), "QMRF?\r\n\x1a", 8);
    file[4] = static_cast<char>(kind);
    store(file, 8, format_version);
    store(file, 12, static_cast<std::uint32_t>(header_size));
    store(file, 16, session);
    store(file, 24, std::uint64_t{0});
    store(file, header_size - 8, XXH3_64bits(file.data(), header_size - 8));
}

// The checksums of all records that are there as a whole, and the totals in end records. `at`: of the first
// one that is not right yet; those before it have this chain.
void repair_records(std::string& file, std::size_t at, std::uint64_t index, std::uint64_t chain) {
    for (; at + short_frame_size <= file.size(); ++index) {
        std::size_t payload = at + short_frame_size;
        std::uint64_t size = load_from<unsigned char>(file, at + 5);
        if (size == long_size_mark) {
            payload = at + long_frame_size;
            if (payload > file.size()) return;
            size = load_from<std::uint64_t>(file, at + 6);
        }
        if (size > file.size() - payload) return;
        const RecordKind kind{file[at]};
        if (kind == RecordKind::end && size == 16) {
            store(file, payload, index);
            store(file, payload + 8, chain);
        }
        const auto checksum = record_checksum(file.data() + payload, size, index, kind);
        store(file, at + 1, checksum);
        chain = chained(chain, checksum);
        at = payload + static_cast<std::size_t>(size);
    }
}

// Larger than the buffer of a reader, and right as the first one.
std::string large_record() {
    std::string record(long_frame_size, 'v');
    const std::string payload = '"' + std::string(270'000, 'x') + '"';
    store(record, 1, record_checksum(payload.data(), payload.size(), 0, RecordKind::value));
    store(record, 5, long_size_mark);
    store(record, 6, std::uint64_t{payload.size()});
    return record + payload;
}

void repair(std::string& file, FileKind kind, bool has_large_record) {
    repair_header(file, kind);
    if (!has_large_record) return repair_records(file, header_size, 0, 0);
    static const std::string record = large_record();
    file.insert(header_size, record);
    repair_records(file, header_size + record.size(), 1, chained(0, load_from<std::uint32_t>(record, 1)));
}

// Some types that a result may have.
void load_result(std::size_t itask, Loader& loader) {
    if (itask == 0) {
        static_cast<void>(nlohmann::json::parse(loader.reader().text()));
    } else if (itask == 1) {
        std::int64_t number = 0;
        double other = 0;
        loader.load(number, other);
    } else {
        std::pair<std::int64_t, std::complex<double>> value;
        loader.load(value);
    }
}

// To the end, in ways that depend on the records.
void read_all(const std::string& path, FileKind kind) {
    RecordReader reader(path, {kind, session, 0, 0, 0});
    for (std::size_t i = 0; reader.next(); ++i) {
        if (i % 3 == 1) static_cast<void>(reader.text());
        if (i % 3 == 2)
            for (auto c = reader.stream().sbumpc(); c != EOF && reader.payload_left() % 7 != 0;)
                c = reader.stream().sbumpc();
    }
}

// Whoever looks at it alone sees what there is, whatever else is wrong.
void look_at(const std::string& path) {
    const FileHeader expected{FileKind::results, session, 0, 0, num_tasks};
    const Outcomes seen = read_outcomes(path, expected);
    require(seen.num_outcomes <= num_tasks, "no more outcomes than tasks");
    require(seen.failures.size() <= seen.num_outcomes, "no more failures than outcomes");
    std::size_t num_values = 0;
    for (std::uint64_t place = 0; place < num_tasks; ++place) {
        num_values += read_value(path, expected, place) ? 1U : 0U;
        static_cast<void>(read_task(path, expected, place));
    }
    require(num_values + seen.failures.size() <= num_tasks, "a task has one outcome");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const unsigned digit = input.digit();
    const unsigned choice = digit > 7 ? 4 : digit;
    const auto kind = std::array{FileKind::chunk, FileKind::results, FileKind::function}[choice % 3];
    std::string file = input.rest();
    if (choice >= 3) repair(file, kind, choice >= 6);
    const fs::path path = kind == FileKind::results ? work_dir().results(0) : work_dir().chunk(0);
    fill_file(path, file);
    look_at(path.native());
    read_or_name(path, [&] {
        try {
            if (kind == FileKind::results)
                static_cast<void>(read_results(work_dir(), session, 0, {0, num_tasks}, load_result));
            else
                read_all(path.native(), kind);
        } catch (const CorruptFile& bad) {
            require(std::strstr(bad.what(), "byte ") != nullptr, "a corrupt file has a place", bad.what());
            throw;
        }
    });
    return 0;
}
