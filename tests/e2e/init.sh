#!/bin/bash
# A new project builds, passes its own test, runs, and answers its client: what the tutorial says.
. "$(dirname "$0")/lib.sh"
run 0 conclave init my-enclave
cd my-enclave
run 0 make -s test
run 0 make -s
run 0 conclave run --text ping build/my-enclave.enclave
[ "$(cat stdout)" = ping ] || fail "the guest answered: $(cat stdout)"
measurement=$(conclave build . | awk '$1 == "MRENCLAVE" { print $2 }')
conclave serve --listen 127.0.0.1:0 --port-file port build/my-enclave.enclave >log 2>&1 &
processes+=($!)
wait_for port
url=http://127.0.0.1:$(cat port)
run 0 client/hello.sh "C:$measurement SEC:INSECURE" Ada "$url"
prints 'Hello, Ada! You are number 1.'
run 0 client/hello.sh "C:$measurement SEC:INSECURE" Bob "$url"
prints 'Hello, Bob! You are number 2.'
# An enclave that is not the one asked for gets nothing.
KEY=build/other.key run 3 client/hello.sh "C:${measurement//[0-9]/0} SEC:INSECURE" Eve "$url"

# Installed in a folder with a space in its name, and used in another.
mkdir "$work/in stalled" "$work/a project"
cp -R "$CONCLAVE_BUILD/bin" "$CONCLAVE_BUILD/share" "$work/in stalled/"
cd "$work/a project"
PATH="$work/in stalled/bin:$PATH"
run 0 conclave init spaced
run 0 make -s -C spaced test
run 0 make -s -C spaced
