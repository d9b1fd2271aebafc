/* What an attestation says, in words for people. Hosted: the one part of this folder that is not
 * pure. */
#ifndef ATTEST_WORDS_H
#define ATTEST_WORDS_H

#include "attest/attest.h"

#define ATTEST_WORDS_SIZE 4096

/* Each fills `text`, at most `size` bytes with the NUL, cutting what does not fit. */

/* One line: "simulation enclave, INSECURE, signed by 5124…, product 1, revocation level 0". */
void attest_summary(char *text, size_t size, const struct attest_claims *claims);
/* Why the level is what it is, in R3's sentences. */
void attest_reason(char *text, size_t size, const struct attest_claims *claims);
/* R3's paragraph: "Remote attestation for enclave …". ATTEST_WORDS_SIZE is enough. */
void attest_words(char *text, size_t size, const struct attest_claims *claims);
/* Why attest_verify refused: the check, the reason, and for times what is valid when. */
void attest_refusal(
	struct conclave_report *report, enum conclave_error error, enum attest_check check);

const char *attest_mode_text(enum attest_mode mode);	/* "RELEASE" */
const char *attest_level_text(enum attest_level level); /* "SECURE" */

#endif
