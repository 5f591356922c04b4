# For scripts of sh and bash, to be sourced: directories to work in that do not stay when a script is killed.

# make_scratch PARENT NAME [DESCRIPTOR]: a new directory PARENT/NAME.xxxxxx, its path in $scratch. The script, and what it
# starts, hold a lock on it by that descriptor (9) as long as they live, and the script removes it at its end. Those of
# this user without a lock are removed first. Where a file system has no locks, nothing is removed.
make_scratch() {
    for scratch in "$1/$2".??????; do
        if [ -d "$scratch" ] && [ ! -L "$scratch" ] && [ -O "$scratch" ]; then
            flock --nonblock "$scratch" sh -c 'chmod -R u+rwX "$1"; rm -rf "$1"' sh "$scratch" || :
        fi
    done
    scratch=$(mktemp -d "$1/$2.XXXXXX") || return
    # Before the lock is held, another script may have removed the new directory.
    until { eval "command exec ${3-9}<\"\$scratch\""; } 2>/dev/null && { flock "${3-9}" || :; } && [ -d "$scratch" ]; do
        scratch=$(mktemp -d "$1/$2.XXXXXX") || return
    done
}
