/* How far evidence can be trusted, in sentences for people: SECURE, STALE or INSECURE, why, what
 * can be done about it, and as of when. Pure. */
#ifndef ATTEST_CLAIMS_WORDS_H
#define ATTEST_CLAIMS_WORDS_H

#include "attest/claims.h"

#define CLAIMS_WORDS_SIZE 2048u

/* Each fills `text`, at most `size` bytes with the NUL; what does not fit is cut. */

/* Why the level is what it is. */
void claims_reason(char *text, size_t size, const struct claims *claims);
/* What would make it better; "" when nothing would. */
void claims_remedy(char *text, size_t size, const struct claims *claims);
/* What dates it, and how long it holds. now: when it was verified. */
void claims_dates(char *text, size_t size, const struct claims *claims, int64_t now);

#endif
