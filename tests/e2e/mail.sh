#!/usr/bin/env bash
# conclave mail: send, poll, seal, post; the state between commands; each class of error.
. "$(dirname "$0")/lib.sh"
start_fake_host
other_constraint=C:$(printf '33%.0s' {1..32})

conclave keygen -o alice.key >/dev/null
conclave keygen -o bob.key >/dev/null
alice=(--url "$url" --key alice.key)
first=("${alice[@]}" --constraint "$fake_constraint")
bob=(--url "$url" --key bob.key --constraint "$fake_constraint")

# send: standard input, a file, topics, replies or none.
run 0 conclave mail send "${first[@]}" <<<"echo hello"
prints "hello"
[ "$(stat -c %a alice.key.state)" = 600 ] || fail "the state can be read by others"
printf 'echo no line end' >body
run 0 conclave mail send "${alice[@]}" --file body --topic another
[ "$(cat stdout)" = "no line end" ] && [ "$(wc -c <stdout)" = 11 ] || fail "the body is not printed as it is"
run 0 conclave mail send "${alice[@]}" <<<"silent"
[ ! -s stdout ] || fail "a reply where there was none"
says "there is no reply yet"

# --json, and bytes that are no text.
run 0 conclave mail send "${alice[@]}" --json --envelope outside <<<"echo inside"
[ "$(cat stdout)" = '{"topic":"default","sequence":1,"envelope":"outside","body":"inside\n"}' ] || fail "JSON: $(cat stdout)"
run 0 conclave mail send "${alice[@]}" --json < <(printf 'echo \xff\x00')
[ "$(cat stdout)" = '{"topic":"default","sequence":2,"envelope":"","body_hex":"ff00"}' ] || fail "JSON: $(cat stdout)"

# poll: in order, only what is for this key, each body on lines of its own.
for text in one two; do conclave mail send "${alice[@]}" --topic "$text" 2>/dev/null < <(printf 'later %s' "$text"); done
conclave mail send "${bob[@]}" 2>/dev/null < <(printf "later bob's")
run 0 conclave mail poll "${alice[@]}"
[ "$(cat stdout)" = $'one\ntwo' ] || fail "polled: $(cat stdout)"
run 0 conclave mail poll "${alice[@]}"
[ ! -s stdout ] || fail "a mail came twice"
run 0 conclave mail poll "${bob[@]}" --wait 10 --json
prints '"body":"bob'
run 1 conclave mail poll "${bob[@]}" --wait 1
says "no mail came within 1 seconds"

# A reader that leaves: what it has seen does not come again, what it has not seen does, and nobody is accused.
conclave mail send "${alice[@]}" 2>/dev/null <<<"later first"
conclave mail send "${alice[@]}" 2>/dev/null < <(printf 'later second' && head -c 300000 /dev/zero)
conclave mail send "${alice[@]}" 2>/dev/null <<<"later third"
[ "$(conclave mail poll "${alice[@]}" 2>/dev/null | head -c 6)" = first ] || fail "the first is not first"
run 0 conclave mail poll "${alice[@]}"
[ "$(head -c 6 stdout)$(tail -n 1 stdout)" = secondthird ] || fail "polled again: $(head -c 20 stdout)"
[ ! -s stderr ] || fail "a host is accused"

# Standard input is closed: the key file, which would be opened in its place, is not sent.
run 1 conclave mail seal "${alice[@]}" -o nothing <&-
says "standard input: Bad file descriptor"
[ ! -e nothing ] || fail "what was sealed?"
run 1 bash -c 'exec conclave "$@" >&-' - mail send "${alice[@]}" --topic closed <<<"echo x"
says "standard output cannot be written"

# What could not be written was not read by anybody: it waits for the next poll, and numbers go on.
run 0 conclave mail poll "${alice[@]}"
[ "$(cat stdout)" = x ] || fail "not kept: $(cat stdout)"
run 1 bash -c 'exec conclave "$@" >/dev/full' - mail send "${alice[@]}" <<<"echo on a full disk"
says "note: the reply waits for 'conclave mail poll'"
run 0 conclave mail poll "${alice[@]}"
[ "$(cat stdout)" = "on a full disk" ] || fail "not kept: $(cat stdout)"
for size in 10 300000; do
	conclave mail send "${alice[@]}" 2>/dev/null < <(printf 'later large' && head -c $size /dev/zero)
	run 1 bash -c 'exec conclave "$@" >/dev/full' - mail poll "${alice[@]}" --json
	run 0 conclave mail poll "${alice[@]}"
	[ "$(head -c 5 stdout)" = large ] || fail "a mail of $size bytes that could not be printed is lost"
