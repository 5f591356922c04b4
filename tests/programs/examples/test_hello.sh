#!/bin/sh
. "$(dirname "$0")/common.sh"

printf '1\n4\n9\n16\n25\n' > expected
expect_output "$scratch/expected"
expect_error

# The README opens with this program and this output.
readme=$here/../../../README.md
source=$here/../../../examples/010-hello/hello.cpp
awk '/^```cpp$/ {is_code = 1; next} /^```$/ && is_code {exit} is_code' "$readme" | diff "$source" - ||
    fail 'the first program of the README is not examples/010-hello'
awk '/^```$/ {n++; next} n == 2 && !/^(qmr:|\$)/' "$readme" | diff "$scratch/expected" - ||
    fail 'the first output of the README is not that of examples/010-hello'
