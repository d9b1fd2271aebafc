/* A saved state may come from anywhere. What is accepted is written back as a state that reads the
 * same. */
#include <stdlib.h>

#include <conclave/client.h>

#include "base/bytes.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conclave_client *client = NULL, *again = NULL;
	uint8_t *saved = NULL, *saved_again = NULL;
	size_t saved_size = 0, again_size = 0;
	if (conclave_client_restore(&client, data, size, NULL) != CONCLAVE_OK)
		return 0;
	ASSERT(conclave_client_save(client, &saved, &saved_size) == CONCLAVE_OK);
	ASSERT(conclave_client_restore(&again, saved, saved_size, NULL) == CONCLAVE_OK);
	ASSERT(conclave_client_save(again, &saved_again, &again_size) == CONCLAVE_OK);
	ASSERT(bytes_equal(bytes_of(saved, saved_size), bytes_of(saved_again, again_size)));
	free(saved);
	free(saved_again);
	conclave_client_free(client);
	conclave_client_free(again);
	return 0;
}
