#include "ground/initialised.hpp"

namespace qmr::detail {

namespace {
bool was_called = false;
}

bool is_initialised() noexcept {
    return was_called;
}
void set_initialised() noexcept {
    was_called = true;
}

}  // namespace qmr::detail
