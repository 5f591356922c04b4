#include <qmr/qmr.hpp>

#include "cli/app.hpp"

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    return qmr::cli::run(argc, argv);
}
