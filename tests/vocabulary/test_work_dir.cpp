#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <string>

#include "vocabulary/work_dir.hpp"

using namespace qmr::detail;
using Kind = ChunkFile::Kind;

namespace {

const WorkDir work_dir("/w d");
const Attempt attempt{{3, 5}, "0a1b2c3d"};

std::optional<ChunkFile> read_back(const fs::path& path) {
    return read_chunk_file_name(path.filename().native());
}

}  // namespace

TEST_CASE("the names in a work_dir are those of its document") {
    CHECK(work_dir.path() == "/w d");
    CHECK(work_dir.manifest() == "/w d/manifest.json");
    CHECK(work_dir.launcher() == "/w d/worker_launcher.sh");
    CHECK(work_dir.function() == "/w d/function.bin");
    CHECK(work_dir.journal() == "/w d/journal.jsonl");
    CHECK(work_dir.log() == "/w d/log.jsonl");
    CHECK(work_dir.queue_jobs() == "/w d/queue_jobs");
    CHECK(work_dir.jobs(7) == "/w d/000007.jobs");
    CHECK(work_dir.claim(42) == "/w d/claims/000000042");
    CHECK(work_dir.chunk(42) == "/w d/000000042.chunk");
    CHECK(work_dir.results(42) == "/w d/000000042.out");
    CHECK(work_dir.stdout_of(42) == "/w d/000000042.o");
    CHECK(work_dir.stderr_of(42) == "/w d/000000042.e");
    CHECK(work_dir.head(42) == "/w d/000000042.head");
    CHECK(work_dir.part(42, attempt) == "/w d/000000042.3-5-0a1b2c3d.part");
    CHECK(work_dir.stdout_of(42, attempt) == "/w d/000000042.3-5-0a1b2c3d.o");
    CHECK(work_dir.stderr_of(42, attempt) == "/w d/000000042.3-5-0a1b2c3d.e");
    CHECK(work_dir.exit_record(42, attempt) == "/w d/000000042.3-5-0a1b2c3d.exit");
    CHECK(work_dir.rejected(42, 3) == "/w d/000000042.3.rejected");
}

TEST_CASE("no two names in a work_dir are the same") {
    std::set<fs::path> names{work_dir.manifest(), work_dir.launcher(), work_dir.function(),
                             work_dir.journal(),  work_dir.log(),      work_dir.queue_jobs(),
                             work_dir.claims()};
    for (const std::size_t i : {0U, 1U, 10U, 999'999'999U}) {
        names.merge(std::set{work_dir.jobs(i), work_dir.claim(i), work_dir.chunk(i), work_dir.results(i),
                             work_dir.stdout_of(i), work_dir.stderr_of(i), work_dir.head(i),
                             work_dir.rejected(i, 0), work_dir.rejected(i, 1)});
        for (const Attempt& other :
             {Attempt{{0, 1}, "0"}, Attempt{{1, 1}, "0"}, Attempt{{1, 2}, "0"}, Attempt{{1, 1}, "00"}})
            names.merge(std::set{work_dir.part(i, other), work_dir.stdout_of(i, other),
                                 work_dir.stderr_of(i, other), work_dir.exit_record(i, other)});
    }
    CHECK(names.size() == 7 + 4 * (9 + 4 * 4));
}

