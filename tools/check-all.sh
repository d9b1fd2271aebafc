#!/usr/bin/env bash
# The tests again under each sanitizer and the second compiler.
set -euo pipefail
jobs=$1
for preset in asan clang; do
	echo "== $preset"
	cmake --preset "$preset" >/dev/null
	cmake --build --preset "$preset"
	tools/test.sh "build/$preset" "$jobs"
done
echo "== msan: the pure code"
cmake --preset msan >/dev/null
cmake --build --preset msan --target msan_tests
ctest --test-dir build/msan --output-on-failure -j "$jobs" -L msan
