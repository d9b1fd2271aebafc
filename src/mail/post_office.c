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
