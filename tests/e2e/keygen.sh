#!/usr/bin/env bash
# conclave keygen, and what main says of itself.
. "$(dirname "$0")/lib.sh"

run 0 conclave keygen -o alice.key --public alice.pub
grep -qxE '[0-9a-f]{64}' stdout || fail "no public key on standard output"
cmp -s stdout alice.pub || fail "--public differs from standard output"
[ "$(stat -c %a alice.key)" = 600 ] || fail "alice.key has mode $(stat -c %a alice.key)"
[ "$(stat -c %a alice.pub)" = 644 ] || fail "alice.pub has mode $(stat -c %a alice.pub)"
run 0 conclave keygen --show alice.key
cmp -s stdout alice.pub || fail "--show differs"

cp alice.key before
run 1 conclave keygen -o alice.key
says "alice.key exists already"
says "--force"
cmp -s alice.key before || fail "a key was replaced without --force"
run 0 conclave keygen -o alice.key --force
! cmp -s alice.key before || fail "--force did not replace the key"
ls | grep -q 'alice.key.' && fail "a temporary file was left behind"
[ "$(grep -v '^#' alice.key | grep -cE '^[0-9a-f]{64}$')" = 1 ] || fail "the key file is not as documented"

# A pair that R3's mail library made (tests/vectors/r3/mail.json).
printf '# from R3\n2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90\n' >r3.key
run 0 conclave keygen --show r3.key
[ "$(cat stdout)" = 2e8b2883c27b391359d7d0c15d00815a6693290a38dd8eba341cc07ddaa8ed4d ] || fail "another public key than R3's"

echo 'not a key' >bad.key
run 1 conclave keygen --show bad.key
says "bad.key: not a key file"
run 1 conclave keygen --show absent.key
says "absent.key: no such key file"
says "conclave keygen -o absent.key"
run 1 conclave keygen -o /nonexistent/key
says "/nonexistent/key"

run 2 conclave keygen extra
says "unexpected argument 'extra'"
says "Try 'conclave keygen --help'"
run 2 conclave keygen --nonsense
says "unknown option '--nonsense'"
run 2 conclave keygen -o
says "needs a value"
run 0 conclave keygen --help
prints "usage: conclave keygen"

run 0 conclave --help
prints "keygen"
prints "Exit codes"
run 0 conclave help keygen
prints "usage: conclave keygen"
run 2 conclave
run 2 conclave frobnicate
says "there is no verb 'frobnicate'"
run 2 conclave help frobnicate
run 0 conclave --version
prints "conclave 0."
run 1 bash -c 'conclave --help >/dev/full'
says "standard output cannot be written"

# What is no file stays what it is: root must be able to say /dev/null.
mkfifo pipe
cat pipe >got &
run 0 conclave keygen -o piped.key --public pipe
wait $!
[ -p pipe ] || fail "a pipe was replaced by a file"
cmp -s got stdout || fail "the pipe did not get the public key"
