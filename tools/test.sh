#!/usr/bin/env bash
# Run every test of a build folder and close with a line that people and programs read: "N passed, N failed, N skipped".
set -uo pipefail
build=$1 jobs=$2
log=$(mktemp)
trap 'rm -f "$log"' EXIT

ctest --test-dir "$build" --output-on-failure -j "$jobs" --no-tests=error | tee "$log"
status=${PIPESTATUS[0]}

count() { grep -cE "^ *[0-9]+/[0-9]+ Test +#[0-9]+: .*$1" "$log"; }
passed=$(count ' Passed ')
skipped=$(count '\*\*\*Skipped')
all=$(count '')
grep -h '^skipped: ' "$build/Testing/Temporary/LastTest.log" | sort -u # parts of tests, for want of others' vectors
echo "$passed passed, $((all - passed - skipped)) failed, $skipped skipped"
exit "$status"
