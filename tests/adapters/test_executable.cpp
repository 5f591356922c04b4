#include <unistd.h>

#include <boost/filesystem/operations.hpp>
#include <catch2/catch.hpp>
#include <iostream>
#include <memory>

#include "adapters/executable.hpp"
#include "adapters/subprocess.hpp"
#include "temporary_directory.hpp"
#include "wait_until.hpp"

using namespace qmr::detail;
using qmr::test::TemporaryDirectory;

namespace {

int triple(int number) {
    return 3 * number;
}
const int datum = 42;

template <class T>
const void* address(T* function) {
    return reinterpret_cast<const void*>(function);
}

}  // namespace

TEST_CASE("the place of a function leads back to the function") {
    const auto location = locate(address(&triple));
    REQUIRE(location);
    CHECK(location->build_id == own_build_id());
    CHECK(location->file.empty());
    const auto found =
        reinterpret_cast<int (*)(int)>(reinterpret_cast<std::uintptr_t>(address_of(*location)));
    REQUIRE(found == &triple);
    CHECK(found(14) == 42);
}

TEST_CASE("the place of a datum leads back to the datum") {
    const auto location = locate(&datum);
    REQUIRE(location);
    CHECK(address_of(*location) == &datum);
}

TEST_CASE("the place of a function in a library names the library") {
    const auto location = locate(address(&::getppid));
    REQUIRE(location);
    CHECK_THAT(location->file, Catch::Contains("libc"));
    CHECK(location->build_id != own_build_id());
    if (!location->build_id.empty()) CHECK(address_of(*location) == address(&::getppid));
}

TEST_CASE("what lies on the stack, on the heap or nowhere is in no module") {
    const int on_stack = 0;
    const auto on_heap = std::make_unique<int>();
    CHECK_FALSE(locate(&on_stack));
    CHECK_FALSE(locate(on_heap.get()));
    CHECK_FALSE(locate(nullptr));
}

TEST_CASE("a place in another executable, or beyond this one, leads nowhere") {
    auto location = *locate(address(&triple));
    location.build_id.front() = location.build_id.front() == '0' ? '1' : '0';
    CHECK(address_of(location) == nullptr);
    CHECK(address_of({own_build_id(), std::uint64_t{1} << 60, {}}) == nullptr);
    CHECK(address_of({own_build_id(), ~std::uint64_t{0}, {}}) == nullptr);
}

TEST_CASE("the build-id of this executable is the one that readelf tells") {
    CHECK(own_build_id().size() >= 16);
    CHECK(own_build_id().find_first_not_of("0123456789abcdef") == std::string::npos);
    const auto readelf = find_program("readelf");
    if (!readelf) {
        WARN("there is no readelf here");
        return;
    }
    const CommandResult notes = run_command({*readelf, "-n", own_executable()}, qmr::test::patience);
    CHECK_THAT(notes.out, Catch::Contains("Build ID: " + own_build_id() + "\n"));
}

TEST_CASE("the path of this executable is absolute and leads to it") {
    CHECK(own_executable().front() == '/');
    CHECK(boost::filesystem::equivalent(own_executable(), "/proc/self/exe"));
}

TEST_CASE("print the path of this executable", "[.]") {
    std::cout << "it is " << own_executable() << '\n';
}

TEST_CASE("the executable is named by the path that it was started by") {
    const TemporaryDirectory directory;
    const fs::path own = fs::canonical("/proc/self/exe");
    fs::create_directory_symlink(own.parent_path(), directory / "link");
    const std::string path = (directory / "link" / own.filename()).native();
    CHECK_THAT(run_command({path, "print the path of this executable"}, qmr::test::patience).out,
               Catch::Contains("it is " + path + "\n"));
    CHECK(is_own_executable(path));
    CHECK_FALSE(is_own_executable("/bin/sh"));
}
