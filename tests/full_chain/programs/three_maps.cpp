// A program with three maps, of which the first and the last have the same function and tasks, but not the
// same results: the program writes what is added into a file before each. Each task and each pause between
// two maps is a step, which leaves three characters in `steps`. Environment: KILL_AT, the step at which the
// program is killed; SECOND_OFFSET, which changes the tasks of the second map; ONLY_FIRST; NAMED: the
// program names its work_dirs; EXIT_CODE.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <qmr/qmr.hpp>
#include <string>
#include <vector>

namespace {

int number_in(const char* file) {
    int number = 0;
    std::ifstream(file) >> number;
    return number;
}

int variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? 0 : std::atoi(value);
}

void step(char of, int number) {
    const std::string text = of + std::to_string(number) + '\n';
    const int file = ::open("steps", O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (::write(file, text.data(), text.size()) != 3) std::abort();
    const off_t istep = ::lseek(file, 0, SEEK_CUR) / 3;
    ::close(file);
    if (istep == variable("KILL_AT")) ::kill(number_in("pid"), SIGKILL);
}

struct Add {
    char name = 'x';

    template <class Archive>
    void serialize(Archive& archive) {
        archive(name);
    }

    int operator()(int x) const {
        step(name, x % 10);
        return x + number_in((std::string("added_") + name).c_str());
    }
};

std::vector<int> map(char name, int added, const std::vector<int>& tasks) {
    std::ofstream(std::string("added_") + name) << added;
    qmr::PoolOptions options;
    static int imap = 0;
    if (variable("NAMED") != 0) options.work_dir = "named_" + std::to_string(imap++);
    std::vector<int> results = qmr::Pool(options).map(Add{name}, tasks);
    step('|', name - 'a');
    return results;
}

}  // namespace

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    std::ofstream("pid") << ::getpid();
    const std::vector<int> tasks{0, 1, 2, 3, 4};
    // Nor does a map without tasks stand in the way.
    if (!qmr::Pool().map(Add{'x'}, std::vector<int>()).empty()) return 1;
    const auto first = map('a', 10, tasks);
    std::vector<int> second = first;
    for (int& x : second) x += variable("SECOND_OFFSET");
    if (variable("ONLY_FIRST") != 0) return 0;
    second = map('b', 100, second);
    const auto third = map('a', 1000, tasks);
    for (const auto& results : {first, second, third})
        std::printf("%d\n", std::accumulate(results.begin(), results.end(), 0));
    return variable("EXIT_CODE");
}
