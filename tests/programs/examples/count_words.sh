#!/bin/sh
# count_words.sh DIRECTORY...: prints what the example word_count prints, by other programs. Its files are in a
# directory below the current one for the time being.
set -eu
export LC_ALL=C
scratch=$(mktemp -d "$PWD/count.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
: > unread
: > files
: > words
find -H "$@" -type d ! -readable -exec sh -c 'for directory; do echo x >> unread; done' sh {} + 2> /dev/null || true
find -H "$@" -type f -exec sh -c '
    for file; do
        case $file in
            *.gz) gzip -dc 2> /dev/null < "$file" > text ;;
            *) cat 2> /dev/null < "$file" > text ;;
        esac 2> /dev/null || { echo x >> unread; continue; }
        wc -c < text >> files
        { cat text; echo; } | tr -cs "A-Za-z" "\n" >> words
    done' sh {} + 2> /dev/null || true
tr 'A-Z' 'a-z' < words | grep . | sort | uniq -c > counts || true
printf 'files    %s\nunread   %s\n' "$(wc -l < files)" "$(wc -l < unread)"
awk '{ bytes += $1 } END { printf "bytes    %d\n", bytes }' files
awk '{ words += $1 } END { printf "words    %d\ndistinct %d\n\n", words, NR }' counts
sort -k1,1nr -k2,2 counts | head -n 20 | awk '{ printf "%9d %s\n", $1, $2 }'
