// Calls map() without qmr::init() if its argument is "forget". Ends with 42 where it would start a process.
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <qmr/qmr.hpp>
#include <vector>

// They take the place of those in the C library.
extern "C" pid_t fork() {
    static_cast<void>(::write(STDERR_FILENO, "a process is started\n", 21));
    ::_exit(42);
}
extern "C" pid_t vfork() {
    return fork();
}

static int square(int x) {
    return x * x;
}

int main(int argc, char** argv) {
    if (argc != 2 || std::strcmp(argv[1], "forget") != 0) qmr::init(argc, argv);
    try {
        const qmr::Pool pool;
        static_cast<void>(pool.map(square, std::vector<int>{1, 2, 3}));
    } catch (const qmr::BadInput& error) {
        std::cerr << error.what() << '\n';
        return 3;
    }
    return 0;
}
