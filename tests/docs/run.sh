#!/usr/bin/env bash
# run.sh FILE: run the commands of a document, as a reader would type them, in one shell in an empty folder.
#
#   ```sh run      these commands, each of which must succeed
#   ```sh serve    commands of which the last goes on serving; what follows waits until it listens
#   ```text        after one of them: lines that must come out of it, each up to an ellipsis (…) if it has one
#
# Documents speak of http://127.0.0.1:8080; here it is a free port, so that tests can run side by side.
. "$(dirname "$0")/../e2e/lib.sh"
document=$CONCLAVE_SOURCE/$1
[ -e "$document" ] || skip "no $1 yet"
grep -q '^```sh \(run\|serve\)$' "$document" || skip "no command of $1 is marked to be run"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# Into a script, a folder of expected texts, and a log of each block's output.
awk -v work="$work" '
/^```sh (run|serve)$/ { kind = $2; block++; line = NR; text = ""; next }
/^```text$/ && block > told { kind = "text"; text = ""; next }
/^```$/ && kind == "run" { printf "begin %d %d\n%send %d\n", block, line, text, block; kind = ""; next }
/^```$/ && kind == "serve" { printf "begin %d %d\nset -m\n(\n%s) &\nset +m\nlistening $!\nend %d\n", block, line, text, block; kind = ""; next }
/^```$/ && kind == "text" { printf "%s", text > (work "/expected." block); told = block; kind = ""; next }
/^```/ { kind = "" }
kind != "" { text = text $0 "\n" }
' "$document" | sed "s/127\.0\.0\.1:8080/127.0.0.1:$port/g" >script

cat >session <<'EOF'
set -euo pipefail
exec 3>&1
conclave() {
	if [ "$1" = serve ]; then shift; set -- serve --listen "127.0.0.1:$port" "$@"; fi
	command conclave "$@"
}
begin() { echo "$2" >"$work/line"; exec >"$work/output.$1" 2>&1; }
end() { exec >&3 2>&3; }
listening() {
	echo "$1" >>"$work/servers"
	for ((i = 0; i < 600; i++)); do
		! curl -sf -o "$work/health" "http://127.0.0.1:$port/health" || return 0
		kill -0 "$1" || return 1
		sleep 0.1
	done
	return 1
}
export -f conclave
EOF
mkdir reader && cd reader
export port work
status=0
bash -c "$(cat "$work/session" "$work/script")" >"$work/session.log" 2>&1 || status=$?
[ ! -e "$work/servers" ] || mapfile -t processes < <(sed 's/^/-/' "$work/servers") # their process groups
if [ $status -ne 0 ]; then
	tail -n 20 "$work"/output.* >&2
	fail "$1:$(cat "$work/line"): this block fails"
fi

for expected in "$work"/expected.*; do
	[ -e "$expected" ] || break
	while IFS= read -r wanted; do
		wanted=${wanted%%…*}
		[ -z "${wanted// /}" ] || grep -qF -- "$wanted" "$work/output.${expected##*.}" ||
			fail "$1: \"$wanted\" is said to be printed, but was not: $(cat "$work/output.${expected##*.}")"
	done <"$expected"
done
