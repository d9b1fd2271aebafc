#!/usr/bin/env bash
# Layout, spelling of the rules, and three static analysers. Clean means no output but the last line.
set -uo pipefail
build=$1
status=0
fail() { echo "lint: $*"; status=1; }

sources=$(git ls-files 'src/*.c' 'src/*.h' 'include/*.h' 'guest/*.c' 'guest/*.h' 'tests/*.c' 'tests/*.h' 'bench/*.c' 'bench/*.h' 'examples/*.c')
clang-format-14 --dry-run -Werror $sources 2>&1 | grep 'error:' | cut -d: -f1 | sort -u | while read -r file; do
	echo "lint: $file: not formatted (make format)"
done | tee /tmp/lint.$$ ; [ -s /tmp/lint.$$ ] && status=1; rm -f /tmp/lint.$$

# Trusted code allocates nothing, prints nothing, and calls no operating system.
grep -nE '\b(malloc|calloc|realloc|free|printf|fprintf|fopen|getenv|time|memcmp)\(' \
	$(git ls-files 'src/enclave/*.c' 'src/mail/*.c' 'src/sgx/*.c' 'src/attest/*.c' 'src/base/*.c' | grep -v -e attest/words -e enclave/support) |
	grep -v 'lint: public' | grep -v 'base/bytes' && fail "trusted code calls what it must not"
# Host memory is named only in boundary.c.
grep -nE '\*\)\(?uintptr_t' $(git ls-files 'src/enclave/*.c' | grep -v -e boundary.c) && fail "a host address becomes a pointer outside boundary.c"

cppcheck --quiet --enable=warning,portability --inline-suppr --suppress=missingInclude --suppress=normalCheckLevelMaxBranches \
	--error-exitcode=1 --std=c11 -Isrc -Iinclude src guest/guest.c || fail "cppcheck"
run-clang-tidy-14 -quiet -p "$build" "$PWD/src/.*\.c$" 2>/dev/null | grep -E 'warning:|error:' && fail "clang-tidy"

[ $status -eq 0 ] && echo "lint: clean"
exit $status
