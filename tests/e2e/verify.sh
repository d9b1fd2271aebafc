#!/bin/bash
# conclave verify: evidence of every kind, from files, standard input and hosts; policies, constraints, times, nonces; all exit codes.
. "$(dirname "$0")/lib.sh"
corpus=$CONCLAVE_SOURCE/tests/fuzz/corpus/instance_info
simulation=$corpus/simulation mock=$corpus/r3_mock
at='--at 2027-01-15T08:00:00Z'
code=$(printf '11%.0s' {1..32}) signer=$(printf '22%.0s' {1..32})

# Without a policy: genuine, but whether it is wanted nobody has said.
run 4 conclave verify $at "$simulation"
prints "verdict                  not appraised"
prints "genuine, but no policy says whether it is what you want"
prints "  mrenclave              $code"
prints "Conclave Simulation SGX Root CA: its keys are public"
run 4 conclave verify --json $at - <"$simulation"
prints '"platform": "sgx"'
prints '"mode": "simulation"'
prints '"level": "INSECURE"'
prints '"until": "2030-01-01T00:00:00Z"'

# Constraints.
run 0 conclave verify $at -c "S:$signer PROD:7 SEC:INSECURE" "$simulation"
prints "verdict                  accepted"
run 3 conclave verify $at -c "S:$signer PROD:7" "$simulation"
prints "verdict                  refused"
prints "  seen                   simulation"
run 3 conclave verify $at -c "S:$signer PROD:8 SEC:INSECURE" "$simulation"
prints "sgx.product_id"
run 2 conclave verify $at -c "S:$signer" "$simulation"
says "A product ID must be provided with a code signer."

# Policies.
policy() { echo "{\"version\": 1, $*}" >policy.json; }
accept="\"sgx\": {\"accept\": [{\"mrenclave\": \"$code\"}]"
policy "\"mode\": \"simulation\", $accept}"
run 0 conclave verify $at --policy policy.json "$simulation"
prints "policy                   policy.json"
policy "$accept}"
run 3 conclave verify $at --policy policy.json "$simulation"
prints "  field                  mode"
prints "the operator must run it in release mode, on hardware"
policy "\"mode\": \"simulation\", $accept, \"min_tcb_evaluation_number\": 2}"
run 3 conclave verify $at --json --policy policy.json "$simulation"
prints '"verdict": "refused"'
prints '"grade": "refusal"'
prints '"field": "sgx.min_tcb_evaluation_number"'
prints '"seen": "1"'
prints '"wanted": "at least 2"'
policy "\"mode\": \"simulation\", \"sgx\": {\"accept\": [{\"mrenclave\": \"${code/1/2}\"}]}"
run 3 conclave verify $at --policy policy.json "$simulation"
prints "sgx.accept[0].mrenclave"
policy "\"mode\": \"simulation\", \"snp\": {\"accept\": [{\"measurement\": \"$code${code:32}\"}]}"
run 3 conclave verify $at --policy policy.json "$simulation"
prints "evidence of this platform"

# Nonces: nobody puts one where the keys are bound.
policy "\"mode\": \"simulation\", \"nonce_required\": true, $accept}"
run 3 conclave verify $at --policy policy.json "$simulation"
prints "no nonce was asked for"
run 3 conclave verify $at --policy policy.json --nonce 0123 "$simulation"
prints "this evidence answers another question"
run 2 conclave verify $at --nonce 0123 "$simulation"
says "give one"
for nonce in '' 0 zz; do run 2 conclave verify $at -p policy.json --nonce "$nonce" "$simulation"; done

# Wrong policies say where.
policy "\"mode\": \"simulation\", \"sgx\": {\"accept\": [{\"mrenclav\": \"$code\"}]}"
run 1 conclave verify $at --policy policy.json "$simulation"
says 'policy.json: the policy is wrong at sgx.accept[0]: there is no member "mrenclav"'
policy '"sgx": {"accept": []}'
run 1 conclave verify $at --policy policy.json "$simulation"
says "an empty list accepts nothing"
run 1 conclave verify $at --policy nowhere.json "$simulation"
says "nowhere.json"

# Nothing but ASCII reaches a terminal, in JSON neither: U+009B begins an escape sequence on some.
odd=$(printf 'odd\xc2\x9b2J.json')
policy "\"mode\": \"simulation\", $accept}"
mv policy.json "$odd"
run 0 conclave verify --json $at --policy "$odd" "$simulation"
prints 'odd\u009B2J.json'

# Another time, and a clock that may be wrong.
run 3 conclave verify --at 2030-01-01T00:00:01Z "$simulation"
says "genuine, but not valid at 2030-01-01T00:00:01Z: the PCK certificate chain has expired or is not valid yet"
run 3 conclave verify --json --at 2024-12-31T23:59:59Z "$simulation"
prints '"genuine": true'
policy "\"mode\": \"simulation\", \"skew_seconds\": 7200, $accept}"
run 4 conclave verify --at 2030-01-01T02:00:00Z --policy policy.json "$simulation"
prints "accepted with advisories"
prints "skew_seconds"
run 3 conclave verify --at 2030-01-01T02:00:01Z --policy policy.json "$simulation"

run 1 conclave verify --at made "$simulation"
says "an EnclaveInstanceInfo does not say when it was made"

# What nobody signed.
run 4 conclave verify "$mock"
prints "nobody"
run 3 conclave verify -c "C:$code SEC:INSECURE" "$mock"

# Altered, cut, something else, nothing.
cp "$simulation" altered
printf '\x01' | dd of=altered bs=1 seek=300 conv=notrunc status=none
run 3 conclave verify $at altered
says "refused at the signature of the quote: a signature does not verify; it was altered, or its parts are of different machines"
run 3 conclave verify --json $at altered
prints '"cure": "it was altered'
head -c 5000 "$simulation" >cut
run 3 conclave verify $at cut
run 1 conclave verify "$CONCLAVE_SOURCE/README.md"
says "no evidence of any kind that is known"
: >empty
run 1 conclave verify empty
says "empty: no evidence of any kind that is known: it is empty"
# Of the kind that Intel has ended.
{ head -c 87 "$simulation"; printf '\0\0\0\0\0'; } >epid
run 3 conclave verify epid
says "it is of a kind that cannot be verified here"
run 1 conclave verify nowhere
says "nowhere"
run 1 conclave verify --collateral nowhere "$simulation"
says "no folder at 'nowhere'"

# Hosts: this one has nothing but unsigned evidence.
start_fake_host
run 4 conclave verify -c "$fake_constraint" "$url"
run 4 conclave verify -c "$fake_constraint" "$url/"
run 4 conclave verify -c "$fake_constraint" "$url/attestation"
run 1 conclave verify "$url/nothing"
says "status 404"
run 1 conclave verify http://127.0.0.1:1
says "http://127.0.0.1:1"
run 1 conclave verify 'http://'
says "no URL"

# Usage.
run 2 conclave verify
run 2 conclave verify a b
run 2 conclave verify --sideways a
run 2 conclave verify --at yesterday a
run 2 conclave verify -c "C:$code" -p policy.json a
says "not both"
