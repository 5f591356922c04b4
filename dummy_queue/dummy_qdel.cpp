#include "dummy_queue/programs.hpp"

int main(int argc, char** argv) {
    return qmr::dummy_queue::qdel_main(argc, argv);
}
