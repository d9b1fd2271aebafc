/* Sealing: a letter becomes a mail, whole in memory or while it is read. */
#ifndef CLIENT_SEAL_H
#define CLIENT_SEAL_H

#include "client/body.h"
#include "client/client.h"

struct letter {
	struct topic *topic;
	struct bytes envelope;
	struct body *body;
	uint64_t min_size; /* of padding, when the body's size is known */
};

/* Errors: STATE (nothing verified yet), FORMAT, LIMIT, MEMORY. */
enum conclave_error letter_open(struct letter *out, struct conclave_client *client,
	const char *topic, struct bytes envelope, struct body *body,
	struct conclave_report *report);
/* Whether the mail may be held in memory. */
bool letter_fits(const struct letter *letter);
/* Of a letter that fits, with the topic's next number, which it takes. *out is malloc'ed. Errors:
 * LIMIT, KEY, RANDOM, MEMORY. */
enum conclave_error letter_seal(uint8_t **out, size_t *out_size, const struct letter *letter,
	struct conclave_report *report);

/* The same bytes as a source, which gives them once. The number is taken at the beginning. */
struct sealing;
/* Errors: as letter_seal. */
enum conclave_error sealing_open(struct sealing **out, struct conclave_client *client,
	const struct letter *letter, struct conclave_report *report);
/* For CLEANUP. */
void sealing_close(struct sealing *const *sealing);
/* The next bytes of the mail, at most so many, valid until the next call; none at the end. Errors:
 * the body's, LIMIT. */
enum conclave_error sealing_next(
	struct bytes *out, struct sealing *sealing, size_t most, struct conclave_report *report);
/* Valid as long as it. Its errors are the body's, and LIMIT. */
struct conclave_source sealing_source(struct sealing *sealing);

#endif
