#!/bin/sh
# begin.sh PROGRAMS CALLS: forgets what was noted before, and makes sure that a call of each program would be.
set -eu
for program in "$1"/*; do
    name=${program##*/}
    rm -f "$2"
    if (PATH=$1:$PATH && exec "$name" 2>/dev/null) || ! grep -q "^$program " "$2"; then
        echo "a call of $program is not noted in $2" >&2
        exit 1
    fi
done
rm "$2"
