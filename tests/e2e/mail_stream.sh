#!/usr/bin/env bash
# conclave mail with bodies of any size: files, pipes, what comes in between; the line on the terminal; ^C.
. "$(dirname "$0")/lib.sh"
start_fake_host
conclave keygen -o alice.key >/dev/null
alice=(--url "$url" --key alice.key --padding none)
run 0 conclave mail send "${alice[@]}" --constraint "$fake_constraint" <<<"echo hello"

# body SIZE: a body of so many bytes, as a stream.
body() { printf 'measure ' && head -c $(($1 - 8)) <(openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null); }
measured() { echo "$1 $(body "$1" | sha256sum | cut -d' ' -f1)"; }
is_measured() { [ "$(cat stdout)" = "$(measured "$1")" ] || fail "$1 bytes: $(cat stdout)"; }

# send: a file, standard input that is one, a pipe; on both sides of what is held in memory.
for size in 1048575 1048576 1048577 20000003; do
	body $size >file
	run 0 conclave mail send "${alice[@]}" --file file
	is_measured $size
	run 0 conclave mail send "${alice[@]}" <file
	is_measured $size
	run 0 conclave mail send "${alice[@]}" < <(cat file)
	is_measured $size
	[ ! -s stderr ] || fail "it said something: $(cat stderr)"
done
run 0 conclave mail send "${alice[@]}" --topic later --no-wait < <(body 3000000)
says "note: accepted"
run 0 conclave mail poll "${alice[@]}"
[ "$(cat stdout)" = "$(measured 3000000)" ] || fail "polled: $(cat stdout)"
# From where it stands: a header that was read before is not the body's.
(echo header && body 2000000) >file
{ read -r header && [ "$header" = header ] && run 0 conclave mail send "${alice[@]}"; } <file
is_measured 2000000

# seal and post: in files, and through standard output and input.
run 0 conclave mail seal "${alice[@]}" -o sealed < <(body 3000000)
run 0 conclave mail post "${alice[@]}" sealed
is_measured 3000000
run 0 conclave mail seal "${alice[@]}" -o - < <(body 3000001)
mv stdout sealed
run 0 conclave mail post "${alice[@]}" - < <(cat sealed)
is_measured 3000001
[ "$(stat -c %a sealed)" = 644 ] || fail "the sealed mail's mode"
run 1 conclave mail seal "${alice[@]}" -o absent/sealed < <(body 3000000)
says "absent/sealed: cannot write"
run 1 conclave mail seal "${alice[@]}" -o /dev/full < <(body 3000000)
says "/dev/full: cannot write: No space left"
run 1 conclave mail seal "${alice[@]}" -o other --file .
says ".: Is a directory"
! compgen -G 'other*' >/dev/null || fail "a failed seal left a file"
# Neither of these used a number.
run 0 conclave mail send "${alice[@]}" <<<"echo still in order"
prints "still in order"

# A mail altered at its very end is refused, and nothing of it was done.
run 0 conclave mail seal "${alice[@]}" -o sealed --topic tampered < <(body 3000000)
cp sealed altered
printf '\x55' | dd of=altered bs=1 seek=$(($(stat -c %s sealed) - 1)) conv=notrunc status=none
cmp -s sealed altered && printf '\xaa' | dd of=altered bs=1 seek=$(($(stat -c %s sealed) - 1)) conv=notrunc status=none
run 3 conclave mail post "${alice[@]}" altered
says "could not decrypt the mail"
run 0 conclave mail post "${alice[@]}" sealed
is_measured 3000000

# The enclave gets a new key while a pipe is being read: what was read is gone.
mkfifo pipe
conclave mail send "${alice[@]}" <pipe >stdout 2>stderr &
sender=$!
exec 3>pipe
body 500000 >&3 # more than a pipe holds: it reads, so it has verified the enclave
key() { conclave attestation "$url" --json | grep encryption; }
old=$(key)
kill -USR1 "$host"
while [ "$(key)" = "$old" ]; do :; done
body 2000000 >&3
exec 3>&-
status=0
wait $sender || status=$?
[ $status = 3 ] || fail "exit code $status instead of 3"
says "send it again"
run 0 conclave mail send "${alice[@]}" < <(body 2000000)
is_measured 2000000

# Nobody there.
run 1 conclave mail send --url http://127.0.0.1:1 --key alice.key < <(body 2000000)
says "is a host serving there?"

# The line on a terminal, and ^C.
python3 - "$url" <<'END' || fail "the terminal"
import fcntl, os, pty, re, select, signal, struct, subprocess, sys, termios, time

def start(*arguments, stdin):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    child = subprocess.Popen(["conclave", "mail", *arguments, "--url", sys.argv[1], "--key", "alice.key"],
        stdin=stdin, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    return child, master

def read_until(master, done):
    said = b""
    closed = 0
    while not done(said) and closed < 2:
        try:
            piece = os.read(master, 4096)
        except OSError: # the other side is closed; Linux can say so once before it gives what was written last
            piece = b""
        closed = 0 if piece else closed + 1
        said += piece
    return said

def check_lines(said):
    assert said.endswith(b"\r\x1b[K"), said
    for line in said.replace(b"\x1b[K", b"").split(b"\r"):
        assert len(line) < 60 and re.fullmatch(rb"[ -~]*", line), line
    return said

with open("file", "wb") as file:
    file.write(b"measure " + bytes(30_000_000))
child, master = start("send", stdin=open("file", "rb"))
said = check_lines(read_until(master, lambda said: False))
assert b"% " in said and b" of 28 MiB" in said, said
assert child.stdout.read().startswith(b"30000008 ") and child.wait() == 0
child, master = start("send", stdin=subprocess.Popen(["cat", "file"], stdout=subprocess.PIPE).stdout)
said = check_lines(read_until(master, lambda said: False))
assert b"/s  0:0" in said and b"%" not in said, said
assert child.wait() == 0
open("body", "w").write("echo short")
for quiet in (["--no-progress", "--file", "file"], ["--file", "body"]):
    child, master = start("send", *quiet, stdin=subprocess.DEVNULL)
    assert read_until(master, lambda said: False) == b""
    child.wait()

for command in (["send"], ["seal", "-o", "unfinished"]):
    reading, writing = os.pipe()
    child, master = start(*command, stdin=reading)
    os.close(reading)
    os.write(writing, bytes(2_000_000))
    said = read_until(master, lambda said: b"MiB" in said)
    child.send_signal(signal.SIGINT)
    said += read_until(master, lambda said: False)
    check_lines(said)
    assert child.wait() == -signal.SIGINT, child.returncode
    os.close(writing)
assert not [name for name in os.listdir() if name.startswith("unfinished")], os.listdir()
END
run 0 conclave mail send "${alice[@]}" <<<"echo after all that"
prints "after all that"

# The host dies while a mail is being sent to it.
conclave mail send "${alice[@]}" <pipe >stdout 2>stderr &
sender=$!
exec 3>pipe
body 3000000 >&3
kill -KILL "$host"
(body 20000000 >&3) 2>/dev/null || true
exec 3>&-
status=0
wait $sender || status=$?
[ $status = 1 ] || fail "exit code $status instead of 1"
says "is a host serving there that takes mail of this size?"