done

# seal and post; altered in transit; replayed.
run 0 conclave mail seal "${alice[@]}" -o sealed <<<"echo carried by hand"
[ ! -s stdout ] || fail "seal printed something"
cp sealed altered
printf '\xff' | dd of=altered bs=1 seek=60 conv=notrunc status=none
cmp -s sealed altered && printf '\x00' | dd of=altered bs=1 seek=60 conv=notrunc status=none
run 3 conclave mail post "${alice[@]}" altered
says "could not decrypt the mail: it was altered"
run 0 conclave mail post "${alice[@]}" sealed
prints "carried by hand"
run 3 conclave mail post "${alice[@]}" sealed
says "its number was not the next one"
run 0 conclave mail send "${alice[@]}" <<<"echo goes on"
prints "goes on"
run 0 conclave mail seal "${alice[@]}" -o - <<<"echo x"
cp stdout sealed2
run 0 conclave mail post "${alice[@]}" - <sealed2
prints "x"

# --no-wait: accepted now, answered later.
run 0 conclave mail send "${alice[@]}" --no-wait --topic slow <<<"echo in its time"
says "note: accepted"
[ ! -s stdout ] || fail "a reply without waiting"
run 0 conclave mail poll "${alice[@]}" --wait 10
prints "in its time"
run 0 conclave mail poll "${alice[@]}"
[ ! -s stdout ] || fail "a reply came twice: $(cat stdout)"

# --padding: remembered with the state.
size_of() { conclave mail seal "${alice[@]}" --topic padded -o - "${@:2}" < <(head -c "$1" /dev/zero) | wc -c; }
[ "$(size_of 10 --padding fixed:1000)" = "$(size_of 999)" ] || fail "fixed padding shows sizes, or was forgotten"
[ "$(size_of 10 --padding none)" != "$(size_of 11)" ] || fail "there is padding without padding"
for wrong in '' fixed fixed:0 fixed:-1 fixed:99999999999 fixed:10x average,alone Average; do
	run 2 conclave mail seal "${alice[@]}" -o - --padding "$wrong" <<<x
	says "--padding: none"
done

# The state: nothing of it is readable; under a passphrase only with that; R3's plain format is still read.
! grep -q EnclaveClient alice.key.state || fail "the state is not encrypted"
conclave keygen -o locked.key >/dev/null
locked=(--url "$url" --key locked.key --constraint "$fake_constraint")
echo "open sesame" >passphrase
echo "open barley" >wrong
run 0 conclave mail send "${locked[@]}" --passphrase-file passphrase <<<"echo locked"
prints "locked"
run 0 conclave mail send "${locked[@]}" --passphrase-file passphrase <<<"echo unlocked"
prints "unlocked"
run 1 conclave mail send "${locked[@]}" <<<"echo x"
says "give it with --passphrase-file"
run 3 conclave mail send "${locked[@]}" --passphrase-file wrong <<<"echo x"
says "the passphrase is wrong, or it was altered"
: >empty
run 1 conclave mail send "${locked[@]}" --passphrase-file empty <<<"echo x"
says "a passphrase of 1 to 1024 bytes"
cp locked.key.state whole
for count in 1 20 60; do
	head -c "$count" whole >locked.key.state
	run 1 conclave mail send "${locked[@]}" --passphrase-file passphrase <<<"echo x"
	says "not the saved state of a client, or damaged"
done
cp whole locked.key.state
conclave keygen -o r3.key >/dev/null
python3 - "$fake_constraint" <<-'END' >r3.key.state
	import struct, sys
	key = bytes.fromhex([line for line in open("r3.key") if line[0] != "#"][0])
	constraint = sys.argv[1].encode()
	sys.stdout.buffer.write(b"EnclaveClient\1" + key + struct.pack(">H", len(constraint)) + constraint + b"\1\1" + bytes(4))
