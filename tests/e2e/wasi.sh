#!/bin/bash
# wasi-libc's view of the runtime, in a real image: files, directories, arguments, clock, console.
. "$(dirname "$0")/lib.sh"
cp -R "$CONCLAVE_SOURCE/tests/guests/wasi" .
run 0 conclave build wasi
for check in stdio descriptors directories many environment full; do
	run 0 conclave run --text "$check" wasi/build/wasi.enclave
	[ "$(cat stdout)" = ok ] || fail "$check: $(cat stdout)"
	[ "$check" != stdio ] || { says 'printed 42'; says 'to standard error'; }
done
run 3 conclave run --text 'no such check' wasi/build/wasi.enclave
