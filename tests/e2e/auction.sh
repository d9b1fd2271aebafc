#!/bin/bash
# The auction's demo, as `make demo` runs it: it checks itself what it shows.
set -eu
shown=$("$CONCLAVE_SOURCE/examples/auction/demo.sh" "$CONCLAVE_BUILD")
# A screenful, in 80 columns.
[ "$(wc -l <<< "$shown")" -le 50 ] || { echo "more than a screenful"; exit 1; }
[ "$(wc -L <<< "$shown")" -le 80 ] || { echo "wider than 80 columns"; exit 1; }
# Who won, who lost, what was refused.
for line in 'alice .*you won at 1,420' 'bob .*you lost' 'carol .*you lost' 'dave .*you lost' \
	'erin .*the auction is closed' 'does not match any of the' 'could not decrypt'; do
	grep -q "$line" <<< "$shown" || { echo "not shown: $line"; echo "$shown"; exit 1; }
done
