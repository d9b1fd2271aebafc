/* States saved by R3's client, read and written back byte by byte. */
#include "vectors/json.h"

#include "client/client.h"

static uint8_t *from_hex(size_t *size, const char *text)
{
	*size = strlen(text) / 2;
	uint8_t *bytes = test_malloc(*size);
	assert_int_equal(
		hex_decode((struct buffer){bytes, *size}, bytes_of(text, 2 * *size)), CONCLAVE_OK);
	return bytes;
}

static struct conclave_client *check_identity(const char *name)
{
	struct conclave_client *client = NULL;
	struct conclave_report report = {""};
	json_t *vectors = vectors_own("r3/system.json");
	size_t size = 0, again_size = 0;
	uint8_t *saved = from_hex(&size, json_text(vectors, name)), *again = NULL;
	assert_int_equal(conclave_client_restore(&client, saved, size, &report), CONCLAVE_OK);
	assert_int_equal(conclave_client_save(client, &again, &again_size), CONCLAVE_OK);
	assert_int_equal(again_size, size);
	assert_memory_equal(again, saved, size);
	free(again);
	test_free(saved);
	json_decref(vectors);
	return client;
}

static void fresh_client(void **state)
{
	(void)state;
	struct conclave_client *client = check_identity("client_save_new");
	assert_string_equal(conclave_client_constraint(client),
		"S:0000000000000000000000000000000000000000000000000000000000000000 PROD:1 "
		"SEC:INSECURE");
	assert_false(client->knows_enclave);
	assert_null(client->topics);
	conclave_client_free(client);
}

static void started_client(void **state)
{
	(void)state;
	static const uint8_t first[] = {0xe5, 0x67, 0xa9, 0xc4};
	struct conclave_client *client = check_identity("client_save_started");
	assert_true(client->knows_enclave);
	assert_memory_equal(client->enclave_key.bytes, first, sizeof(first));
	assert_false(client->has_state_id);
	conclave_client_free(client);
}

static void client_after_two_mails(void **state)
{
	(void)state;
	static const uint8_t first[] = {0xb1, 0xc6, 0x72, 0xc4};
	struct conclave_client *client = check_identity("client_save_after_two");
	assert_true(client->has_state_id);
	assert_memory_equal(client->state_id, first, sizeof(first));
	assert_non_null(client->topics);
	assert_null(client->topics->next);
	assert_int_equal(client->topics->office.next_sequence, 2);
	assert_memory_equal(client->topics->office.topic, "default", 7);
	conclave_client_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_client),
		cmocka_unit_test(started_client),
		cmocka_unit_test(client_after_two_mails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
