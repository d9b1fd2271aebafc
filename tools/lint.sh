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

# Trusted code allocates nothing, prints nothing, and calls no operating system; where keys are about, it does not call memcmp.
pure=$(git ls-files 'src/enclave/*.c' 'src/mail/*.c' 'src/sgx/*.c' 'src/attest/*.c' 'src/base/bytes.c' 'src/base/hex.c' | grep -v attest/words)
grep -nE '\b(malloc|calloc|realloc|free|printf|snprintf|fprintf|fopen|getenv|time)\(' $pure && fail "trusted code calls what it must not"
grep -nE '\bmemcmp\(' $(git ls-files 'src/enclave/*.c' 'src/mail/*.c' 'src/crypto/*.c' 'src/sgx/*.c' | grep -v enclave/support) &&
	fail "memcmp where keys are about: use ct_equal, or bytes_equal for what is public"
# Host memory is named only in boundary.c.
grep -nE '\*\)\(?uintptr_t' $(git ls-files 'src/enclave/*.c' | grep -v -e boundary.c) && fail "a host address becomes a pointer outside boundary.c"

# Not what cleanup attributes, out-parameters and linker symbols make it believe.
cppcheck --quiet --enable=warning,portability --inline-suppr --suppress=missingInclude --suppress=normalCheckLevelMaxBranches \
	--suppress=legacyUninitvar --suppress=ctuuninitvar --suppress=comparePointers --suppress=memleak \
	--error-exitcode=1 --std=c11 -Isrc -Iinclude src guest/guest.c || fail "cppcheck"
# clang does not know gcc's hardening flags of the trusted build.
tidy=$(mktemp -d)
trap 'rm -rf "$tidy"' EXIT
sed 's/-fzero-call-used-regs=[a-z-]*//g; s/-ftrivial-auto-var-init=[a-z]*//g' "$build/compile_commands.json" >"$tidy/compile_commands.json"
run-clang-tidy-14 -quiet -p "$tidy" "$PWD/src/.*\.c$" 2>/dev/null | grep -E 'warning:|error:' && fail "clang-tidy"

[ $status -eq 0 ] && echo "lint: clean"
exit $status
