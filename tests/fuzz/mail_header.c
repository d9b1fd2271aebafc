/* The clear header of anything: never a view outside, and what is read encodes to the same bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mail/mail.h"
#include "mail/prologue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct bytes part, struct bytes whole)
{
	if (part.len != 0 && (part.ptr < whole.ptr || part.len > whole.len ||
				     part.ptr - whole.ptr > (ptrdiff_t)(whole.len - part.len)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes mail = bytes_of(data, size);
	struct mail_header header;
	if (mail_header_read(&header, mail) != CONCLAVE_OK)
		return 0;
	check_within(header.topic, mail);
	check_within(header.envelope, mail);
	check_within(header.key_derivation, mail);
	if (header.sequence > MAIL_SEQUENCE_MAX || header.protocol > MAIL_PROTOCOL)
		abort();

	static uint8_t space[MAIL_PROLOGUE_SIZE_MAX];
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	prologue_write(&out, &header);
	if (writer_end(&out) != CONCLAVE_OK ||
		!bytes_equal(writer_bytes(&out), bytes_slice(mail, 2, out.len)))
		abort();
	return 0;
}
