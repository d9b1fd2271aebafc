# shellcheck shell=bash
# For tests of `conclave build`: a project that compiles in a second.
# project FOLDER [KEY VALUE]...: FOLDER/enclave.json with those keys (values in JSON), and a guest that answers calls.
project() {
	local folder=$1 keys='"name": "small"'
	shift
	while [ $# -gt 0 ]; do
		keys+=",
	\"$1\": $2"
		shift 2
	done
	mkdir -p "$folder/guest"
	printf '{\n\t%s\n}\n' "$keys" >"$folder/enclave.json"
	cat >"$folder/guest/small.c" <<'END'
#include <assert.h>
#include <string.h>
#include <conclave/guest.h>

static char last[64];

int on_call(const void *bytes, size_t size)
{
	assert(size < 1000);
	memset(last, 0, sizeof(last));
	memcpy(last, bytes, size < sizeof(last) ? size : sizeof(last));
	return conclave_answer(last, strlen(last));
}
END
}

# fact NAME: the second word of the line of the last run's output that begins with NAME.
fact() { awk -v name="$1" '$1 == name { print $2 }' stdout; }
