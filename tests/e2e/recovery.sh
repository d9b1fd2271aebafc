#!/usr/bin/env bash
# A TCB recovery, rehearsed on the soft machine under a host that runs: what the vendor publishes shows in the next attestation, and
# the platform is good again when its owner has updated it. And every other status, and the evidence that is refused.
. "$(dirname "$0")/lib.sh"
run 0 conclave init my-enclave
run 0 conclave build my-enclave
image=my-enclave/build/my-enclave.enclave
export CONCLAVE_STATE=$work/machine
start_host "$image"

# attest_again: what the host serves from now on was attested after this.
attest_again() {
	local before
	before=$(grep -c "attested again" log || true)
	kill -USR1 "$host"
	for ((i = 0; i < 100; i++)); do
		[ "$(grep -c "attested again" log || true)" -eq "$before" ] || return 0
		sleep 0.05
	done
	fail "the host did not attest again: $(tail -3 log)"
}

# expect NAME STATUS [ADVISORY]: as `conclave attestation` sees that scenario.
expect() {
	run 0 conclave simulation scenario "$1"
	attest_again
	run 0 conclave attestation --json "$url"
	prints "\"tcb_status\": \"$2\""
	prints '"security": "INSECURE"'
	if [ $# -gt 2 ]; then prints "$3"; else prints '"advisories": []'; fi
	run 0 conclave attestation "$url"
	prints "The simulated TCB status is $2."
	[ $# -le 2 ] || prints "Advisory IDs $3."
}

# refused NAME TEXT
refused() {
	run 0 conclave simulation scenario "$1"
	attest_again
	run 3 conclave attestation "$url"
	says "$2"
}

run 0 conclave simulation
prints "* up-to-date "
prints "security version 2 of 3"
expect sw-hardening-needed SWHardeningNeeded SIM-SA-00001
expect configuration-needed ConfigurationNeeded SIM-SA-00002
expect configuration-and-sw-hardening-needed ConfigurationAndSWHardeningNeeded SIM-SA-00003
expect out-of-date OutOfDate SIM-SA-00004
expect out-of-date-configuration-needed OutOfDateConfigurationNeeded SIM-SA-00005
expect revoked Revoked SIM-SA-00006
expect qe-out-of-date OutOfDate SIM-SA-00007
refused revoked-pck "revoked"
refused stale "not valid at this time"
expect up-to-date UpToDate

# The recovery itself. A client that was told keeps writing: an updated processor has other keys, and the client says so.
constraint="S:$(conclave attestation --json "$url" | sed -n 's/.*"code_signer": "\(.*\)".*/\1/p') PROD:1 SEC:INSECURE"
conclave keygen >/dev/null
greet() { run 0 conclave mail send --url "$url" --key conclave.key --constraint "$constraint" --topic hello <<<Ada; }
greet
expect out-of-date OutOfDate SIM-SA-00004
greet
kill -TERM "$host" && wait "$host" || fail "conclave serve ended with $?"
run 0 conclave simulation svn 3
start_host "$image"
run 0 conclave attestation --json "$url"
prints '"tcb_status": "UpToDate"'
prints '"cpusvn": "03030303030303030303030303030303"'
greet
says "note: the enclave has a new key"
run 0 conclave simulation scenario revoked-pck
attest_again
run 0 conclave attestation "$url" # the updated platform has another certificate
kill -TERM "$host" && wait "$host" || fail "conclave serve ended with $?"

# A platform that went back is what the first recovery left behind.
run 0 conclave simulation svn 1
run 0 conclave simulation scenario up-to-date
start_host "$image"
run 0 conclave attestation --json "$url"
prints '"tcb_status": "OutOfDate"'

# What people get wrong.
run 1 conclave simulation scenario tomorrow
says "there is no scenario 'tomorrow'"
run 2 conclave simulation svn 0
run 2 conclave simulation svn
run 2 conclave simulation --state
run 2 conclave simulation whatever
echo nonsense >"$CONCLAVE_STATE/collateral"
run 1 conclave simulation
says "collateral holds 'nonsense', which is no scenario"
kill -USR1 "$host"
for ((i = 0; i < 100; i++)); do ! grep -q "could not be attested again" log || break; sleep 0.05; done
grep -q "could not be attested again" log || fail "a scenario that does not exist went unnoticed"
run 0 conclave attestation "$url" # the attestation before still stands
