# What scripts/grid-engine and scripts/slurm share: daemons of a private cluster on Debian 12, started, watched and
# ended without an init system. Sourced, with the name of the program in $program and its own directory in $run.

logs=/var/log/$program
user=griduser
slots=$(($(nproc) < 2 ? 2 : $(nproc)))

fail() {
    echo "$program: $1" >&2
    exit "${2-1}"
}

fail_with_log() {
    echo "$program: $2; the end of $1:" >&2
    tail -n 10 "$1" >&2
    exit 1
}

# within SECONDS COMMAND...: until it succeeds.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

check_slots_and_user() {
    [[ $slots =~ ^[1-9][0-9]{0,3}$ ]] || fail "--slots needs a number from 1 to 9999, not '$slots'" 2
    [[ $user =~ ^[a-z_][a-z0-9_-]*$ && $user != root ]] || fail "--user needs an ordinary user, not '$user'" 2
}

# What the caller has open is not for the daemons.
forget_caller() {
    local path fd
    for path in "/proc/$$/fd/"*; do
        fd=${path##*/}
        if ((fd > 2 && fd != 255)); then exec {fd}>&-; fi # 255 is the script
    done
    export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    umask 022
    cd /
}

# One at a time; the lock is not inherited by the daemons.
lock() {
    mkdir -p "$run"
    exec 9<"$run"
    flock --timeout 900 9 || fail "another one is at work"
}

# Nothing for a process that has ended, even if nobody has reaped it.
start_time_of() {
    local text fields
    text=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    read -ra fields <<<"${text##*) }"
    if [[ ${fields[0]} != [ZX] ]]; then echo "${fields[19]}"; fi
}

record() { echo "$2 $(start_time_of "$2")" >"$run/$1"; }
pid_of() { cut -d ' ' -f 1 "$run/$1"; }

# By the start time, for another process may have got the pid.
runs() {
    local pid start_time
    [[ -r $run/$1 ]] && read -r pid start_time <"$run/$1" && [[ -n $start_time ]] &&
        [[ $(start_time_of "$pid") == "$start_time" ]]
}

has_ended() { ! runs "$1"; }
has_ended_or_answers() { has_ended "$1" || "${1}_answers"; }

stop() {
    if runs "$1"; then
        kill "$(pid_of "$1")" || true
        within "${2-10}" has_ended "$1" || kill -KILL "$(pid_of "$1")" || true
        within 5 has_ended "$1" || fail "$1 does not end"
    fi
    rm -f "$run/$1"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive timeout 900 apt-get -q -o DPkg::Lock::Timeout=600 "$@" &>>"$logs/apt.log"
}

install_packages() {
    local package states
    grep -qsx VERSION_CODENAME=bookworm /etc/os-release || fail "this is not Debian 12"
    for package in "$@"; do
        states=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || true
        if [[ $states != installed ]]; then break; fi
    done
    if [[ $states == installed ]]; then return; fi
    echo "$program: installing $*"
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then # packages start their daemons, unless this forbids it
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
    fi
    apt_get install --yes --no-install-recommends "$@" ||
        { apt_get update && apt_get install --yes --no-install-recommends "$@"; } ||
        fail_with_log "$logs/apt.log" "apt-get can not install $*"
}

make_user() { id "$user" &>/dev/null || useradd --create-home --shell /bin/bash "$user"; }

# Prints a line for the daemon, and fails when it does not run.
show_daemon() {
    if runs "$1"; then
        echo "$1 $(pid_of "$1") running"
    else
        echo "$1 not running"
        return 1
    fi
}
