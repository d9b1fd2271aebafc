#!/usr/bin/env bash
# Fuzz every target of a build folder for some seconds each, from the committed corpus; a finding is kept and ends the run.
set -euo pipefail
build=$1 seconds=$2
for program in "$build"/fuzz/fuzz_*; do
	name=$(basename "$program" | sed 's/^fuzz_//')
	found=$build/fuzz/found/$name
	mkdir -p "$found"
	echo "fuzz: $name, $seconds s"
	"$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -artifact_prefix="$found/" -print_final_stats=0 \
		"$found" "tests/fuzz/corpus/$name" 2>"$found.log" || { tail -30 "$found.log"; exit 1; }
	grep -E '^#[0-9]+.*DONE' "$found.log" || true
done
echo "fuzz: clean"
