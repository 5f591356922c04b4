#include "dummy_queue/help.hpp"

#include <fmt/format.h>

#include "dummy_queue/fault.hpp"

namespace qmr::dummy_queue {

std::string help_text(const std::string& usage, const std::string& what) {
    auto text = fmt::format(
        R"(usage: {}

{}

dummy_qsub, dummy_qstat, dummy_qdel and dummy_qacct are a batch queue without a batch system, to test programs that
talk to Grid Engine. They answer in its words. The environment variable DUMMY_QUEUE_STATE names the
state file that they share; a fresh one is made by
    echo '{{}}' > queue.json; export DUMMY_QUEUE_STATE=$PWD/queue.json
Nothing happens between two calls of dummy_qstat: each one makes one step. When fewer than max_num_running
(10) tasks run and one waits, that one starts; else the oldest that runs is run to its end, while
dummy_qstat waits.

The state file may ask for faults:
    {{"faults": [{{"kind": "evil", "ichunk": 13, "max_num_fails": 5}},
                {{"kind": "qsub_refuses", "exit_code": 25, "max_num_fails": 2}}]}}
Each one happens max_num_fails times (without it: always), after having been spared max_num_spared times
(without it: none), and counts in num_fails. Those of queue jobs are aimed by "ichunk", or by "JB_name"
(a pattern) and "task". Where queue jobs of qmr pull, as they do by default, evil, vanishes and starts_twice
strike those that would begin with the chunk, and the option --jobs one_per_chunk lets each chunk have one.

)",
        usage, what);
    for (const auto& row : fault_kinds()) {
        text += fmt::format("    {:<25} {}\n", row.name, row.what);
        if (!row.own_keys.empty()) {
            text += fmt::format("    {:<25}   \"{}\"\n", "", fmt::join(row.own_keys, "\", \""));
        }
    }
    return text;
}

}  // namespace qmr::dummy_queue
