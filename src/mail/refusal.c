/* A sealed refusal: our private header, version 2. */
#include "mail/mail.h"

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
