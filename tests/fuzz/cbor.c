/* CBOR: any item, and a map read member by member. */
#include "attest/cbor.h"
#include "base/check.h"

/* What is deterministic is written again byte for byte: here, the item's own head. */
static void check_head(struct bytes item)
{
	struct reader reader = reader_of(item);
	uint8_t space[9];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	if (cbor_next_is(&reader, CBOR_UNSIGNED)) {
		cbor_write_head(&writer, CBOR_UNSIGNED, cbor_read_unsigned(&reader, UINT64_MAX));
	} else if (cbor_next_is(&reader, CBOR_BYTES)) {
		cbor_write_head(&writer, CBOR_BYTES, cbor_read_bytes(&reader).len);
	} else {
		return;
	}
	ASSERT(cbor_end(&reader) == CONCLAVE_OK);
	ASSERT(bytes_equal(writer_bytes(&writer), bytes_slice(item, 0, writer.len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes from = bytes_of(data, size);
	struct reader reader = reader_of(from);
	struct bytes item = cbor_read_any(&reader);
	if (!reader.failed) {
		ASSERT(item.ptr == data && item.len + reader.rest.len == size);
		check_head(item);
		/* No item begins another. */
		reader = reader_of(bytes_slice(item, 0, item.len - 1));
		(void)cbor_read_any(&reader);
		ASSERT(reader.failed);
	}

	reader = reader_of(from);
	size_t members = 0;
	for (struct cbor_map map = cbor_enter_streamed_map(&reader, 64);
		cbor_next_member(&reader, &map); members++) {
		(void)cbor_read_text(&reader);
		(void)cbor_read_any(&reader);
	}
	ASSERT(members <= 64);
	return 0;
}
