#!/bin/sh
# test_demo.sh SOURCE_DIRECTORY BUILD_DIRECTORY: scripts/demo does what it says it does, with programs that are built
# already. That it calls no batch system is seen as for each test.
set -eu
. "$1/scripts/scratch.sh"
make_scratch "$PWD" demo_test
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir -p scripts build programs temporary
cp "$1/scripts/demo" "$1/scripts/scratch.sh" scripts
ln -s "$2" build/release
for program in scripts/setup programs/cmake; do
    printf '#!/bin/sh\n' >"$program"
    chmod 755 "$program"
done

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    cat stdout stderr >&2
    exit 1
}

# A person's own options are not for it.
QMR_BATCH_SYSTEM=slurm TMPDIR=$PWD/temporary PATH=$PWD/programs:$PATH scripts/demo >stdout 2>stderr ||
    fail "exit code $?"
[ "$(tail -n 1 stdout)" = '== Done' ] || fail 'it does not come to its end'
[ "$(grep -c '^25$' stdout)" -eq 2 ] || fail 'the squares are not told twice'
grep -q '^distinct ' stdout || fail 'no words are counted'
[ "$(grep -c '^qmr: .* tasks in .*; local cores: ' stderr)" -eq 2 ] || fail 'the local cores are not taken by their name'
[ "$(grep -c '^qmr: .*; sge by .*/dummy_qsub' stderr)" -eq 1 ] || fail 'the dummy queue is not taken by its name'
grep -q '^num_starts: [1-9]' stdout || fail 'the dummy queue has run nothing'
[ -z "$(ls -A temporary)" ] || fail "left behind: $(ls -A temporary)"
