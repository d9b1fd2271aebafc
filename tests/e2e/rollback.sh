#!/bin/bash
# A mail that is declined, fails, or runs out of fuel leaves nothing in the guest's files, costs the
# others nothing, and its sender is told why.
. "$(dirname "$0")/lib.sh"
cp -R "$CONCLAVE_SOURCE/tests/guests/wasi" .
run 0 conclave build wasi
measurement=$(awk '$1 == "MRENCLAVE" { print $2 }' stdout)
conclave serve --listen 127.0.0.1:0 --port-file port wasi/build/wasi.enclave >log 2>&1 &
processes+=($!)
wait_for port
conclave keygen -o key >public

# send EXIT-CODE TOPIC BODY
send() {
	echo -n "$3" >body
	run "$1" conclave mail send --url "http://127.0.0.1:$(cat port)" --key key \
		--constraint "C:$measurement SEC:INSECURE" --topic "$2" --file body
}
answers() { [ "$(cat stdout)" = "$1" ] || fail "\"$(cat stdout)\" instead of \"$1\""; }

send 0 write a
answers 'a 1'
send 3 decline b
send 0 write c
answers 'ac 3' # the file does not know of b; the variable does
send 3 abort d
send 0 write e
answers 'ace 1' # the program started afresh
send 3 loop f
send 0 write g
answers 'aceg 1'
