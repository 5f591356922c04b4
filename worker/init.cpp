#include "qmr/init.hpp"

#include <unistd.h>

#include <cstring>

#include "adapters/launcher.hpp"
#include "ground/initialised.hpp"
#include "ground/standard_streams.hpp"
#include "worker/worker.hpp"

namespace qmr {

void init(int argc, char** argv) noexcept {
    detail::occupy_standard_streams();
    detail::set_initialised();
    if (argc > 1 && std::strcmp(argv[1], detail::worker_flag) == 0) {
        // Without the destructors of static objects: nothing of the program has run yet.
        ::_exit(detail::run_worker(argc, argv));
    }
}

}  // namespace qmr