END
run 0 conclave mail send --url "$url" --key r3.key <<<"echo from the old state"
prints "from the old state"
! grep -q EnclaveClient r3.key.state || fail "the state is still plain"

# What the enclave refuses, what the constraint refuses.
run 3 conclave mail send "${alice[@]}" <<<"trap"
says "the enclave refused the mail: the application failed on this mail"
run 3 conclave mail send "${alice[@]}" --constraint "$other_constraint" <<<"echo x"
says "code hash does not match"
run 3 conclave mail poll "${bob[@]}" --constraint "$other_constraint"
# The refused constraint was not remembered.
run 0 conclave mail send "${alice[@]}" <<<"echo still good"
run 0 conclave mail send "${alice[@]}" --constraint "S:$(printf '22%.0s' {1..32}) PROD:1 REVOKE:0 SEC:INSECURE" <<<"echo new"
says "note: the constraint is not the one used last"

# Two commands at once take turns: no number is used twice.
for i in 1 2 3 4; do
	conclave mail send "${alice[@]}" --topic together <<<"echo $i" >"together.$i" 2>"together.$i.err" &
	senders[i]=$!
done
for i in 1 2 3 4; do wait "${senders[i]}" || fail "a concurrent send failed: $(cat "together.$i.err")"; done
[ "$(sort together.[1-4] | tr -d '\n')" = 1234 ] || fail "concurrent replies got mixed up"

# An enclave with a new key: told, and numbered from 0 again.
kill -USR1 "$host"
run 0 conclave mail send "${alice[@]}" <<<"echo after the restart"
prints "after the restart"
says "note: the enclave has a new key"

# Names of things that are wrong.
run 2 conclave mail
run 2 conclave mail frobnicate
says "there is no 'frobnicate'"
run 2 conclave mail send --key alice.key
says "--url is missing"
run 2 conclave mail send --url "$url"
says "--key is missing"
run 2 conclave mail seal "${alice[@]}"
says "-o FILE is missing"
run 2 conclave mail post "${alice[@]}"
says "its file is missing"
run 2 conclave mail send "${alice[@]}" extra
says "unexpected argument 'extra'"
run 2 conclave mail poll "${alice[@]}" --wait soon
says "--wait"
run 2 conclave mail send "${alice[@]}" --timeout 0
says "--timeout"
run 2 conclave mail send "${alice[@]}" --nonsense
run 1 conclave mail send --url "$url" --key absent.key <<<x
says "conclave keygen -o absent.key"
cp bob.key carol.key
run 1 conclave mail send --url "$url" --key carol.key <<<x
says "no constraint: say with --constraint"
run 1 conclave mail send --url "$url" --key carol.key --constraint "PROD:1" <<<x
says "code hash or a code signer"
run 1 conclave mail send --url ftp://host --key alice.key <<<x
says "is not the URL of a host"
run 1 conclave mail send --url http://127.0.0.1:1 --key alice.key <<<x
says "is a host serving there?"
run 1 conclave mail send "${alice[@]}" --topic 'not a topic' <<<x
says "topic 'not a topic'"
run 1 conclave mail send "${alice[@]}" --file absent
says "absent: No such file"
run 1 conclave mail post "${alice[@]}" absent
says "absent: No such file"
cp r3.key.state bob.key.state
run 3 conclave mail send "${bob[@]}" <<<x
says "belongs to another key"
head -c 20 r3.key.state >bob.key.state
run 1 conclave mail send "${bob[@]}" <<<x
says "bob.key.state: not the saved state of a client"
run 0 conclave mail send "${bob[@]}" --state fresh.state <<<"echo fresh"
prints "fresh"

# A host that answers at once although nobody waits: replies of any size are kept for the poll.
start_fake_host sync
conclave keygen -o dora.key >/dev/null
dora=(--url "$url" --key dora.key --constraint "$fake_constraint")
for _ in 1 2; do run 0 conclave mail send "${dora[@]}" --no-wait < <(printf 'echo ' && head -c 12000000 /dev/zero); done
run 0 conclave mail poll "${dora[@]}"
[ "$(wc -c <stdout)" = 24000002 ] || fail "polled $(wc -c <stdout) bytes"
