#!/bin/sh
# test_scratch.sh SOURCE_DIRECTORY SHELL: what a script that was killed leaves behind is removed by the next one.
set -eu
library=$1/scripts/scratch.sh
shell=$2
. "$library"
make_scratch "$PWD" scratch_test
trap 'rm -rf "$scratch"' EXIT
own=$scratch
cd "$own"
mkdir parent outside
echo stays >outside/file

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

# begin NAME: a script that makes a directory, and lives until it is killed or nobody writes to its stdin any more.
begin() {
    mkfifo "$1.in" "$1.out"
    "$shell" -euc '. "$1"; make_scratch "$2" made; echo "$scratch"; read -r word' sh "$library" "$own/parent" \
        <"$1.in" >"$1.out" 9<&- &
    eval "$1=\$!"
}

run_next() { "$shell" -euc '. "$1"; make_scratch "$2" made; [ -d "$scratch" ]; rm -rf "$scratch"' sh "$library" "$own/parent"; }

begin killed
exec 3>killed.in
read -r left <killed.out
begin living
exec 4>living.in
read -r used <living.out
mkdir "$left/closed"
ln -s "$own/outside" "$left/closed/link"
chmod 000 "$left/closed"
mkdir parent/made.abcdef.kept parent/other.abcdef
ln -s "$own/outside" parent/made.linked

[ -d "$left" ] || fail 'the directory of a script that lives is gone'
kill -KILL "$killed"
wait "$killed" 2>/dev/null || :
run_next
[ ! -e "$left" ] || fail 'the directory of a killed script is there after the next one'
[ -d "$used" ] || fail 'the directory of a script that lives is gone'
[ -e outside/file ] && [ -L parent/made.linked ] && [ -d parent/made.abcdef.kept ] && [ -d parent/other.abcdef ] ||
    fail 'what is no directory of a script is gone'
exec 4>&-
wait "$living" || :
run_next
[ ! -e "$used" ] || fail 'the directory of a script that ended without removing it is there after the next one'
