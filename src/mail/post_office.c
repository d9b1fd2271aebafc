#include "mail/mail.h"

enum conclave_error post_office_init(struct post_office *office, const struct x25519_secret *sender,
	const struct x25519_public *recipient, struct bytes topic)
{
	TRY(mail_topic_check(topic));
	office->sender = *sender;
	office->recipient = *recipient;
	memset(office->topic, 0, sizeof(office->topic));
	memcpy(office->topic, topic.ptr, topic.len);
	office->topic_size = (uint8_t)topic.len;
	office->next_sequence = 0;
	return CONCLAVE_OK;
}

enum conclave_error post_office_seal(struct writer *out, struct post_office *office,
	const struct mail_draft *draft, const struct x25519_secret *ephemeral)
{
	struct mail_draft numbered = *draft;
	numbered.sequence = office->next_sequence;
	numbered.topic = bytes_of(office->topic, office->topic_size);
	TRY(mail_seal(out, &numbered, &office->sender, &office->recipient, ephemeral));
	office->next_sequence++;
	return CONCLAVE_OK;
}

/* -- private header -- */

#define REFUSAL_VERSION 2

void mail_refusal_write(uint8_t out[MAIL_REFUSAL_SIZE], enum mail_refusal reason)
{
	memset(out, 0, MAIL_REFUSAL_SIZE);
	out[0] = REFUSAL_VERSION;
	out[1] = (uint8_t)reason;
}

enum mail_refusal mail_refusal_read(struct bytes private_header)
{
	if (private_header.len != MAIL_REFUSAL_SIZE || private_header.ptr[0] != REFUSAL_VERSION)
		return MAIL_REFUSAL_NONE;
	uint8_t reason = private_header.ptr[1];
	if (reason < MAIL_REFUSAL_SEQUENCE || reason > MAIL_REFUSAL_DECLINED)
		return MAIL_REFUSAL_TRAPPED;
	return (enum mail_refusal)reason;
}