TEST_CASE("the committed files of a chunk are recognised by name") {
    const auto ichunk = GENERATE(std::size_t{0}, std::size_t{42}, std::size_t{999'999'999},
                                 std::size_t{1'000'000'000}, std::numeric_limits<std::size_t>::max());
    CAPTURE(ichunk);
    for (const auto& [path, kind] : {std::pair{work_dir.results(ichunk), Kind::results},
                                     std::pair{work_dir.stdout_of(ichunk), Kind::stdout_file},
                                     std::pair{work_dir.stderr_of(ichunk), Kind::stderr_file}}) {
        const auto file = read_back(path);
        REQUIRE(file);
        CHECK(file->kind == kind);
        CHECK(file->ichunk == ichunk);
        CHECK_FALSE(file->attempt);
    }
}

TEST_CASE("the files of an attempt are recognised by name") {
    const Attempt one = GENERATE(Attempt{{0, 1}, "00000000"}, Attempt{{3, 75'000}, "0a1b2c3d"},
                                 Attempt{{1'000'000, 1}, "ffffffff"});
    for (const auto& [path, kind] : {std::pair{work_dir.exit_record(42, one), Kind::exit_record},
                                     std::pair{work_dir.part(42, one), Kind::part},
                                     std::pair{work_dir.stdout_of(42, one), Kind::stdout_file},
                                     std::pair{work_dir.stderr_of(42, one), Kind::stderr_file}}) {
        const auto file = read_back(path);
        CAPTURE(path);
        REQUIRE(file);
        CHECK(file->kind == kind);
        CHECK(file->ichunk == 42);
        REQUIRE(file->attempt);
        CHECK(*file->attempt == one);
    }
}

TEST_CASE("claims are recognised by name") {
    const auto ichunk = GENERATE(std::size_t{0}, std::size_t{42}, std::size_t{999'999'999},
                                 std::size_t{1'000'000'000}, std::numeric_limits<std::size_t>::max());
    CHECK(read_claim_name(work_dir.claim(ichunk).filename().native()) == ichunk);
    const auto other = GENERATE("", "42", "0000000042", "000000042.tmp", "000000042 ", "-00000042", "x",
                                ".nfs000000042", "99999999999999999999999");
    CHECK_FALSE(read_claim_name(other));
}

TEST_CASE("files that hold no outcome are of no interest") {
    CHECK_FALSE(read_back(work_dir.manifest()));
    CHECK_FALSE(read_back(work_dir.launcher()));
    CHECK_FALSE(read_back(work_dir.function()));
    CHECK_FALSE(read_back(work_dir.journal()));
    CHECK_FALSE(read_back(work_dir.log()));
    CHECK_FALSE(read_back(work_dir.queue_jobs()));
    CHECK_FALSE(read_back(work_dir.claims()));
    CHECK_FALSE(read_back(work_dir.claim(42)));
    CHECK_FALSE(read_back(work_dir.jobs(7)));
    CHECK_FALSE(read_back(work_dir.chunk(42)));
    CHECK(read_back(work_dir.head(42))->kind == ChunkFile::Kind::head);
    CHECK_FALSE(read_back(work_dir.rejected(42, 3)));
}

TEST_CASE("names that only look like those of a chunk are of no interest") {
    const auto name = GENERATE(
        "", ".", "..", ".out", "x.out", "000000042", "000000042.", "000000042.OUT", "000000042.out.tmp",
        "000000042.out~", "000000042.exit", "000000042out", " 000000042.out", "-00000042.out",
        "+00000042.out", "000000042.3-5-0a1b.out", "000000042.3-5-0a1b", "000000042.3.o",
        "000000042.-5-0a1b.o", "000000042.x-5-0a1b.o", "000000042.3-5-0a1b.o.tmp", "000000042.3-0a1b.o",
        "000000042.3--0a1b.o", "000000042.3-x-0a1b.o", "000000042.3-5_0a1b.o", ".nfs000000042.out",
        "99999999999999999999999.out", "42.out", "00000042.out", "0000000042.out", "000000042.03-5-0a1b.o",
        "000000042.3-00-0a1b.o", "42.3-5-0a1b.o", "000000042.3-5-0a1b.exit.17.tmp");
    CAPTURE(name);
    CHECK_FALSE(read_chunk_file_name(name));
}

TEST_CASE("a map knows the names that it makes from those of others") {
    for (const fs::path& path : {work_dir.manifest(),
                                 work_dir.launcher(),
                                 work_dir.script(),
                                 work_dir.function(),
                                 work_dir.journal(),
                                 work_dir.log(),
                                 work_dir.queue_jobs(),
                                 work_dir.claims(),
                                 work_dir.lease(1),
                                 work_dir.jobs(7),
                                 work_dir.chunk(42),
                                 work_dir.results(42),
                                 work_dir.stdout_of(42),
                                 work_dir.stderr_of(42),
                                 work_dir.head(42),
                                 work_dir.kept(42),
                                 work_dir.cancel(),
                                 work_dir.outputs(),
                                 work_dir.part(42, attempt),
                                 work_dir.stdout_of(42, attempt),
                                 work_dir.stderr_of(42, attempt),
                                 work_dir.exit_record(42, attempt),
                                 work_dir.rejected(42, 3)}) {
        CAPTURE(path.native());
        CHECK(is_name_in_work_dir(path.filename().native()));
        CHECK(is_name_in_work_dir(path.filename().native() + ".0123456789abcdef.tmp"));
    }
    CHECK(is_name_in_work_dir(".nfs000000000001"));
    for (const char* name : {"notes.txt", "2024_results.csv", "7.out.txt", "lease.pdf", "lease.", "out",
                             ".tmp", "manifest.json.old", "1"})
        CHECK_FALSE(is_name_in_work_dir(name));
}
