// The XML of qstat. DIGIT: even, all queue jobs; odd, those of a session. Then an answer.

#include "adapters/batch_systems/grid_engine.hpp"
#include "fuzz/answers.hpp"

using namespace qmr::detail;
using namespace qmr::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::string_view prefix = input.digit() % 2 == 0 ? "" : "q20";
    const ClientAnswer answer = take_answer(input);
    check(grid_engine::read_status_answer(answer, prefix, "E"), prefix);
    return 0;
}
