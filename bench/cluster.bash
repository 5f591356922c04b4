# For the bench scripts that measure on a private batch system: brings it up, and gives the same few words for
# each. To be sourced with $cluster (grid-engine or slurm), $slots, $source_dir and $usage set; for root. Leaves a
# directory of the user who submits in $scratch, and goes there.
user=griduser

case $cluster in
    grid-engine) batch_system=sge ;;
    slurm) batch_system=slurm ;;
    *)
        echo "$usage" >&2
        exit 2
        ;;
esac
"$source_dir/scripts/$cluster" up --slots "$slots" --user "$user" >&2

make_scratch /tmp qmr_bench
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
chown "$user" "$scratch"
cd "$scratch"
export QMR_BATCH_SYSTEM=$batch_system

as_user() { runuser -u "$user" -- env HOME="$scratch" "$@"; }

# seconds_of COMMAND...: how long it takes.
seconds_of() {
    local begin=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v begin="$begin" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.4g", end - begin }'
}

# None of the programs of the batch systems writes files.
case $batch_system in
    sge)
        submit() { as_user qsub -terse -b y -shell n -N bare -o /dev/null -j y "$@" /bin/true; }
        submit_array() { submit -t "1-$1"; }
        list() { qstat -u "$user"; }
        delete_all() { qdel -u "$user" || true; }
        close_queue() { qmod -d all.q; }
        open_queue() { qmod -e all.q; }
        ;;
    slurm)
        printf '#!/bin/sh\nexec /bin/true\n' >true.sh
        chmod 755 true.sh
        submit() { as_user sbatch --parsable --job-name=bare --output=/dev/null "$@" true.sh; }
        submit_array() { submit "--array=1-$1"; }
        list() { squeue --noheader --user="$user"; }
        delete_all() { scancel --user="$user"; }
        close_queue() { scontrol update partitionname=main state=down; }
        open_queue() { scontrol update partitionname=main state=up; }
        ;;
esac

until_empty() { while [[ -n $(list) ]]; do sleep 0.1; done; }
array_to_its_end() { submit_array "$1" && until_empty; }
