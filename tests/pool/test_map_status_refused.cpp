// Which directories are not looked at.

#include <catch2/catch.hpp>
#include <qmr/map_status.hpp>

#include "full_chain/resumed.hpp"

using namespace qmr;
using namespace qmr::test;

TEST_CASE("status: what is no work_dir of this user, or of a newer format, is refused in one line") {
    const TemporaryDirectory directory;
    const std::filesystem::path path = directory.path().native();
    const auto refusal = [](const std::filesystem::path& work_dir) {
        try {
            static_cast<void>(read_map_status(work_dir));
        } catch (const BadInput& bad) {
            const std::string what = bad.what();
            CHECK(what.find('\n') == std::string::npos);
            return what;
        }
        return std::string("not refused");
    };
    CHECK_THAT(refusal(path), Catch::Contains("there is neither a manifest.json nor a lease in it"));
    CHECK_THAT(refusal(path / "nowhere"), Catch::Contains("No such file or directory"));
    const Resumed map(all_sites[3], 0);
    REQUIRE(map.is_right());
    const auto work_dir = map.chain().work_dir();
    std::filesystem::create_symlink(work_dir, path / "link");
    CHECK_THAT(refusal(path / "link"), Catch::Contains("is a symbolic link"));
    CHECK_THAT(refusal(path / "link" / ""), Catch::Contains("is a symbolic link"));
    CHECK_THAT(refusal(work_dir / "manifest.json"), Catch::Contains("is not a directory"));
    std::filesystem::permissions(work_dir, std::filesystem::perms::all);
    CHECK_THAT(refusal(work_dir), Catch::Contains("can be written to by others"));
    std::filesystem::permissions(work_dir, std::filesystem::perms::owner_all);
    std::string manifest = text_of(work_dir / "manifest.json");
    manifest.replace(manifest.find("\"format\": 1"), 11, "\"format\": 2");
    std::ofstream(work_dir / "manifest.json") << manifest;
    CHECK_THAT(refusal(work_dir), Catch::Contains("has format 2, this program knows format 1"));
    std::ofstream(work_dir / "manifest.json") << "{}";
    CHECK_THAT(refusal(work_dir), Catch::Contains("is not a manifest of qmr"));
}
