/* Whatever is read as a quote is written back to the same bytes. */
#include "attest/quote.h"
#include "base/check.h"

static void write_back(const struct quote *quote, struct bytes from)
{
	uint8_t space[QUOTE_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	quote_write_signed(&writer, quote);
	ASSERT(bytes_equal(writer_bytes(&writer), quote->signed_part));
	writer = writer_of((struct buffer){space, sizeof(space)});
	quote_write(&writer, quote);
	ASSERT(bytes_equal(writer_bytes(&writer), from));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes from = bytes_of(data, size);
	struct quote quote, padded;
	enum conclave_error error = quote_read(&quote, from);
	if (error == CONCLAVE_OK) {
		write_back(&quote, from);
		ASSERT(quote_report_data(&quote).len == 64);
	}
	enum conclave_error padded_error = quote_read_padded(&padded, from);
	if (error != CONCLAVE_ERROR_TRAILING)
		ASSERT(padded_error == error);
	return 0;
}
