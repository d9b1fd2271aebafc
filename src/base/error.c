#include <conclave/error.h>

/* One row per value, so that a new one cannot be forgotten without the compiler's -Wswitch-enum
 * saying so. */
const char *conclave_error_name(enum conclave_error error)
{
	switch (error) {
#define NAME(value) \
	case CONCLAVE_ERROR_##value: return #value;
	case CONCLAVE_OK:
		return "OK";
		NAME(ARGUMENT)
		NAME(STATE)
		NAME(SPACE) NAME(FORMAT) NAME(TRUNCATED) NAME(TRAILING) NAME(LIMIT) NAME(VERSION)
			NAME(AUTH) NAME(KEY) NAME(SEQUENCE) NAME(SIGNATURE) NAME(MISMATCH)
				NAME(MEMORY) NAME(IO) NAME(NETWORK) NAME(TIMEOUT) NAME(RANDOM)
					NAME(NOT_FOUND) NAME(EXISTS) NAME(BUSY) NAME(UNSUPPORTED)
						NAME(TOOL) NAME(CRASHED) NAME(CONSTRAINT)
							NAME(UNTRUSTED) NAME(REVOKED) NAME(EXPIRED)
								NAME(TCB) NAME(DEBUG) NAME(REFUSED)
									NAME(INTERNAL)
#undef NAME
	}
	return "UNKNOWN";
}

const char *conclave_error_text(enum conclave_error error)
{
	switch (error) {
	case CONCLAVE_OK: return "no error";
	case CONCLAVE_ERROR_ARGUMENT: return "an argument is outside its range";
	case CONCLAVE_ERROR_STATE: return "this is not possible now";
	case CONCLAVE_ERROR_SPACE: return "the space given for the result is too small";
	case CONCLAVE_ERROR_FORMAT: return "the data is malformed";
	case CONCLAVE_ERROR_TRUNCATED: return "the data ends too early";
	case CONCLAVE_ERROR_TRAILING: return "there is data after the end";
	case CONCLAVE_ERROR_LIMIT: return "a limit is exceeded";
	case CONCLAVE_ERROR_VERSION: return "this version or type is not supported";
	case CONCLAVE_ERROR_AUTH: return "decryption failed: altered, or meant for another key";
	case CONCLAVE_ERROR_KEY: return "this key must not be used";
	case CONCLAVE_ERROR_SEQUENCE: return "mail is missing, repeated or out of order";
	case CONCLAVE_ERROR_SIGNATURE: return "a signature does not verify";
	case CONCLAVE_ERROR_MISMATCH: return "two things that must be equal are not";
	case CONCLAVE_ERROR_MEMORY: return "out of memory";
	case CONCLAVE_ERROR_IO: return "reading or writing failed";
	case CONCLAVE_ERROR_NETWORK: return "the network connection failed";
	case CONCLAVE_ERROR_TIMEOUT: return "it took too long";
	case CONCLAVE_ERROR_RANDOM: return "no randomness can be had";
	case CONCLAVE_ERROR_NOT_FOUND: return "not found";
	case CONCLAVE_ERROR_EXISTS: return "already exists";
	case CONCLAVE_ERROR_BUSY: return "in use by somebody else";
	case CONCLAVE_ERROR_UNSUPPORTED: return "this machine or build cannot do it";
	case CONCLAVE_ERROR_TOOL: return "an external program failed";
	case CONCLAVE_ERROR_CRASHED: return "the enclave crashed";
	case CONCLAVE_ERROR_CONSTRAINT: return "the enclave does not meet the constraint";
	case CONCLAVE_ERROR_UNTRUSTED: return "it does not chain to a trusted root";
	case CONCLAVE_ERROR_REVOKED: return "it is revoked";
	case CONCLAVE_ERROR_EXPIRED: return "it is expired or not yet valid";
	case CONCLAVE_ERROR_TCB: return "no TCB level matches the platform";
	case CONCLAVE_ERROR_DEBUG: return "debug where release is demanded, or the reverse";
	case CONCLAVE_ERROR_REFUSED: return "refused";
	case CONCLAVE_ERROR_INTERNAL: return "an internal error; please report it";
	}
	return "unknown error";
}
