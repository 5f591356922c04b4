# Sourced by the tests of the examples: an empty directory to work in, and no options from outside.
set -eu
export LC_ALL=C
for variable in $(env | sed -n 's/^\(QMR_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done
export QMR_BATCH_SYSTEM=local QMR_PROGRESS=silent

here=$(cd "$(dirname "$0")" && pwd)
program=$1
. "$here/../../../scripts/scratch.sh"
make_scratch "$PWD" example
trap 'chmod -R u+rwX "$scratch"; rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    exit 1
}

# expect_output FILE ARGUMENT...: the program prints this file, nothing on stderr, and leaves nothing behind.
expect_output() {
    expected=$1
    shift
    mkdir clean
    (cd clean && "$program" "$@" > ../stdout 2> ../stderr) || fail "exit code $? of: $*"
    diff "$expected" stdout || fail "stdout of: $*"
    [ ! -s stderr ] || fail "something on stderr of: $* $(cat stderr)"
    rmdir clean || fail "left behind by: $* $(ls -A clean)"
}

# expect_error ARGUMENT...: a batch system that can not be had is told in one line.
expect_error() {
    exit_code=0
    QMR_BATCH_SYSTEM=sge QMR_QSUB_PATH=/no/qsub "$program" "$@" > stdout 2> stderr || exit_code=$?
    [ "$exit_code" -eq 1 ] || fail "exit code $exit_code, not 1, without a qsub, of: $*"
    [ ! -s stdout ] || fail "something on stdout of: $*"
    [ "$(grep -c "^${program##*/}: .*/no/qsub" stderr)" -eq 1 ] && [ "$(wc -l < stderr)" -eq 1 ] ||
        fail "stderr of: $* $(cat stderr)"
}

# expect_usage ARGUMENT...: the program does not know what to do with these, and says so.
expect_usage() {
    exit_code=0
    "$program" "$@" > stdout 2> stderr || exit_code=$?
    [ "$exit_code" -eq 2 ] || fail "exit code $exit_code, not 2, of: $*"
    [ ! -s stdout ] || fail "something on stdout of: $*"
    [ "$(grep -c '^usage: ' stderr)" -eq 1 ] && [ "$(wc -l < stderr)" -eq 1 ] || fail "stderr of: $* $(cat stderr)"
}
