#!/bin/sh
. "$(dirname "$0")/common.sh"

# The same however the tasks are cut into chunks, to the last digit.
"$program" 30 > expected
for num_chunks in 1 2 7 29 30 1000; do
    export QMR_NUM_CHUNKS=$num_chunks
    expect_output "$scratch/expected" 30
done
unset QMR_NUM_CHUNKS
(export QMR_CHUNK_SIZE=4; expect_output "$scratch/expected" 30)

# Pi is within four standard errors, which is true of this seed for ever.
awk '{ exit !($1 == "pi" && $5 > 0 && $5 < 0.001 && ($3 - 3.141593)^2 < (4 * $5)^2) }' expected ||
    fail "not an estimate of pi: $(cat expected)"
"$program" 30 2 > other_seed
! cmp -s expected other_seed || fail "another seed gives the same"

expect_usage 0
expect_usage -5
expect_usage 3x
expect_usage 1 2 3
expect_error 1
