#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <qmr/init.hpp>

int main(int argc, char** argv) {
    qmr::init(argc, argv);
    return Catch::Session().run(argc, argv);
}
