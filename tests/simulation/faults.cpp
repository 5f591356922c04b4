#include "simulation/faults.hpp"

namespace qmr::detail::simulation {

namespace {

// In the order of their declaration.
constexpr auto names = std::to_array<std::string_view>({
    "job goes to error",
    "job in error is cleared",
    "job vanishes while it waits",
    "job vanishes before its command",
    "job is killed",
    "job is killed for memory",
    "job is killed for time",
    "job is told to leave",
    "job is deleted by somebody",
    "job starts twice",
    "job runs again",
    "job is held",
    "job is suspended",
    "job has unknown state",
    "job lingers",
    "job is slow",
    "tasks end before their worker",
    "black hole",
    "binary has changed",
    "wrong set up",
    "worker can not write",
    "worker crashes in setup",
    "result is late",
    "result is corrupt",
    "part is late",
    "exit record is late",
    "exit record is missing",
    "head is seen late",
    "claim is seen late",
    "claim is out of date",
    "task throws",
    "task ends its process",
    "task kills all",
    "task wants memory",
    "task wants time",
    "submit fails",
    "submit fails though queued",
    "submit hangs",
    "submit hangs though queued",
    "submit is busy",
    "submit is full",
    "submit is full though queued",
    "submit is too large",
    "submit is refused",
    "submit goes elsewhere",
    "submit does not tell where",
    "backup is submitted",
    "backup is refused",
    "backup or first fails",
    "backup wins",
    "backup loses",
    "list fails",
    "list hangs",
    "list is garbage",
    "list comes with a warning",
    "list lags",
    "list misses a job",
    "list leaves out a place",
    "delete fails",
    "delete hangs",
    "account is late",
    "account is missing",
    "account has odd times",
    "outage",
    "head can not be written",
    "claim can not be freed",
    "claims can not be listed",
    "node is killed",
    "node is interrupted",
    "node sleeps",
    "node has another clock",
});
static_assert(names.size() == num_faults);

}  // namespace

std::string_view to_string(Fault fault) {
    return names[static_cast<std::size_t>(fault)];
}

}  // namespace qmr::detail::simulation
