/* Errors: one enumeration for the whole project.
 *
 * Every function that can fail returns `enum conclave_error`; the compiler warns when a caller
 * ignores it. Output parameters are written only on CONCLAVE_OK. Values are stable: new ones are
 * added at the end of their group's gap, none is reused. Across the trust line these codes are all
 * that is ever said. */
#ifndef CONCLAVE_ERROR_H
#define CONCLAVE_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum
#if defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L
	[[nodiscard]]
#endif
	conclave_error{
		CONCLAVE_OK = 0,

		/* The caller's bug. */
		CONCLAVE_ERROR_ARGUMENT = 1, /* an argument outside its documented range */
		CONCLAVE_ERROR_STATE = 2,    /* not legal now: wrong order of calls */
		CONCLAVE_ERROR_SPACE = 3,    /* the output buffer given is too small */

		/* Hostile or damaged input. */
		CONCLAVE_ERROR_FORMAT = 16,    /* malformed */
		CONCLAVE_ERROR_TRUNCATED = 17, /* ends before it should */
		CONCLAVE_ERROR_TRAILING = 18,  /* bytes after the end */
		CONCLAVE_ERROR_LIMIT = 19, /* larger, deeper or more than the documented limit */
		CONCLAVE_ERROR_VERSION =
			20, /* a version, type or algorithm that is not supported */
		CONCLAVE_ERROR_AUTH =
			21, /* authenticated decryption failed: altered, or for another key */
		CONCLAVE_ERROR_KEY = 22,       /* a key that must not be used: zero, low order, not
						  canonical, off the curve */
		CONCLAVE_ERROR_SEQUENCE = 23,  /* replayed, reordered or missing mail */
		CONCLAVE_ERROR_SIGNATURE = 24, /* a signature does not verify */
		CONCLAVE_ERROR_MISMATCH = 25, /* two things that must be equal are not: a digest, an
						 issuer, a measurement */

		/* The environment. */
		CONCLAVE_ERROR_MEMORY = 48,
		CONCLAVE_ERROR_IO = 49,
		CONCLAVE_ERROR_NETWORK = 50,
		CONCLAVE_ERROR_TIMEOUT = 51,
		CONCLAVE_ERROR_RANDOM = 52, /* no randomness to be had: never continue */
		CONCLAVE_ERROR_NOT_FOUND = 53,
		CONCLAVE_ERROR_EXISTS = 54,
		CONCLAVE_ERROR_BUSY = 55,
		CONCLAVE_ERROR_UNSUPPORTED = 56, /* this machine or this build cannot do it */
		CONCLAVE_ERROR_TOOL = 57,    /* an external program (compiler, wasm2c…) failed */
		CONCLAVE_ERROR_CRASHED = 58, /* the enclave faulted and is gone */
		CONCLAVE_ERROR_CANCELLED = 59, /* the caller's own function said to give up */

		/* Refused by policy. */
		CONCLAVE_ERROR_CONSTRAINT = 80, /* an attestation does not meet the constraint */
		CONCLAVE_ERROR_UNTRUSTED = 81,	/* does not chain to a trusted root */
		CONCLAVE_ERROR_REVOKED = 82,
		CONCLAVE_ERROR_EXPIRED = 83, /* expired, or not yet valid */
		CONCLAVE_ERROR_TCB = 84,     /* no TCB level matches the platform */
		CONCLAVE_ERROR_DEBUG = 85,   /* debug where release is demanded, or the reverse */
		CONCLAVE_ERROR_REFUSED = 86, /* the peer refused, and said no more */

		/* Ours. */
		CONCLAVE_ERROR_INTERNAL = 112,
	};

/* The name of an error ("MISMATCH") and a sentence for people. Never NULL; static storage. */
const char *conclave_error_name(enum conclave_error error);
const char *conclave_error_text(enum conclave_error error);

/* What a person is told about a failure: what failed, where, the value seen and the value wanted,
 * the remedy. Owned by the caller; text is always terminated; "" when there is nothing to say. */
#define CONCLAVE_REPORT_SIZE 1024
struct conclave_report {
	char text[CONCLAVE_REPORT_SIZE];
};

#ifdef __cplusplus
}
#endif
#endif
