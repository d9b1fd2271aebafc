/* One serialised attestation: read, verify, compare with a constraint, put into words. */
#include <time.h>

#include "attest/constraint.h"
#include "base/report.h"
#include "client/client.h"

_Static_assert((int)CONCLAVE_MODE_MOCK == ATTEST_MOCK &&
	       (int)CONCLAVE_MODE_SIMULATION == ATTEST_SIMULATION &&
	       (int)CONCLAVE_MODE_DEBUG == ATTEST_DEBUG);
_Static_assert((int)CONCLAVE_SECURITY_SECURE == ATTEST_SECURE &&
	       (int)CONCLAVE_SECURITY_STALE == ATTEST_STALE);
