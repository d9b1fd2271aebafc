#!/usr/bin/env bash
# A host that is killed in the middle of a turn, and started again on the same data folder: mail that was accepted is
# delivered, replies that were not fetched are still there. And who else may use that folder.
. "$(dirname "$0")/lib.sh"

# size FILE: its bytes, 0 when it is not there.
size() { stat -c %s "$1" 2>/dev/null || echo 0; }

# Until the store's log has grown beyond SIZE: the host keeps a mail before the enclave sees it.
wait_for_growth() {
	for ((i = 0; i < 600; i++)); do
		[ "$(size data/mail.sqlite-wal)" -le "$1" ] || return 0
		sleep 0.05
	done
	fail "the host kept no mail"
}

mail() {
	local verb=$1 who=$2
	shift 2
	conclave mail "$verb" --url "$url" --key "$who.key" --constraint "$constraint" "$@"
}

# send_unanswered WHO TOPIC BODY: in the background, until the host has kept it.
send_unanswered() {
	local before
	# Its answer comes after all that earlier requests left to be written.
	conclave attestation "$url" >/dev/null
	before=$(size data/mail.sqlite-wal)
	echo "$3" | mail send "$1" --topic "$2" >"$1.out" 2>&1 &
	clients+=($!)
	wait_for_growth "$before"
}

cp -R "$CONCLAVE_SOURCE/tests/guests/echo" echo
run 0 conclave build echo -o echo.enclave
constraint="C:$(awk '$1 == "MRENCLAVE" { print $2 }' stdout) SEC:INSECURE"
for who in alice bob carol; do conclave keygen -o $who.key >/dev/null; done

# Alice gets the first of two replies, and leaves the second.
start_host echo.enclave --data data --budget-ms 0
echo hello >body
run 0 mail send alice --topic twice --file body
prints hello

# Bob's mail keeps the enclave busy for ever; Carol's waits behind it.
clients=()
send_unanswered bob spin round
send_unanswered carol default patience
kill -9 "$host"
wait "$host" 2>/dev/null || true
wait "${clients[@]}" || true

# Everything goes on by itself, except what would never end: that crashes twice and is set aside.
start_host echo.enclave --data data --budget-ms 300
run 0 mail poll carol --wait 60
prints patience
run 0 mail poll alice
prints hello
run 0 mail poll bob
[ ! -s stdout ] || fail "a reply to a mail that was set aside"
grep -q "set aside" log || fail "the log does not tell of the mail that was set aside"
run 0 mail poll alice
[ ! -s stdout ] || fail "the reply was delivered twice"
echo again >body
run 0 mail send alice --topic say --file body
prints again
grep -q 'guest: said: again' log || fail "the guest's console is not in the log"

# The same folder under a second host, and under another signer's enclave.
run 1 conclave serve echo.enclave --listen 127.0.0.1:0 --data data
says "another host uses this store"
XDG_CONFIG_HOME=$work/other run 0 conclave build echo -o other.enclave
kill -TERM "$host"
wait "$host" || fail "SIGTERM: exit code $?"
run 3 conclave serve other.enclave --listen 127.0.0.1:0 --data data
says "another enclave"

# A local call.
run 0 conclave run echo.enclave --text "there and back"
[ "$(cat stdout)" = "there and back" ] || fail "run answered $(cat stdout)"
run 2 conclave run
run 2 conclave serve echo.enclave --budget-ms soon
for option in --mail-max --spool-max --rate-min; do
	run 2 conclave serve echo.enclave $option 0
	run 2 conclave serve echo.enclave $option 8x
done
run 1 conclave serve echo.enclave --listen nowhere
says "127.0.0.1:8080"
run 1 conclave serve no-such.enclave
