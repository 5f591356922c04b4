// What qsub, qdel, `qstat -j` and qacct print. DIGIT: 0 reasons, 1 ends, 2 submission of one, 3 of an array,
// 4 deletion. Then an answer.

#include "adapters/batch_systems/grid_engine.hpp"
#include "fuzz/answers.hpp"

using namespace qmr::detail;
using namespace qmr::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const unsigned reader = input.digit();
    const ClientAnswer answer = take_answer(input);
    const std::uint64_t array_size = reader == 2 ? 0 : 100'000;
    switch (reader) {
        case 0:
            check(grid_engine::read_reason_answer(answer));
            break;
        case 1:
            check(grid_engine::read_account_answer(answer));
            break;
        case 2:
        case 3:
            check(grid_engine::read_submit_answer(answer, array_size), array_size);
            break;
        default:
            static_cast<void>(grid_engine::read_delete_answer(answer));
            break;
    }
    return 0;
}
