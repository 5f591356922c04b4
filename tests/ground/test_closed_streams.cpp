// What becomes of the descriptors 0, 1 and 2 when the caller has closed them.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <qmr/init.hpp>
#include <vector>

#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"
#include "ground/standard_streams.hpp"

using namespace qmr;
using namespace qmr::test;

namespace {

const std::vector<int> all_streams{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

void close_streams(const std::vector<int>& numbers) {
    for (const int number : numbers) ::close(number);
}

}  // namespace

TEST_CASE("streams that are closed stay so, and no file gets their numbers") {
    InProcess copy([] {
        close_streams(all_streams);
        std::array<char*, 2> argv{};
        init(0, argv.data());
        const bool is_above = ::open("/dev/zero", O_RDWR) > STDERR_FILENO;
        char letter = 'x';
        const bool reads = ::read(STDIN_FILENO, &letter, 1) >= 0 || errno != EBADF;
        const bool writes = ::write(STDOUT_FILENO, &letter, 1) >= 0 || errno != EBADF ||
                            ::write(STDERR_FILENO, &letter, 1) >= 0 || errno != EBADF;
        return is_above && !reads && !writes ? 0 : 1;
    });
    CHECK(copy.exit_code() == 0);
}

TEST_CASE("streams that a program closes after init() get no file of a map, and a map goes on") {
    for (const std::vector<int>& closed :
         {std::vector{STDERR_FILENO}, std::vector{STDOUT_FILENO, STDERR_FILENO}, all_streams}) {
        const TemporaryDirectory directory;
        PoolOptions options = local_options(directory.path().native());
        options.progress = Progress::lines;
        InProcess copy([&] {
            close_streams(closed);
            return Pool(options).map(&square, numbers(20)) == squares(20) ? 0 : 1;
        });
        CHECK(copy.exit_code() == 0);
        std::size_t num_files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path().native())) {
            if (!entry.is_regular_file() || entry.path().filename() == "worker_launcher.sh") continue;
            ++num_files;
            CHECK_THAT(text_of(entry.path()), !Catch::Contains("qmr: "));
        }
        CHECK(num_files > 0);
    }
}

TEST_CASE("telling on a stderr that nobody reads ends nothing, and a signal of the program stays its own") {
    InProcess copy([] {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) return 2;
        ::close(ends[0]);
        ::dup2(ends[1], STDERR_FILENO);
        ::signal(SIGPIPE, SIG_DFL);
        detail::tell_on_stderr("told to nobody\n");
        sigset_t pending;
        ::sigpending(&pending);
        return ::sigismember(&pending, SIGPIPE) == 0 ? 0 : 1;
    });
    CHECK(copy.exit_code() == 0);
}
