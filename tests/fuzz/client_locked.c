/* A locked state may come from anywhere; what lies inside, only from who has the key, or from
 * another version of this program. What is accepted inside is written back as it was read. */
#include <stdlib.h>

#include "base/check.h"
#include "client/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes write_down(const struct conclave_client *client)
{
	struct writer size = writer_measure();
	content_write(&size, client);
	uint8_t *space = malloc(size.len);
	ASSERT(space != NULL);
	struct writer writer = writer_of((struct buffer){space, size.len});
	content_write(&writer, client);
	ASSERT(writer_end(&writer) == CONCLAVE_OK);
	return writer_bytes(&writer);
}

static void read_inside(struct bytes content)
{
	struct conclave_client *client = NULL, *again = NULL;
	if (content_read(&client, content) != CONCLAVE_OK)
		return;
	struct bytes first = write_down(client);
	ASSERT(content_read(&again, first) == CONCLAVE_OK);
	struct bytes second = write_down(again);
	ASSERT(bytes_equal(first, second));
	(void)conclave_client_missing(client);
	free((void *)(uintptr_t)first.ptr);
	free((void *)(uintptr_t)second.ptr);
	conclave_client_free(client);
	conclave_client_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CONCLAVE_KEY_SIZE];
	struct conclave_lock lock = {.key = key};
	struct conclave_client *client = NULL;
	if (conclave_client_restore_locked(&client, data, size, &lock, NULL) == CONCLAVE_OK)
		conclave_client_free(client);
	read_inside(bytes_of(data, size));
	return 0;
}
