/* A key file may hold anything. A key that is read is written as a file that reads the same. */
#include "cli/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct x25519_secret key, again;
	uint8_t space[512];
	struct writer writer = writer_of((struct buffer){space, sizeof(space)});
	if (key_file_parse(&key, bytes_of(data, size)) != CONCLAVE_OK)
		return 0;
	ASSERT(key_file_write(&writer, &key) == CONCLAVE_OK);
	ASSERT(key_file_parse(&again, writer_bytes(&writer)) == CONCLAVE_OK);
	ASSERT(bytes_equal(BYTES_OF(key), BYTES_OF(again)));
	return 0;
}
