/* Between the files of libconclave-mail: the pure library behind <conclave/mail.h>. */
#ifndef MAIL_LIBRARY_LIBRARY_H
#define MAIL_LIBRARY_LIBRARY_H

#include <conclave/mail.h>

#include "mail/cache.h"
#include "mail/padding.h"

struct conclave_mail_box {
	struct mail_cache cache;
	struct mail_cache_entry entries[];
};

/* A fresh ephemeral key. Errors: RANDOM. */
enum conclave_error library_ephemeral(struct x25519_pair *out);
/* A draft in our terms. */
struct mail_draft library_draft(const struct conclave_mail_draft *draft);
/* The clear header in theirs. */
void library_header(struct conclave_mail_opened *out, const struct mail_header *header);

static inline struct x25519_public library_key(const uint8_t key[CONCLAVE_MAIL_KEY_SIZE])
{
	struct x25519_public public;
	memcpy(&public, key, sizeof(public));
	return public;
}

#endif
