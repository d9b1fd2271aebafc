#!/bin/bash
# conclave attestation on files and standard input: words, JSON, constraints, times, refusals.
. "$(dirname "$0")/lib.sh"
conclave help attestation >/dev/null 2>&1 || skip "this build has no verb attestation"
corpus=$CONCLAVE_SOURCE/tests/fuzz/corpus/instance_info
simulation=$corpus/simulation mock=$corpus/r3_mock
at='--at 2027-01-15T08:00:00Z'

# Words.
run 0 conclave attestation $at "$simulation"
prints "Remote attestation for enclave 1111111111111111111111111111111111111111111111111111111111111111:"
prints "  - Mode: SIMULATION"
prints "Assessed security level at 2025-01-01T00:00:00Z is INSECURE"
run 0 conclave attestation "$mock"
prints "Assessed security level at 2026-11-21T01:44:52.168563772Z is INSECURE"
prints "  - Enclave is running in mock mode."

# Standard input, seconds, JSON, a copy.
run 0 conclave attestation --at 1800000000 --json --save copy - <"$simulation"
prints '"mode": "SIMULATION"'
prints '"tcb_status": "UpToDate"'
prints '"valid_until": "2030-01-01T00:00:00Z"'
cmp copy "$simulation" || fail "the copy differs"

# A host, and one that is not there.
start_fake_host
run 0 conclave attestation -c "$fake_constraint" --save evidence "$url"
prints "The enclave meets the constraint."
run 0 conclave attestation evidence
prints "  - Enclave is running in simulation mode."
run 1 conclave attestation http://127.0.0.1:1
says "http://127.0.0.1:1"

# Constraints.
signer=S:$(printf '22%.0s' {1..32})
run 0 conclave attestation $at -c "$signer PROD:7 SEC:INSECURE" "$simulation"
prints "The enclave meets the constraint."
run 3 conclave attestation $at -c "$signer PROD:7" "$simulation"
says "Enclave has a security level of INSECURE which is lower than the required level of STALE."
run 3 conclave attestation $at -c "$signer PROD:8 SEC:INSECURE" "$simulation"
says "Enclave has a product ID of 7 which does not match the criteria of 8."
run 2 conclave attestation $at -c "$signer" "$simulation"
says "A product ID must be provided with a code signer."

# Another time, altered, cut, something else, nothing.
run 3 conclave attestation --at 2031-01-01T00:00:00Z "$simulation"
says "genuine but not valid at this time"
run 3 conclave attestation --at 2024-12-31T23:59:59Z "$simulation"
says "genuine but not valid at this time"
cp "$simulation" altered
printf '\x01' | dd of=altered bs=1 seek=300 conv=notrunc status=none
run 3 conclave attestation $at altered
says "the signature of the quote"
head -c 5000 "$simulation" >cut
run 3 conclave attestation $at cut
run 3 conclave attestation $at "$CONCLAVE_SOURCE/README.md"
run 1 conclave attestation nowhere
says "nowhere"

# Usage.
run 2 conclave attestation
run 2 conclave attestation --at yesterday "$simulation"
says "2026-01-31T12:00:00Z"
run 2 conclave attestation --sideways "$simulation"
run 2 conclave attestation a b
