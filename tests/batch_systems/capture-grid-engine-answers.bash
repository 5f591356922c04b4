# Which answers tests/batch_systems/capture-grid-engine captures. Sourced by it.

capture_all() {
    capture_nothing
    capture_accepted
    capture_refused
    capture_limits
    capture_arrays
    capture_other_states
    capture_errors
    capture_pending
    capture_deletions
    capture_accounts
    capture_dead_qmaster
}

capture_nothing() {
    listing status_empty
    capture status_failed_nothing_at_all qstat
    capture status_failed_bad_option qstat -s x
    capture status_failed_unknown_jobs qstat -j "$unknown" -xml
    capture delete_unknown_job qdel "$unknown"
    capture delete_unknown_name qdel abc
    capture reason_unknown_job qstat -j "$unknown"
    capture reason_unknown_jobs qstat -j "999998,$unknown"
    capture account_unknown_job qacct -j "$unknown"
    capture account_unknown_name qacct -j abc
}

capture_accepted() {
    local script=(-o /dev/null -j y ok.sh)
    capture submit_accepted_single qsub -terse "${script[@]}"
    capture submit_accepted_single_long qsub "${script[@]}"
    capture submit_accepted_single_sync qsub -terse -sync y "${script[@]}"
    capture submit_accepted_single_sync_long qsub -sync y "${script[@]}"
    capture submit_accepted_array qsub -terse -t 1-10 "${script[@]}"
    capture submit_accepted_array_long qsub -t 1-10 "${script[@]}"
    capture submit_accepted_array_of_one qsub -terse -t 7 "${script[@]}"
    capture submit_accepted_array_with_a_step qsub -terse -t 2-10:4 "${script[@]}"
    empty_queue
}

capture_refused() {
    local name=submit_refused
    capture ${name}_concurrency_without_array qsub -tc 2 ok.sh
    capture ${name}_no_script qsub
    capture ${name}_no_sge_root /usr/lib/gridengine/qsub ok.sh
    capture ${name}_no_suitable_queues qsub -w e -l mem_free=100000G ok.sh
    capture ${name}_not_a_time qsub -l h_rt=abc ok.sh
    capture ${name}_only_verified qsub -w v ok.sh
    capture ${name}_positive_priority qsub -p 5 ok.sh
    capture ${name}_priority_out_of_range qsub -p 2000 ok.sh
    capture ${name}_script_does_not_exist qsub nosuch.sh
    capture ${name}_slash_in_name qsub -N a/b ok.sh
    capture ${name}_colon_in_name qsub -N a:b ok.sh
    capture ${name}_digit_before_name qsub -N 1abc ok.sh
    capture ${name}_task_zero qsub -t 0-5 ok.sh
    capture ${name}_two_ranges qsub -t 1-2,5-6 ok.sh
    capture ${name}_unknown_option qsub -zzz ok.sh
    capture ${name}_unknown_parallel_environment qsub -pe mpi 2 ok.sh
    capture ${name}_unknown_project qsub -P noproj ok.sh
    capture ${name}_unknown_queue qsub -q nosuch.q ok.sh
    capture ${name}_unknown_resource qsub -l nosuchres=1 ok.sh
    capture submit_too_large_array qsub -t 1-75001 ok.sh
    capture submit_unclear_answer_list qsub -N 'a b' ok.sh
    capture_of ${name}_root env -i PATH=/usr/bin:/bin qsub "$scratch/ok.sh"

    qconf -ds "$host" &>/dev/null
    capture ${name}_not_a_submit_host qsub ok.sh
    qconf -as "$host" &>/dev/null
    expect ${name}_not_a_submit_host 'is not a submit host'

    # Another cell, whose qmaster is on a host that does not exist.
    mkdir -p "$scratch/root/default/common"
    cp -r /var/lib/gridengine/default/common "$scratch/root/default"
    echo nosuchhost >"$scratch/root/default/common/act_qmaster"
    find /var/lib/gridengine -mindepth 1 -maxdepth 1 ! -name default -exec ln -s '{}' "$scratch/root" \;
    capture submit_unreachable_qmaster_host_unknown env SGE_ROOT="$scratch/root" /usr/lib/gridengine/qsub ok.sh
    expect submit_unreachable_qmaster_host_unknown nosuchhost
}

