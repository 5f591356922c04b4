#pragma once
// The four programs, each as a function.

namespace qmr::dummy_queue {

int qsub_main(int argc, char** argv);
int qstat_main(int argc, char** argv);
int qdel_main(int argc, char** argv);
int qacct_main(int argc, char** argv);

}  // namespace qmr::dummy_queue
