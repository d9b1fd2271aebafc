#!/bin/sh
# The auction, end to end: builds the enclave, hosts it, runs an auctioneer and bidders as
# separate processes, and shows what is refused. Ends by itself; leaves nothing behind.
#
#   demo.sh [BUILD-FOLDER]     default: $CONCLAVE_BUILD, else build/dev of this repository
#
# Exit codes: 0 all went as told; 1 something did not, and what.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=${1:-${CONCLAVE_BUILD:-$here/../../build/dev}}
[ -x "$build/bin/conclave" ] || { echo "demo: $build/bin/conclave is not there; run make first" >&2; exit 1; }
PATH=$(cd "$build/bin" && pwd):$PATH
work=$(mktemp -d)
host=
# Keys and state of the demo's own: nothing in the home folder is used or changed.
export XDG_CONFIG_HOME="$work/config" CONCLAVE_STATE="$work/state"

finish() {
	status=$?
	trap - EXIT
	[ -z "$host" ] || { kill "$host" 2> /dev/null && wait "$host" || true; }
	[ "$status" -eq 0 ] || { echo "the demo failed" >&2; tail -n 20 "$work"/*.log >&2 || true; }
	rm -rf "$work"
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# -- telling --

bold='' plain=''
[ ! -t 1 ] || { bold=$(printf '\033[1m') plain=$(printf '\033[0m'); }
title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
say() { printf '   %s\n' "$*"; }
line() { printf '   %-11s %s\n' "$1" "$2"; }
fail() { echo "demo: $*" >&2; exit 1; }

# -- doing --

# build OUTPUT AUCTIONEER-KEY: prints the measurement.
build() {
	conclave build -o "$1" -a 'a silver teapot' -a "$2" -a 1000 -a 2 "$work/auction" \
		> "$1.facts" 2> "$1.log" || { cat "$1.log" >&2; fail "the image was not built"; }
	awk '$1 == "MRENCLAVE" { print $2 }' "$1.facts"
}

# mail VERB WHO [OPTION]...
mail() {
	verb=$1 who=$2
	shift 2
	conclave mail "$verb" --url "$url" --constraint "$constraint" --key "$work/$who.key" "$@"
}

# expect WANTED ACTUAL
expect() { [ "$2" = "$1" ] || fail "expected '$1', got '$2'"; }

# refused WHAT COMMAND...: the command must be refused; tells why.
refused() {
	what=$1 status=0
	shift
	"$@" > /dev/null 2> "$work/refusal" || status=$?
	expect 3 "$status"
	say "$what:"
	fold -s -w 70 "$work/refusal" | sed 's/^/      /' | head -n 6
}

title 'A sealed-bid auction'
say 'Four bidders, one silver teapot, and a computer that none of them trusts.'
say 'Nobody sees a bid before the close, nor a losing bid ever: not the'
say 'auctioneer, and not the owner of the machine. The highest bid wins and'
say 'pays what the second highest offered.'

cp -R "$here" "$work/auction"
rm -rf "$work/auction/build"
for who in auctioneer impostor alice bob carol dave erin; do
	conclave keygen -o "$work/$who.key" > "$work/$who.public"
done

title '1. The enclave is built: its code, terms and auctioneer become one number'
image=$work/auction.enclave
measurement=$(build "$image" "$(cat "$work/auctioneer.public")")
other=$(build "$work/other.enclave" "$(cat "$work/impostor.public")")
[ "$measurement" != "$other" ] || fail 'the arguments are not measured'
say 'MRENCLAVE' && say "$measurement"
say 'With another auctioneer it is another enclave:' && say "$other"

title '2. A host serves it'
conclave serve --listen 127.0.0.1:0 --port-file "$work/port" --data "$work/data" "$image" \
	> "$work/host.log" 2>&1 &
host=$!
tries=0
until [ -s "$work/port" ]; do
	kill -0 "$host" 2> /dev/null || { host=; fail 'the host did not start'; }
	[ $((tries += 1)) -lt 600 ] || fail 'the host does not listen'
	sleep 0.1
done
url=http://127.0.0.1:$(cat "$work/port")
say "$url"

title '3. Each bidder verifies the enclave, then sends a bid that only it can read'
constraint="C:$measurement SEC:INSECURE"
say 'Their constraint (INSECURE: a simulated CPU, as on any laptop):'
say "C:$measurement" && say 'SEC:INSECURE'
for who in alice bob carol dave; do
	receipt=$(mail send "$who" --topic bid --file "$here/bids/$who.json")
	line "$who" "$(cat "$here/bids/$who.json")  ->  $receipt"
done
line impostor "closes  ->  $(echo | mail send impostor --topic close)"

title '4. The auctioneer closes, and everybody learns what they may know'
sale=$(echo | mail send auctioneer --topic close)
expect "sold a silver teapot at 1,420 to $(cat "$work/alice.public"); bids: 4" "$sale"
line auctioneer "$(echo "$sale" | sed 's/ to .*; / to alice'\''s key; /')"
for who in alice bob carol dave; do
	told=$(mail poll "$who" --wait 30)
	line "$who" "$told"
	case $who in alice) expect 'you won at 1,420' "$told" ;; *) expect 'you lost' "$told" ;; esac
done
line erin "bids too late  ->  $(mail send erin --topic bid --file "$here/bids/alice.json")"

title '5. What is refused'
genuine=$constraint
constraint="C:$other SEC:INSECURE"
refused 'erin wants the other auctioneer'\''s enclave; nothing is sent' \
	mail send erin --state "$work/erin.other" --topic bid --file "$here/bids/alice.json"
constraint=$genuine
mail seal erin --topic result --file "$here/bids/alice.json" -o "$work/sealed" > /dev/null
# One bit of the last byte, as a host might on the way.
size=$(($(wc -c < "$work/sealed")))
byte=$(tail -c 1 "$work/sealed" | od -An -tu1)
{ head -c $((size - 1)) "$work/sealed" && printf "\\$(printf %03o $((byte ^ 1)))"; } \
	> "$work/altered"
refused 'a mail is altered by one bit on its way' mail post erin "$work/altered"
expect 'you have not bid' "$(mail post erin "$work/sealed")"
say 'as it was, the same mail is read and answered'

kill "$host" && wait "$host" || fail "the host ended with exit code $?"
host=
printf '\n'
