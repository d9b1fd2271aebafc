#!/usr/bin/env bash
# large_mail.sh [MIB]: a mail of that many MiB (48; `make large-mail` sends 3072) through a real host into a real enclave, which answers with
# its SHA-256. Nobody holds it: the peak memory of client and host, which holds the enclave, stays below 64 MiB. Altered in its last byte
# it is refused, and nothing of it took effect.
. "$(dirname "$0")/lib.sh"
mib=${1:-48}
size=$((mib * 1048576 + 12345)) # ends within a packet
limit_kib=65536

cp -R "$CONCLAVE_SOURCE/tests/guests/digest" digest
[ "$mib" -gt 100 ] || sed -i 's/"window": "1m"/"window": "256k"/' digest/enclave.json # the more pieces
run 0 conclave build digest -o digest.enclave
constraint="C:$(awk '$1 == "MRENCLAVE" { print $2 }' stdout) SEC:INSECURE"
start_host digest.enclave
for who in alice bob; do conclave keygen -o $who.key >/dev/null; done

# Without padding, so that the size is known.
to=(--url "$url" --constraint "$constraint" --topic large --padding none)
# body: the same bytes each time, made as they are needed.
body() { head -c "$size" <(openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null); }
# peak FILE COMMAND...: run it, and write down the most memory it had, in KiB.
peak() { python3 -c 'import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=open(sys.argv[1], "w"))
sys.exit(status)' "$@"; }
# with_altered_end: what comes in, with its last byte changed.
with_altered_end() { python3 -c 'import sys
held = b""
while piece := sys.stdin.buffer.read(65536):
    sys.stdout.buffer.write(held)
    held = piece
sys.stdout.buffer.write(held[:-1] + bytes([held[-1] ^ 1]))'; }

# An altered mail comes first: were anything of it kept, the reply to the next would not be the first. (Bob only carries it: commands with one
# key take turns.)
run 3 conclave mail post "${to[@]}" --key bob.key - < <(conclave mail seal "${to[@]}" --key alice.key -o - < <(body) | with_altered_end)
says "could not decrypt the mail"
for who in alice bob; do
	run 0 conclave mail poll "${to[@]}" --key $who.key
	[ ! -s stdout ] || fail "the enclave answered to an altered mail"
done

# What a host does not take, it refuses before it is sent.
truncate -s 1T huge
run 1 conclave mail send "${to[@]}" --key bob.key --file huge
says "takes no mail of this size"

began=$(date +%s%N)
status=0
body | tee >(sha256sum >sum) | peak mail.peak conclave mail send "${to[@]}" --key alice.key --json >stdout 2>stderr || status=$?
ms=$((($(date +%s%N) - began) / 1000000))
[ $status -eq 0 ] || fail "exit code $status"
wait_for sum
while [ ! -s sum ]; do :; done
prints "\"sequence\":0"
prints "\"body\":\"$(cut -d' ' -f1 sum) $size\\n\""

serve_kib=$(awk '/^VmHWM:/ { print $2 }' "/proc/$host/status")
mail_kib=$(cat mail.peak)
echo "mail of $size bytes: $((ms / 1000)).$((ms / 100 % 10)) s, $((size / 1000 / (ms > 0 ? ms : 1))) MB/s"
echo "peak memory: conclave mail $((mail_kib / 1024)) MiB, conclave serve with its enclave $((serve_kib / 1024)) MiB"
[ -z "$(sed -n 's/^CONCLAVE_SANITIZE:[A-Z]*=//p' "$CONCLAVE_BUILD/CMakeCache.txt")" ] || exit 0 # sanitizers take memory of their own
for kib in "$mail_kib" "$serve_kib"; do
	[ "$kib" -gt 0 ] && [ "$kib" -lt $limit_kib ] || fail "a process had $kib KiB of memory; less than $limit_kib is wanted"
done
