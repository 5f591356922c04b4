// Nobody else can read what a map writes, or make it read what is not its own.

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "full_chain/chain.hpp"
#include "ports/command_queue.hpp"
#include "ports/local_queue.hpp"

using namespace qmr;
using namespace qmr::test;
using Catch::Contains;
namespace stdfs = std::filesystem;

namespace {

class Umask {
  public:
    explicit Umask(mode_t mask) : before_(::umask(mask)) {}
    ~Umask() { ::umask(before_); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

  private:
    mode_t before_;
};

// Makes a symbolic link to a file in the work_dir, the first time that it is called there.
std::int64_t plant(std::int64_t x, const std::string& work_dir, const std::string& name) {
    const stdfs::path mark = work_dir + ".planted";
    if (!stdfs::exists(mark)) {
        stdfs::create_directory(mark);
        stdfs::create_symlink("manifest.json", stdfs::path(work_dir) / name);
    }
    return x * x;
}

std::string log_after_planting(const PoolOptions& options, const char* name) {
    const std::vector<std::string> work_dirs{options.work_dir.native()};
    const std::vector<std::string> names{name};
    CHECK(Pool(options).map(plant, numbers(1), work_dirs, names) == squares(1));
    return text_of(options.work_dir / "log.jsonl");
}

}  // namespace

TEST_CASE("nothing in the work_dir can be read by others, whatever the umask is") {
    TemporaryDirectory directory;
    const auto options = local_options(directory.path().native());
    {
        const Umask umask(GENERATE(0U, 077U));
        CHECK(Pool(options).map(square, numbers(3)) == squares(3));
    }
    CHECK(stdfs::status(options.work_dir).permissions() == stdfs::perms::owner_all);
    for (const auto& entry : stdfs::recursive_directory_iterator(options.work_dir))
        if (!entry.is_symlink())  // a claim; of a link itself, permissions mean nothing
            CHECK((entry.status().permissions() & static_cast<stdfs::perms>(077)) == stdfs::perms::none);
}

TEST_CASE("a work_dir that others can write to is closed to them") {
    TemporaryDirectory directory;
    const auto options = local_options(directory.path().native());
    stdfs::create_directory(options.work_dir);
    stdfs::permissions(options.work_dir, stdfs::perms::all);
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
    CHECK(stdfs::status(options.work_dir).permissions() == stdfs::perms::owner_all);
}

TEST_CASE("a work_dir below a symbolic link is fine") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    stdfs::create_directory(directory.path().native() + "/real");
    stdfs::create_symlink("real", directory.path().native() + "/link");
    options.work_dir = directory.path().native() + "/link/work_dir/";
    CHECK(Pool(options).map(square, numbers(3)) == squares(3));
}

TEST_CASE("a work_dir that is a symbolic link is refused, however it is written") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    stdfs::create_directory(directory.path().native() + "/real");
    stdfs::create_symlink("real", options.work_dir);
    options.work_dir += GENERATE("", "/", "/.", "//./");
    CHECK_THROWS_WITH(Pool(options).map(square, numbers(3)),
                      Contains("work_dir is a symbolic link, not a directory; nothing was submitted"));
    CHECK(stdfs::is_empty(directory.path().native() + "/real"));
}

TEST_CASE("a work_dir of somebody else is refused") {
    TemporaryDirectory directory;
    const auto options = local_options(directory.path().native());
    stdfs::create_directory(options.work_dir);
    if (::chown(options.work_dir.c_str(), 65534, 65534) != 0) {
        WARN("only root can give a directory away, so this is not tested here");
        return;
    }
    CHECK_THROWS_WITH(Pool(options).map(square, numbers(3)), Contains("belongs to somebody else"));
    CHECK(stdfs::is_empty(options.work_dir));
}

TEST_CASE("a symbolic link in the place of results is not read, and the chunk is tried again") {
    TemporaryDirectory directory;
    const auto options = local_options(directory.path().native());
    const std::string log = log_after_planting(options, "000000000.out");
    CHECK_THAT(log, Contains("000000000.out: it is a symbolic link"));
}

TEST_CASE("a symbolic link in the place of an exit record is not read") {
    TemporaryDirectory directory;
    auto options = local_options(directory.path().native());
    options.jobs = Jobs::pull;  // else the work_dir is not listed when all is well
    const std::string log = log_after_planting(options, "000000000.0-1-00c0ffee.exit");
    CHECK_THAT(log, Contains("000000000.0-1-00c0ffee.exit: it is a symbolic link"));
}

TEST_CASE("a symbolic link in the place of the launcher is not started") {
    TemporaryDirectory directory;
    const detail::WorkDir work_dir(directory.path());
    stdfs::create_symlink("/bin/true", work_dir.launcher().native());
    const detail::QueueSubmission submission{0, "qtest.0", 1, true, {}, {}};
    const auto names_it = Contains("worker_launcher.sh is a symbolic link, not a file");
    SECTION("by the local cores") {
        CHECK_THROWS_WITH(detail::LocalQueue(work_dir, 1, {}).submit(submission), names_it);
    }
    SECTION("by a batch system") {
        detail::CommandQueueOptions options;
        options.batch_system = detail::find_batch_system("sge");
        options.programs.submit = "/bin/false";
        const auto no_log = [](const std::vector<std::string>&, const detail::CommandResult&) {};
        CHECK_THROWS_WITH(detail::CommandQueue(work_dir, options, no_log).submit(submission), names_it);
    }
}
