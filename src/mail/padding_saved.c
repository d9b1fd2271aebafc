/* What a padding policy remembers, written down and read again: for clients, whose lives are longer
 * than their processes. */
#include "mail/mail.h"
#include "mail/padding.h"

#define SAVED_VERSION 1

void padding_write(struct writer *out, const struct padding *padding)
{
	if (padding->policy == PADDING_OWN) {
		out->failed = true;
		return;
	}
	write_u8(out, SAVED_VERSION);
	write_u8(out, (uint8_t)padding->policy);
	write_u64be(out, padding->figure);
	write_u64be(out, padding->count);
}

/* What the functions above can have left behind. */
static bool is_possible(uint8_t policy, uint64_t figure, uint64_t count)
{
	switch (policy) {
	case PADDING_NONE:
	case PADDING_POWERS: return figure == 0 && count == 0;
	case PADDING_FIXED: return figure >= 1 && figure <= MAIL_BODY_SIZE_MAX && count == 0;
	case PADDING_LARGEST: return figure <= MAIL_BODY_SIZE_MAX && count == 0;
	case PADDING_AVERAGE:
		if (figure > INT64_MAX || count > INT64_MAX)
			return false;
		return figure == 0 || (count != 0 && figure / MAIL_BODY_SIZE_MAX <= count);
	default: return false;
	}
}

enum conclave_error padding_read(struct padding *out, struct bytes saved)
{
	struct reader reader = reader_of(saved);
	uint8_t version = read_u8(&reader);
	uint8_t policy = read_u8(&reader);
	uint64_t figure = read_u64be(&reader);
	uint64_t count = read_u64be(&reader);
	TRY(reader_end(&reader));
	if (version != SAVED_VERSION)
		return CONCLAVE_ERROR_VERSION;
	if (!is_possible(policy, figure, count))
		return CONCLAVE_ERROR_FORMAT;
	*out = (struct padding){
		.policy = (enum padding_policy)policy, .figure = figure, .count = count};
	return CONCLAVE_OK;
}
