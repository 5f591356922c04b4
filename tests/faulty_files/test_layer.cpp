// The layer itself: each kind of fault does what it says, to programs that everybody has.

#include <catch2/catch.hpp>
#include <fstream>

#include "faulty_files/faulty_run.hpp"

using namespace qmr;
using namespace qmr::test;
using faulty_files::Call;

namespace {

std::string write_text(const FaultyFiles& files, const char* name, const std::string& text) {
    const std::string path = (files.path() / name).native();
    std::ofstream(path) << text;
    return path;
}

}  // namespace

TEST_CASE("faulty files: without faults calls are counted, and do what they did") {
    const FaultyFiles files("");
    const std::string path = write_text(files, "file", "some text");
    CHECK(files.run({"cat", path}).out == "some text");
    CHECK(files.num_calls(Call::open) == 1);
    CHECK(files.num_calls(Call::read) == 2);
    CHECK(files.num_strikes() == 0);
}

TEST_CASE("faulty files: calls elsewhere neither count nor fail") {
    const FaultyFiles files("EIO@read#1+ EIO@open#1+");
    const std::string path = (files.directory() / "file").native();
    std::ofstream(path) << "some text";
    CHECK(files.run({"cat", path}).out == "some text");
    CHECK(files.num_calls(Call::open) == 0);
}

TEST_CASE("faulty files: the n-th call of all processes fails, with the error that was asked for") {
    const FaultyFiles files("ESTALE@open#2");
    const std::string path = write_text(files, "file", "some text");
    CHECK(files.run({"cat", path}).status.exit_code == 0);
    CHECK_THAT(files.run({"cat", path}).err, Catch::Contains("Stale file handle"));
    CHECK(files.run({"cat", path}).status.exit_code == 0);
    CHECK(files.num_strikes() == 1);
}

TEST_CASE("faulty files: several calls fail, or each from one on") {
    const auto [faults, expected] =
        GENERATE(std::pair{"EACCES@mkdir#2x2", "0 1 1 0 0"}, std::pair{"EACCES@mkdir#2+", "0 1 1 1 1"});
    const FaultyFiles files(faults);
    std::string exit_codes;
    for (int i = 0; i < 5; ++i)
        exit_codes += (i == 0 ? "" : " ") +
                      std::to_string(
                          files.run({"mkdir", (files.path() / std::to_string(i)).native()}).status.exit_code);
    CHECK(exit_codes == expected);
}

TEST_CASE("faulty files: half is written, and then an error comes") {
    const FaultyFiles files("torn@write#1");
    const std::string path = (files.path() / "file").native();
    const auto result = files.run({"dd", "if=/dev/zero", "of=" + path, "bs=100", "count=1", "status=none"});
    CHECK_THAT(result.err, Catch::Contains("Input/output error"));
    CHECK(boost::filesystem::file_size(path) == 50);
    CHECK(files.num_strikes() == 2);
}

TEST_CASE("faulty files: a name that another process made is seen late, and by its maker at once") {
    const FaultyFiles files("late=1000");
    const std::string path = (files.path() / "file").native();
    CHECK(files.run({"touch", path}).status.exit_code == 0);
    CHECK_THAT(files.run({"cat", path}).err, Catch::Contains("No such file"));
    CHECK(files.run({"ls", files.path().native()}).out.empty());
    const std::string copy = (files.path() / "copy").native();
    CHECK(files.run({"sh", "-c", "echo text >\"$0\" && read line <\"$0\" && echo \"$line\"", copy}).out ==
          "text\n");
}

TEST_CASE("faulty files: a name may be late in listings only") {
    const FaultyFiles files("late_listing=1000");
    const std::string path = write_text(files, "file", "some text");
    CHECK(files.run({"cat", path}).out == "some text");
    CHECK(files.run({"ls", files.path().native()}).out.empty());
}

TEST_CASE("faulty files: after its time a name is seen") {
    const FaultyFiles files("late=0.000001");
    const std::string path = write_text(files, "file", "some text");
    ::usleep(20'000);
    CHECK(files.run({"cat", path}).out == "some text");
}

TEST_CASE("faulty files: what is removed stays as .nfs file for a moment") {
    const FaultyFiles files("nfs_unlink");
    const std::string path = write_text(files, "file", "some text");
    CHECK(files.run({"rm", path}).status.exit_code == 0);
    CHECK_FALSE(boost::filesystem::exists(path));
    CHECK(boost::filesystem::exists(files.path() / ".nfs0000000000000001"));
    ::usleep(100'000);
    CHECK(files.run({"ls", "-A", files.path().native()}).out.empty());
}

TEST_CASE("faulty files: a fault that nobody can have meant ends the program") {
    const auto* const faults = GENERATE("EIO", "EIO@nosuch#1", "ENOSUCH@open#1", "EIO@open#0", "EIO@open#1y");
    const FaultyFiles files(faults);
    CHECK(files.run({"true"}).status.exit_code == 125);
}
