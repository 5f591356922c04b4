// The files of the dummy queue. DIGIT: 0 state, 1 line of an ended task, 2 tasks of an array.

#include "dummy_queue/account.hpp"
#include "dummy_queue/state.hpp"
#include "fuzz/fuzz.hpp"

using namespace qmr::dummy_queue;
using namespace qmr::fuzz;

namespace {

// What is read is written, and read again as the same.
void read_a_state(const std::string& text) {
    const std::string written = to_json_text(read_json_text(text));
    require(to_json_text(read_json_text(written)) == written, "a state is read as it is written", written);
}

void read_a_record(const std::string& text) {
    const std::string written = to_json_line(read_json_line(text));
    require(to_json_line(read_json_line(written)) == written, "a record is read as it is written", written);
}

void read_tasks(const std::string& text) {
    const auto tasks = read_task_set(text);
    if (!tasks) return;
    for (const std::uint64_t step : {1U, 3U})
        require(read_task_set(to_text(*tasks, step)) == tasks, "tasks are read as they are written", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const unsigned reader = input.digit();
    try {
        if (reader == 0) read_a_state(input.rest());
        if (reader == 1) read_a_record(input.rest());
        if (reader == 2) read_tasks(input.rest());
    } catch (const StateError&) {
        return 0;
    }
    return 0;
}
