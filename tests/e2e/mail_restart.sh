#!/usr/bin/env bash
# A host that is stopped and started again: the enclave keeps its key, and clients go on where they were. On another machine (another root
# key) it is another enclave to them, and they say so.
. "$(dirname "$0")/lib.sh"
run 0 conclave init my-enclave
run 0 conclave build my-enclave
constraint="C:$(sed -n 's/^MRENCLAVE *//p' stdout) SEC:INSECURE"
image=my-enclave/build/my-enclave.enclave
conclave keygen >/dev/null

greet() { run "$1" conclave mail send --url "$url" --key conclave.key --constraint "$constraint" --topic hello --json <<<Ada; }
stop_host() { kill -TERM "$host" && wait "$host" || fail "conclave serve ended with $?"; }

start_host "$image" --state here
greet 0
greet 0
prints '"sequence":1'
conclave attestation "$url" --json >before.json
stop_host

start_host "$image" --state here
greet 0
! grep -q "new key" stderr || fail "the enclave has another key after a restart"
prints "Ada"
conclave attestation "$url" --json >after.json
key() { python3 -c 'import json, sys; print([value for name, value in json.load(open(sys.argv[1])).items() if "encryption" in name])' "$1"; }
[ "$(key before.json)" = "$(key after.json)" ] && [ "$(key after.json)" != "[]" ] || fail "the encryption key changed: $(key before.json) $(key after.json)"
stop_host

start_host "$image" --state elsewhere --data elsewhere.data
greet 0
says "note: the enclave has a new key"
prints '"sequence":0'
