#!/bin/sh
. "$(dirname "$0")/common.sh"

licences=/usr/share/common-licenses
if [ -d "$licences" ]; then
    sh "$here/count_words.sh" "$licences" > expected
    expect_output "$scratch/expected" "$licences"
fi

# What may lie about in a directory.
mkdir texts texts/empty 'texts/a name with spaces' texts/closed
newline='
'
printf 'Two words' > texts/unterminated
printf 'words on a line\nWORDS, wOrDs; x1y2 \303\244rger @[`{ don'\''t\r\n' > texts/plain
: > texts/empty_file
printf 'one' > "texts/first${newline}second"
printf 'two two' > 'texts/a name with spaces/ leading and trailing '
printf 'quote' > "texts/it's \"quoted\" \$HOME \\ *"
printf 'bytes' > "$(printf 'texts/not_utf8_\377')"
printf -- 'dash dash' > texts/-rf
head -c 100000 "$program" > texts/binary
# Longer than the blocks it is read in, words across their borders included.
awk 'BEGIN { for (i = 0; i < 30000; ++i) printf "word%s ", substr("abcdefghij", 1, i % 11) }' > texts/long
awk 'BEGIN { for (i = 0; i < 200000; ++i) printf "x" }' > texts/long_word
gzip -c texts/long > texts/long.gz
gzip -c texts/empty_file > texts/nothing.gz
{ gzip -c texts/plain; gzip -c texts/unterminated; } > texts/two_members.gz
gzip -c texts/plain > texts/no_suffix
printf 'secret' > texts/unreadable
printf 'secret' > texts/closed/file
ln -s . texts/loop
ln -s ../texts/plain texts/link
ln -s nowhere texts/dangling
mkfifo texts/fifo
sh "$here/count_words.sh" "$PWD/texts" > expected
expect_output "$scratch/expected" "$PWD/texts"

# expect_complaints NUM: so many paths can not be read; all others are counted.
expect_complaints() {
    sh "$here/count_words.sh" "$PWD/texts" > expected
    grep -q "^unread   $1\$" expected || fail "expected is wrong: $(cat expected)"
    exit_code=0
    "$program" "$PWD/texts" > stdout 2> stderr || exit_code=$?
    diff expected stdout || fail 'stdout, with some files unread'
    [ "$exit_code" -eq 1 ] || fail "exit code $exit_code, not 1, with some files unread"
    [ "$(grep -c '^word_count: cannot read "' stderr)" -eq "$1" ] || fail "not one complaint each: $(cat stderr)"
}

size=$(wc -c < texts/long.gz)
head -c $((size / 2)) texts/long.gz > texts/cut_off.gz
head -c $((size - 1)) texts/long.gz > texts/cut_off_at_the_end.gz
{ head -c $((size - 8)) texts/long.gz; printf 'xxxx'; tail -c 4 texts/long.gz; } > texts/wrong_checksum.gz
cp texts/plain texts/plain.gz
cp texts/empty_file texts/empty_file.gz
expect_complaints 5
grep -F "cannot read \"$PWD/texts/cut_off.gz\": " stderr | grep -q 'gzip' || fail "no reason: $(cat stderr)"

if [ "$(id -u)" -ne 0 ]; then  # root may read everything
    chmod 000 texts/unreadable texts/closed
    expect_complaints 7
    grep -Fq "cannot read \"$PWD/texts/unreadable\": " stderr || fail "not told: $(cat stderr)"
    grep -Fq "cannot read \"$PWD/texts/closed\": Permission denied" stderr || fail "not told: $(cat stderr)"
fi

expect_usage
expect_usage --help
mkdir single
printf word > single/file
expect_error "$PWD/single"