capture_limits() {
    submit first -h /bin/true >/dev/null
    submit second -h /bin/true >/dev/null
    change_configuration max_u_jobs 2
    capture submit_busy_jobs_of_the_user qsub ok.sh
    change_configuration max_u_jobs "$max_u_jobs"
    change_configuration max_jobs 1
    capture submit_busy_jobs_of_the_cluster qsub ok.sh
    change_configuration max_jobs "$max_jobs"
    expect submit_busy_jobs_of_the_user 'allowed per user'
    expect submit_busy_jobs_of_the_cluster 'allowed per cluster'
    empty_queue
}

capture_arrays() {
    local run1 arr
    arr=$(submit arr -t 1-20 -tc 1 /bin/sleep 600)
    wait_for "$arr" 'r qw'
    listing status_array_running_and_waiting
    as_user qdel "$arr" -t 7-9 >/dev/null
    as_user qdel "$arr".{11,12,14,16} >/dev/null
    run1=$(submit run1 /bin/sleep 600)
    submit held -h /bin/true >/dev/null
    submit harr -h -t 1-5:2 /bin/true >/dev/null
    wait_for "$run1" r
    listing status_array_thinned_out
    capture status_failed_text_instead_of_xml qstat
    empty_queue

    arr=$(submit arr -t 1-6 -l mem_free=100000G /bin/true)
    as_user qdel "$arr.1" >/dev/null
    as_user qhold "$arr.4-5" >/dev/null
    wait_for "$arr" 'qw hqw'
    listing status_array_partly_held
    empty_queue
}

capture_other_states() {
    local id
    submit 'a<b' -h /bin/true >/dev/null
    listing status_other_less_than_in_name
    id=$(submit suspended /bin/sleep 600)
    wait_for "$id" r
    as_user qmod -sj "$id" >/dev/null
    wait_for "$id" s
    id=$(submit again /bin/sh -c 'exit 99')
    wait_for "$id" Rq
    listing status_other_suspended_and_requeued

    id=$(submit run /bin/sleep 600)
    wait_for "$id" r
    kill -STOP "$execd" # so that nothing confirms
    as_user qdel "$id" >/dev/null
    submit transferred /bin/sleep 600 >/dev/null
    wait_for "$id" dr
    within 10 is_transferred || fail "nothing is in state t"
    listing status_other_deleted_and_transferred
    capture delete_known_already_in_deletion qdel "$id"
    kill -CONT "$execd"
    expect delete_known_already_in_deletion 'already in deletion'
    empty_queue
}

is_transferred() { [[ $(as_user qstat) == *' t '* ]]; }

capture_errors() {
    local single array
    single=$(submit no_output -o :/no/such/dir/out /bin/true)
    # A task in error counts among those that -tc allows to run.
    array=$(submit arr -t 1-4 -tc 3 /bin/sh -c 'if [ $SGE_TASK_ID = 2 ]; then exit 100; fi; sleep 600')
    wait_for "$single" Eqw
    wait_for "$array" 'r r Eqw qw'
    listing status_error_array
    within 20 explains "$single" || fail "the scheduler has not looked at queue job $single"
    within 20 explains_error "$array" || fail "the scheduler has not looked at queue job $array"
    capture reason_error_single qstat -j "$single"
    capture reason_error_array qstat -j "$array"
    capture reason_error_several_jobs qstat -j "$single,$array,$unknown"
    wait_for_account "$single" 1
    capture account_other_not_started qacct -j "$single"
    as_user qhold "$single" >/dev/null
    wait_for "$single" Ehqw
    as_user qdel "$array" >/dev/null
    wait_for "$array" ''
    listing status_error_held
    empty_queue
}

explains_error() { [[ $(as_user qstat -j "$1") == *"Job is in error state"* ]]; }
explains() { [[ $(as_user qstat -j "$1") == *"scheduling info"* ]]; }

