#!/usr/bin/env bash
# Run the benchmarks of a build folder, all or those named: one JSON line per figure on standard output.
set -euo pipefail
build=$1
shift
export CONCLAVE_BUILD=$PWD/$build CONCLAVE_SOURCE=$PWD
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
	for program in "$build"/bench/bench_*; do
		names+=("$(basename "$program" | sed 's/^bench_//')")
	done
fi
for name in "${names[@]}"; do
	program=$build/bench/bench_$name
	[ -x "$program" ] || { echo "bench: there is no benchmark \"$name\" in $build/bench" >&2; exit 2; }
	"$program"
done
