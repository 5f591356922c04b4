#include <catch2/catch.hpp>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "ground/only_errors.hpp"
#include "qmr/detail/callers_code.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

template <class Thrown>
void at_the_border(const Thrown& thrown) {
    try {
        throw thrown;
    } catch (...) {
        rethrow_as_error();
    }
}

}  // namespace

TEST_CASE("what is no Error becomes one at the border of the library, in one line") {
    CHECK_THROWS_WITH(at_the_border(std::runtime_error("one\ntwo")), "map: one two");
    CHECK_THROWS_AS(at_the_border(std::filesystem::filesystem_error("x", std::error_code())), Error);
    CHECK_THROWS_WITH(at_the_border(std::bad_alloc()), Catch::Contains("not enough memory"));
}

TEST_CASE("an Error crosses the border of the library as it is, and what the caller's code threw, too") {
    CHECK_THROWS_AS(at_the_border(BadInput("bad")), BadInput);
    CHECK_THROWS_WITH(at_the_border(Interrupted("by a signal", 2)), "by a signal");
    CHECK_THROWS_AS(at_the_border(CallerThrew{std::make_exception_ptr(std::out_of_range("x"))}),
                    std::out_of_range);
    CHECK_THROWS_AS(at_the_border(CallerThrew{std::make_exception_ptr(17)}), int);
}