capture_pending() {
    local single array
    single=$(submit too_large -l mem_free=100000G /bin/true)
    array=$(submit too_large_array -t 1-3 -l mem_free=100000G,h_vmem=2G,h_rt=0:10:0 /bin/true)
    within 20 explains "$single" || fail "nobody knows why queue job $single waits"
    within 20 explains "$array" || fail "nobody knows why queue job $array waits"
    capture reason_pending_single qstat -j "$single"
    capture reason_pending_array qstat -j "$array"
    as_user qdel "$single" "$array" >/dev/null
    qmod -d all.q &>/dev/null
    single=$(submit closed /bin/true)
    within 20 explains "$single" || fail "nobody knows why queue job $single waits"
    capture reason_pending_queue_disabled qstat -j "$single"
    qmod -e all.q &>/dev/null
    empty_queue
}

capture_deletions() {
    local never=(-h /bin/true) one two array
    one=$(submit one "${never[@]}")
    two=$(submit two "${never[@]}")
    capture_of delete_failed_no_privileges \
        runuser -u nobody -- env -i PATH=/usr/bin:/bin qdel "$one"
    capture delete_unknown_among_known qdel "$one" "$unknown" "$two"
    capture delete_known_pending qdel "$(submit one "${never[@]}")"

    array=$(submit arr -t 1-20 "${never[@]}")
    capture delete_known_task qdel "$array.3"
    capture delete_known_tasks qdel "$array" -t 4-6
    capture delete_known_list_of_tasks qdel "$array" -t 7,9
    capture delete_unknown_task qdel "$array" -t 50
    capture delete_unknown_task_range qdel "$array" -t 4-6
    capture delete_failed_two_ranges qdel "$array" -t 10,12-13

    one=$(submit run /bin/sleep 600)
    array=$(submit arr -t 1-3 -tc 1 /bin/sleep 600)
    wait_for "$one" r
    wait_for "$array" 'r qw'
    capture delete_known_running qdel "$one"
    capture delete_known_array_partly_running qdel "$array"
    empty_queue
}

capture_accounts() {
    local time times memory ended killed deleted array again
    time=$(submit too_long -l h_rt=2 /bin/sleep 600)
    times=$(submit too_long_array -t 1-2 -l h_rt=0:0:2,h_vmem=1G /bin/sleep 600)
    memory=$(submit_as_it_is -N too_much -S /bin/sh -l h_vmem=160M,h_rt=60 -o /dev/null -j y memory.sh)
    ended=$(submit ended /bin/sh -c 'exit 3')
    killed=$(submit killed /bin/sh -c 'kill -9 $$')
    array=$(submit arr -t 1-3 /bin/sh -c 'exit $SGE_TASK_ID')
    again=$(submit again /bin/sh -c 'if [ $RESTARTED = 0 ]; then exit 99; fi; exit 4')
    deleted=$(submit deleted /bin/sleep 600)
    wait_for "$deleted" r
    as_user qdel "$deleted" >/dev/null
    wait_for_account "$time" 1
    wait_for_account "$times" 2
    wait_for_account "$memory" 1
    wait_for_account "$ended" 1
    wait_for_account "$killed" 1
    wait_for_account "$deleted" 1
    wait_for_account "$array" 3
    wait_for_account "$again" 2
    capture account_out_of_time_single qacct -j "$time"
    capture account_out_of_time_array qacct -j "$times"
    capture account_out_of_memory qacct -j "$memory"
    capture account_other_exit_code qacct -j "$ended"
    capture account_other_killed qacct -j "$killed"
    capture account_other_deleted qacct -j "$deleted"
    capture account_other_array qacct -j "$array"
    capture account_other_ran_twice qacct -j "$again"
    expect account_out_of_time_single 'enforced h_rt'
    expect account_out_of_memory 'enforced h_rt, h_cpu, or h_vmem'
    empty_queue
}

capture_dead_qmaster() {
    kill -KILL "$(pid_of qmaster)"
    capture submit_unreachable_qmaster_dead qsub ok.sh
    capture status_failed_qmaster_dead qstat -u "$user" -s prs -xml
    capture delete_failed_qmaster_dead qdel 1
    capture reason_unknown_qmaster_dead qstat -j 1
    "$cluster" up --slots "$slots" --user "$user" >/dev/null
    expect submit_unreachable_qmaster_dead 'Connection refused'
}
