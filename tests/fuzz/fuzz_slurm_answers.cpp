// What squeue, sbatch, scancel and slurmstepd print. DIGIT: 0 reasons, 1 ends, 2 submission of one, 3 of an
// array, 4 deletion, 5 status, 6 status of a session, 7 output. Then an answer.

#include "adapters/batch_systems/slurm.hpp"
#include "fuzz/answers.hpp"

using namespace qmr::detail;
using namespace qmr::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const unsigned reader = input.digit();
    const ClientAnswer answer = take_answer(input);
    const std::uint64_t array_size = reader == 2 ? 0 : 1000;
    const std::string_view prefix = reader == 5 ? "" : "q20";
    switch (reader) {
        case 0:
            check(slurm::read_reason_answer(answer));
            break;
        case 1:
            check(slurm::read_account_answer(answer));
            break;
        case 2:
        case 3:
            check(slurm::read_submit_answer(answer, array_size), array_size);
            break;
        case 4:
            static_cast<void>(slurm::read_delete_answer(answer));
            break;
        case 5:
        case 6:
            check(slurm::read_status_answer(answer, prefix, "E", "all"), prefix);
            break;
        default:
            if (const auto report = slurm::read_output(answer.out)) check({*report});
            break;
    }
    return 0;
}
