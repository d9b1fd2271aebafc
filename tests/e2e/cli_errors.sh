#!/usr/bin/env bash
# Every verb, used wrongly or in bad luck: the exit codes that conclave(1) promises, and messages that name the thing and the remedy.
. "$(dirname "$0")/lib.sh"
verbs=(init build inspect run serve attestation keygen mail)

# What is said is "conclave: VERB: text", on standard error alone, and never a bare error number or an empty line.
said_by() {
	[ ! -s stdout ] || fail "$1: trouble on standard output: $(head -3 stdout)"
	grep -qE "^conclave: $1: .{8,}" stderr || fail "$1: nothing that begins with \"conclave: $1: \" is said"
	! grep -qE 'Error [0-9]+|\(null\)' stderr || fail "$1: $(cat stderr)"
}

# Usage.
for verb in "${verbs[@]}"; do
	run 0 conclave "$verb" --help
	head -1 stdout | grep -q "^conclave $verb: .*\.\|^conclave $verb: .*?" || fail "$verb --help begins with $(head -1 stdout)"
	for part in "usage: conclave $verb" "--help" "exit codes:" "conclave $verb"; do prints "$part"; done
	[ "$(wc -l <stdout)" -ge 15 ] || fail "$verb --help is not a page worth reading"
	[ "$(LC_ALL=C.UTF-8 awk '{ if (length > most) most = length } END { print most }' stdout)" -le 100 ] || fail "$verb --help has lines over 100 columns"
	cp stdout page
	run 0 conclave help "$verb"
	cmp -s stdout page || fail "conclave help $verb differs from conclave $verb --help"

	run 2 conclave "$verb" --no-such-option
	said_by "$verb"
	says "--no-such-option"
	says "Try 'conclave $verb --help'"
done
for verb in init inspect run serve attestation mail; do
	run 2 conclave "$verb"
	said_by "$verb"
done
for verb in build inspect run serve attestation; do
	run 2 conclave "$verb" one two three
	said_by "$verb"
done

# What is not there, and what is not what it should be.
head -c 5000 /dev/zero >zeros
printf '{\n\t"name": "x",\n\t"colour": "red"\n}\n' >enclave.json
for verb in inspect run serve; do
	run 1 conclave "$verb" absent.enclave </dev/null
	said_by "$verb"
	says "absent.enclave"
	run 1 conclave "$verb" zeros </dev/null
	said_by "$verb"
	says "zeros"
done
run 1 conclave build absent
said_by build
says "absent"
run 1 conclave build .
says "enclave.json:3: unknown key \"colour\""
run 3 conclave attestation zeros
said_by attestation
run 3 conclave attestation - <<<"EII"
run 1 conclave attestation absent
says "absent: No such file"
run 1 conclave attestation http://127.0.0.1:1
says "is a host serving there?"
mkdir there
run 1 conclave init there
says "exists already"

# A real image: altered, cut short, and in the wrong place.
run 0 conclave init one
run 0 conclave build one
measurement=$(sed -n 's/^MRENCLAVE *//p' stdout)
image=one/build/one.enclave
python3 - "$image" <<'EOF'
import sys
image = bytearray(open(sys.argv[1], "rb").read())
open("short", "wb").write(image[: len(image) // 2])
image[image.index(b"Hello")] ^= 1
open("altered", "wb").write(image)
EOF
run 3 conclave inspect altered
run 3 conclave run altered </dev/null
says "altered after it was signed"
run 3 conclave serve altered
says "altered after it was signed"
for verb in inspect run serve; do
	run 1 conclave "$verb" short </dev/null
	says "ends too early"
done
run 2 conclave run --budget-ms many "$image"
says "--budget-ms"
run 2 conclave serve --compat r4 "$image"
says "--compat"

start_host "$image" --data data
port=${url##*:}
run 1 conclave serve "$image" --listen "127.0.0.1:$port" --data other
says "Address already in use"
run 1 conclave serve "$image" --listen 127.0.0.1:0 --data data
says "another host uses this store"
run 0 conclave attestation "$url" -c "C:$measurement SEC:INSECURE"
run 3 conclave attestation "$url" -c "C:$measurement"
says "security level"
run 3 conclave attestation "$url" -c "C:$(printf '33%.0s' {1..32}) SEC:INSECURE"
says "code hash does not match"
run 2 conclave attestation "$url" -c "PROD:1"
says "code hash or a code signer"

# A client: refused by the constraint, by the enclave, and for a mail altered on its way.
conclave keygen >/dev/null
me=(--url "$url" --key conclave.key)
run 3 conclave mail send "${me[@]}" --constraint "C:$measurement" <<<x
says "security level"
run 3 conclave mail send "${me[@]}" --constraint "C:$measurement SEC:INSECURE" --topic nobody-listens <<<x
says "the application declined this mail"
run 0 conclave mail seal "${me[@]}" --topic hello -o sealed <<<Ada
python3 -c 'mail = bytearray(open("sealed", "rb").read()); mail[-30] ^= 1; open("altered-mail", "wb").write(mail)'
run 3 conclave mail post "${me[@]}" altered-mail
says "could not decrypt the mail: it was altered"
run 0 conclave mail post "${me[@]}" sealed
prints "Ada"

# Stopped in an orderly way, and then another enclave's image on its data.
kill -TERM "$host"
wait "$host" || fail "conclave serve ended with $? after SIGTERM"
run 1 conclave mail send "${me[@]}" <<<x
says "is a host serving there?"
run 0 conclave init two
sed -i 's/"product_id": *1/"product_id": 2/' two/enclave.json
run 0 conclave build two
run 3 conclave serve two/build/two.enclave --listen 127.0.0.1:0 --data data
says "another enclave"
