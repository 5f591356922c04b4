#include "dummy_queue/programs.hpp"

int main(int argc, char** argv) {
    return qmr::dummy_queue::qacct_main(argc, argv);
}
