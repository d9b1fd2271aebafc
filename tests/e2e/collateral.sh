#!/bin/bash
# conclave attestation refresh: against a service that plays Intel's, and against none.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME
server=$CONCLAVE_BUILD/tests/collateral_server

mkdir served
"$server" served >requests &
processes+=($!)
service=$!
wait_for served/url
url=$(cat served/url)
refresh="conclave attestation refresh --pcs-url $url"

# An attestation, its collateral renewed; then nothing is due.
run 0 $refresh --cache cache -o fresh served/info
for item in pck-crl-platform root-crl sgx-tcb-info-00c0ffee0000 sgx-qe-identity; do
	prints "renewed  simulation-$item"
	[ -s "cache/simulation-$item" ] || fail "$item is not in the cache"
done
run 0 conclave attestation fresh
prints "  - Mode: SIMULATION"
run 0 $refresh --cache cache -o again served/info
prints "fresh    simulation-sgx-tcb-info-00c0ffee0000"
prints "issued 2025-01-01T00:00:00Z, valid until 20"
cmp fresh again || fail "the same collateral makes other evidence"
[ "$(wc -l <requests)" -eq 4 ] || fail "asked $(wc -l <requests) times, not 4"

# The evidence is the same but for its collateral: keys and quote come first.
size=$((3 + 4 + 44 + 4 + 32 + 1 + 4 + $(stat -c %s served/quote)))
cmp <(head -c $size served/info | tail -c +97) <(head -c $size fresh | tail -c +97) || fail "the quote was changed"

# An attestation of another form, whose quote came alone: nobody can verify it until it has been refreshed.
u32() { printf "\\x$(printf '%08x' "$1" | sed 's/../&\\x/g; s/\\x$//')"; }
size=$(stat -c %s served/quote)
{ head -c 87 served/info; printf '\x10'; u32 $((4 + size + 32)); u32 "$size"; cat served/quote; head -c 32 /dev/zero; } >bare
run 1 conclave verify bare
says "it is missing; ask its host for one that has it, or complete it with 'conclave attestation refresh -o'"
run 1 conclave verify --json bare
prints "complete it with"
run 0 $refresh --cache cache -o whole bare
run 4 conclave verify whole
prints "an EnclaveInstanceInfo"
run 3 conclave attestation whole
says "'conclave verify' judges it"

# JSON, standard input, the cache in its place.
run 0 $refresh --json - <served/info
prints '"name": "simulation-root-crl"'
prints '"state": "renewed"'
prints '"complete": true'
[ -s .cache/conclave/collateral/simulation-root-crl ] || fail "nothing below ~/.cache"
XDG_CACHE_HOME=$work/xdg run 0 $refresh served/info
[ -s xdg/conclave/collateral/simulation-root-crl ] || fail "nothing below XDG_CACHE_HOME"

# A quote: a folder of what it is judged by.
run 0 $refresh --cache cache -o parts served/quote
for part in pck_crl.der pck_crl_chain.pem root_ca_crl.der tcb_info.json tcb_info_chain.pem qe_identity.json qe_identity_chain.pem; do
	[ -s parts/$part ] || fail "no $part"
done
run 4 conclave verify --collateral parts served/quote
grep -q '^{"tcbInfo":' parts/tcb_info.json || fail "the TCB info is not as it was signed"

# The whole cache; an empty one.
run 0 $refresh --cache cache
prints "fresh    simulation-root-crl"
run 0 $refresh --cache empty
[ ! -s stdout ] || fail "an empty cache has items"

# Two at once ask once.
: >requests
$refresh --cache both served/info >/dev/null &
other=$!
run 0 $refresh --cache both served/info
wait $other || fail "one of two failed"
# The server writes a request down when it has answered it.
for ((i = 0; i < 100; i++)); do [ "$(wc -l <requests)" -lt 4 ] || break; sleep 0.02; done
[ "$(wc -l <requests)" -eq 4 ] || fail "two asked $(wc -l <requests) times, not 4"

# Evidence that is refused, and what is none.
cp served/info altered
printf '\x01' | dd of=altered bs=1 seek=300 conv=notrunc status=none
run 3 $refresh --cache cache -o refused altered
says "the signature of the quote"
run 3 $refresh --cache cache --json altered
prints '"complete": false'
[ ! -e refused ] || fail "refused evidence was written"
# What follows a report is the table of certificates that hypervisors hand out with it.
{ printf '\x05'; head -c 51 /dev/zero; printf '\x01'; head -c 1131 /dev/zero; } >report
{ cat report; head -c 24 /dev/zero; } >report_and_table
for file in report report_and_table; do
	run 1 $refresh --cache cache $file
	says "the report does not say whose collateral it needs"
done
# Of version 2, which does not say its product; a quote that names its platform by its PPID.
printf '\x02' | dd of=report conv=notrunc status=none
printf '\x02' | dd of=report bs=1 seek=10 conv=notrunc status=none
run 1 $refresh --cache cache report
says "name it: Milan, Genoa or Turin"
auth=$(od -An -tu2 -j1012 -N2 served/quote)
cp served/quote ppid
printf '\x03' | dd of=ppid bs=1 seek=$((1014 + auth)) conv=notrunc status=none
run 1 $refresh --cache cache ppid
says "it has no certificate chain"
printf '\xd2\x84\x44\xa1\x01\x38\x22' >document
run 1 $refresh --cache cache document
says "an AWS Nitro attestation document has with it all that it takes to verify it: there is nothing to refresh"
head -c 1184 /dev/zero >zeros
for file in "$CONCLAVE_SOURCE/README.md" zeros /dev/null; do
	run 1 $refresh --cache cache "$file"
	says "$file: no evidence of any kind that is known"
done
run 1 $refresh --cache cache nowhere
says "nowhere"
run 1 $refresh --cache cache "$CONCLAVE_SOURCE/tests/fuzz/corpus/instance_info/r3_mock"
says "no quote"

# Nobody there: what is cached does, what is not is missing.
kill $service
wait $service 2>/dev/null || true
run 0 $refresh --cache cache -o outage served/info
cmp fresh outage
printf x >cache/simulation-root-crl
run 1 $refresh --cache cache -o missing served/info
prints "missing  simulation-root-crl"
says "is the service there?"
[ ! -e missing ] || fail "incomplete evidence was written"

# No vendor serves simulated platforms.
run 1 conclave attestation refresh --cache vendor served/info
says "no vendor serves it"

# Usage.
run 2 conclave attestation refresh --pcs-url nonsense served/info
says "nonsense"
run 2 conclave attestation refresh --product Rome served/info
run 2 conclave attestation refresh -o out
run 2 conclave attestation refresh a b
run 2 conclave attestation refresh --sideways
