#!/bin/sh
. "$(dirname "$0")/common.sh"

printf '1\n4\n9\n16\n25\n' > expected
expect_output "$scratch/expected"
