#pragma once
// Committed results that are not to be seen yet, as if a file server were slow to show them.

#include "dummy_queue/step.hpp"

namespace qmr::dummy_queue {

/// Renames what an order committed and a fault says is late, and counts the faults.
void hide_late_files(State&, const RunOrder&, const ChunksOfJob&);

/// A call of dummy_qstat begins: puts back what was hidden for long enough. One that was committed again
/// in the meantime is not overwritten.
void put_back_late_files(State&);

}  // namespace qmr::dummy_queue
