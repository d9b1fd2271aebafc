# For end-to-end tests through the command line: `. "$(dirname "$0")/lib.sh"`.
# A test runs in a new folder of its own, which goes when it ends, with every process it started.
set -euo pipefail
: "${CONCLAVE_SOURCE:?}" "${CONCLAVE_BUILD:?}"
export PATH="$CONCLAVE_BUILD/bin:$PATH" LC_ALL=C
work=$(mktemp -d "${TMPDIR:-/tmp}/conclave-test.XXXXXX")
processes=()

clean_up() {
	local status=$?
	set +e
	for process in "${processes[@]}"; do kill -- "$process" 2>/dev/null; done
	for process in "${processes[@]}"; do wait "$process" 2>/dev/null; done
	cd /
	rm -rf "$work"
	exit $status
}
trap clean_up EXIT
trap 'exit 1' INT TERM
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state

fail() {
	echo "FAILED: $*" >&2
	[ ! -s stderr ] || sed 's/^/  stderr: /' stderr >&2
	exit 1
}

skip() {
	echo "skipped: $*"
	exit 77
}

# run EXIT_CODE COMMAND...: runs it, leaves what it printed in the files stdout and stderr, and checks its exit code.
run() {
	local wanted=$1 got=0
	shift
	"$@" >stdout 2>stderr || got=$?
	[ "$got" -eq "$wanted" ] || fail "exit code $got instead of $wanted: $*"
}

# says TEXT: standard error of the last run contains it.   prints TEXT: standard output does.
says() { grep -qF -- "$1" stderr || fail "no \"$1\" on standard error"; }
prints() { grep -qF -- "$1" stdout || fail "no \"$1\" on standard output: $(head -c 400 stdout)"; }

# wait_for FILE: until the process that was started last has made it; a minute at most.
wait_for() {
	for ((i = 0; i < 600; i++)); do
		[ ! -e "$1" ] || return 0
		[ ${#processes[@]} -eq 0 ] || kill -0 "${processes[-1]}" 2>/dev/null || fail "a process ended before $1 appeared: $(tail -3 log 2>/dev/null)"
		sleep 0.1
	done
	fail "$1 did not appear"
}

# start_fake_host: an enclave and its host in one program of the tests; sets $url and $host.
start_fake_host() {
	rm -f port
	"$CONCLAVE_BUILD/tests/fake_host" port "$@" >log 2>&1 &
	host=$!
	processes+=("$host")
	wait_for port
	url=http://127.0.0.1:$(cat port)
}

# start_host IMAGE [OPTION...]: conclave serve on a free port; sets $url and $host.
start_host() {
	rm -f port
	conclave serve "$@" --listen 127.0.0.1:0 --port-file port >log 2>&1 &
	host=$!
	processes+=("$host")
	wait_for port
	url=http://127.0.0.1:$(cat port)
}

# The constraint that the fake enclave meets.
fake_constraint="S:$(printf '22%.0s' {1..32}) PROD:1 SEC:INSECURE"
