#include <conclave/error.h>

/* A macro, not an array: the compiler says (-Wswitch-enum) when a value has no row. */
#define ERRORS(ROW)                                                                              \
	ROW(CONCLAVE_OK, "OK", "no error")                                                       \
	ROW(CONCLAVE_ERROR_ARGUMENT, "ARGUMENT", "an argument is outside its range")             \
	ROW(CONCLAVE_ERROR_STATE, "STATE", "this is not possible now")                           \
	ROW(CONCLAVE_ERROR_SPACE, "SPACE", "the space given for the result is too small")        \
	ROW(CONCLAVE_ERROR_FORMAT, "FORMAT", "the data is malformed")                            \
	ROW(CONCLAVE_ERROR_TRUNCATED, "TRUNCATED", "the data ends too early")                    \
	ROW(CONCLAVE_ERROR_TRAILING, "TRAILING", "there is data after the end")                  \
	ROW(CONCLAVE_ERROR_LIMIT, "LIMIT", "a limit is exceeded")                                \
	ROW(CONCLAVE_ERROR_VERSION, "VERSION", "this version or type is not supported")          \
	ROW(CONCLAVE_ERROR_AUTH, "AUTH", "decryption failed: altered, or meant for another key") \
	ROW(CONCLAVE_ERROR_KEY, "KEY", "this key must not be used")                              \
	ROW(CONCLAVE_ERROR_SEQUENCE, "SEQUENCE", "mail is missing, repeated or out of order")    \
	ROW(CONCLAVE_ERROR_SIGNATURE, "SIGNATURE", "a signature does not verify")                \
	ROW(CONCLAVE_ERROR_MISMATCH, "MISMATCH", "two things that must be equal are not")        \
	ROW(CONCLAVE_ERROR_MEMORY, "MEMORY", "out of memory")                                    \
	ROW(CONCLAVE_ERROR_IO, "IO", "reading or writing failed")                                \
	ROW(CONCLAVE_ERROR_NETWORK, "NETWORK", "the network connection failed")                  \
	ROW(CONCLAVE_ERROR_TIMEOUT, "TIMEOUT", "it took too long")                               \
	ROW(CONCLAVE_ERROR_RANDOM, "RANDOM", "no randomness can be had")                         \
	ROW(CONCLAVE_ERROR_NOT_FOUND, "NOT_FOUND", "not found")                                  \
	ROW(CONCLAVE_ERROR_EXISTS, "EXISTS", "already exists")                                   \
	ROW(CONCLAVE_ERROR_BUSY, "BUSY", "in use by somebody else")                              \
	ROW(CONCLAVE_ERROR_UNSUPPORTED, "UNSUPPORTED", "this machine or build cannot do it")     \
	ROW(CONCLAVE_ERROR_TOOL, "TOOL", "an external program failed")                           \
	ROW(CONCLAVE_ERROR_CRASHED, "CRASHED", "the enclave crashed")                            \
	ROW(CONCLAVE_ERROR_CANCELLED, "CANCELLED", "given up when told to")                      \
	ROW(CONCLAVE_ERROR_CONSTRAINT, "CONSTRAINT", "the enclave does not meet the constraint") \
	ROW(CONCLAVE_ERROR_UNTRUSTED, "UNTRUSTED", "it does not chain to a trusted root")        \
	ROW(CONCLAVE_ERROR_REVOKED, "REVOKED", "it is revoked")                                  \
	ROW(CONCLAVE_ERROR_EXPIRED, "EXPIRED", "it is expired or not yet valid")                 \
	ROW(CONCLAVE_ERROR_TCB, "TCB", "no TCB level matches the platform")                      \
	ROW(CONCLAVE_ERROR_DEBUG, "DEBUG", "debug where release is demanded, or the reverse")    \
	ROW(CONCLAVE_ERROR_REFUSED, "REFUSED", "refused")                                        \
	ROW(CONCLAVE_ERROR_INTERNAL, "INTERNAL", "an internal error; please report it")

const char *conclave_error_name(enum conclave_error error)
{
#define NAME(value, name, text) \
	case value: return name;
	switch (error) {
		ERRORS(NAME)
	}
	return "UNKNOWN";
}

const char *conclave_error_text(enum conclave_error error)
{
#define TEXT(value, name, text) \
	case value: return text;
	switch (error) {
		ERRORS(TEXT)
	}
	return "unknown error";
}
