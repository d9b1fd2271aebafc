#!/usr/bin/env bash
# The tests again under ASan and UBSan and with the second compiler; then the trusted code's tests under valgrind, which also sees what the
# uninstrumented crypto libraries read.
set -euo pipefail
jobs=$1
for preset in asan clang; do
	echo "== $preset"
	cmake --preset "$preset" >/dev/null
	cmake --build --preset "$preset"
	tools/test.sh "build/$preset" "$jobs"
done

cmake --preset dev >/dev/null
cmake --build --preset dev
echo "== constant time: both compilers, -O1 to -O3"
ctest --test-dir build/dev -C slow -R ct/mail_compilers --output-on-failure

echo "== valgrind: the trusted code"
export CONCLAVE_SOURCE=$PWD CONCLAVE_BUILD=$PWD/build/dev
for name in $(sed 's/#.*//' tests/valgrind.txt); do
	valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite "build/dev/tests/test_$name" >/dev/null 2>build/valgrind.log ||
		{ cat build/valgrind.log; echo "check-all: $name fails under valgrind"; exit 1; }
	echo "valgrind: $name clean"
done
