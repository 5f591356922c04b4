#!/bin/sh
. "$(dirname "$0")/common.sh"

# What factor(1) of the coreutils says, in the words of the example.
by_factor() {
    factor "$@" | awk '{
        sub(":", "", $1)
        if (NF == 2) { print $1 " is prime"; next }
        line = $1 " = " $2
        for (i = 3; i <= NF; ++i) line = line " * " $i
        print line
    }'
}

by_factor 112272535095295 100109100129100369 100109100129101027 100109100129100151 100109100129162907 > expected
expect_output "$scratch/expected"

# Around the border between factors that are found here and in tasks, squares and cubes of primes, and 2^64 - 1.
numbers='2 3 4 5 7 25 36 1009 1187 1193 1195 1199 1201 1205 1213 1423249 1432813 1437601 1442401 1732323601 1766649457
    999966000289 999999866000004473 4611686014132420609 4611686018427387904 18446744065119617025 18446744073709551615'
by_factor $numbers > expected
expect_output "$scratch/expected" $numbers

expect_usage 0
expect_usage 1
expect_usage 7 seven
expect_usage -7
expect_usage 18446744073709551616
expect_error
