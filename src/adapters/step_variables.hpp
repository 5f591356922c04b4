#pragma once
// What a launcher of parallel programs (mpirun, mpiexec, srun, aprun, jsrun) tells each process of a step.

#include <array>
#include <string_view>

namespace qmr::detail {

/// fnmatch(3) patterns of variables that are about one process of one step. A map that is started in a step
/// has them; its tasks are no part of that step, and an MPI program among them would take itself for one of
/// its ranks. Sources: the manuals of srun(1) (environment of tasks; SRUN_*), MPICH's Hydra and the PMI
/// interfaces (PMI_*, HYDI_*, MPI_LOCAL*), Open MPI 4 and 5 (OMPI_*, and PMIX_* of the OpenPMIX standard),
/// MVAPICH2, Cray ALPS and PALS, IBM JSM, Flux. Users set others for programs on purpose: PMIX_MCA_*, and all
/// OMPI_MCA_* but those by which mpirun describes a process.
inline constexpr std::array<std::string_view, 33> step_variables{
    "ALPS_APP_*",
    "FLUX_TASK_*",
    "FLUX_JOB_*",
    "HYDI_*",
    "JSM_*",
    "MPIRUN_*",
    "MPI_LOCALNRANKS",
    "MPI_LOCALRANKID",
    "MV2_COMM_WORLD_*",
    "OMPI_APP_CTX_*",
    "OMPI_ARGV",
    "OMPI_COMMAND",
    "OMPI_COMM_*",
    "OMPI_FILE_LOCATION",
    "OMPI_FIRST_RANKS",
    "OMPI_MCA_ess",
    "OMPI_MCA_ess_base_*",
    "OMPI_MCA_initial_wdir",
    "OMPI_MCA_num_procs",
    "OMPI_MCA_orte_*_uri",
    "OMPI_MCA_orte_app_num",
    "OMPI_MCA_orte_ess_*",
    "OMPI_MCA_orte_jobid",
    "OMPI_MCA_orte_launch",
    "OMPI_MCA_orte_num_nodes",
    "OMPI_MCA_orte_precondition_transports",
    "OMPI_NUM_APP_CTX",
    "OMPI_UNIVERSE_SIZE",
    "PALS_*",
    "PMIX_[!M]*",
    "PMI2_*",
    "PMI_*",
    "SRUN_*",
};

}  // namespace qmr::detail
