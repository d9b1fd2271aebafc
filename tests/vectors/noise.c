/* Noise X against other implementations' vectors. Source: cacophony, noise-c and snow (public
 * domain, MIT, Apache/MIT). */
#include "vectors/json.h"

#include "crypto/crypto.h"
#include "mail/noise.h"

#define NAME "Noise_X_25519_AESGCM_SHA256"

/* Message n + 1 is the n-th under the transport key. */
static void check_transport(const struct aes256_key *transport, const json_t *messages)
{
	struct aes256_gcm gcm;
	aes256_gcm_init(&gcm, transport);
	for (size_t i = 1; i < json_array_size(messages); i++) {
		const json_t *message = json_array_get(messages, i);
		struct bytes payload = json_bytes(message, "payload");
		struct bytes wanted = json_bytes(message, "ciphertext");
		uint8_t nonce[AES_GCM_NONCE_SIZE], out[256];
		noise_nonce(nonce, i - 1);
		aes256_gcm_seal(out, &gcm, nonce, BYTES_LIT(""), payload);
		assert_true(bytes_equal(bytes_of(out, payload.len + AES_GCM_TAG_SIZE), wanted));
	}
}

static void check_vector(const json_t *vector)
{
	struct x25519_secret sender, recipient, ephemeral;
	struct x25519_public recipient_public, wanted_sender, seen;
	json_into(&sender, sizeof(sender), vector, "init_static");
	json_into(&recipient, sizeof(recipient), vector, "resp_static");
	json_into(&ephemeral, sizeof(ephemeral), vector, "init_ephemeral");
	json_into(&recipient_public, sizeof(recipient_public), vector, "init_remote_static");
	struct bytes prologue = json_bytes(vector, "init_prologue");
	const json_t *messages = json_object_get(vector, "messages");
	struct bytes payload = json_bytes(json_array_get(messages, 0), "payload");
	struct bytes wanted = json_bytes(json_array_get(messages, 0), "ciphertext");

	uint8_t out[256];
	struct aes256_key transport, transport_read;
	struct mail_cache writing, reading;
	struct x25519_pair ephemeral_pair;
	mail_cache_init(&writing, &sender, NULL, 0);
	mail_cache_init(&reading, &recipient, NULL, 0);
	x25519_pair_init(&ephemeral_pair, &ephemeral);
	assert_int_equal(noise_x_write(out, &transport, prologue, payload, &writing,
				 &recipient_public, &ephemeral_pair),
		CONCLAVE_OK);
	assert_true(bytes_equal(bytes_of(out, NOISE_X_OVERHEAD + payload.len), wanted));
	check_transport(&transport, messages);

	assert_int_equal(
		noise_x_read(out, &transport_read, &seen, prologue, &reading, wanted), CONCLAVE_OK);
	x25519_public(&wanted_sender, &sender);
	assert_memory_equal(&seen, &wanted_sender, sizeof(seen));
	assert_memory_equal(&transport_read, &transport, sizeof(transport));
	assert_true(bytes_equal(bytes_of(out, payload.len), payload));
	assert_int_equal(
		noise_x_read(out, &transport_read, &seen, BYTES_LIT("other"), &reading, wanted),
		CONCLAVE_ERROR_AUTH);
	for (size_t len = 0; len < NOISE_X_OVERHEAD; len++)
		assert_int_equal(noise_x_read(out, &transport_read, &seen, prologue, &reading,
					 bytes_slice(wanted, 0, len)),
			CONCLAVE_ERROR_TRUNCATED);
	/* A recipient of low order: there would be no secret. */
	recipient_public = (struct x25519_public){{1}};
	assert_int_equal(noise_x_write(out, &transport, prologue, payload, &writing,
				 &recipient_public, &ephemeral_pair),
		CONCLAVE_ERROR_KEY);
}

static void check_file(const char *file, const char *name_field)
{
	json_t *root = vectors_load(file), *vector;
	const json_t *all = json_is_array(root) ? root : json_object_get(root, "vectors");
	size_t i, count = 0;
	json_array_foreach(all, i, vector)
	{
		const char *name = json_string_value(json_object_get(vector, name_field));
		if (name == NULL || strcmp(name, NAME) != 0)
			continue;
		vectors_forget();
		check_vector(vector);
		count++;
	}
	assert_int_equal(count, 1);
	json_decref(root);
}

static void agrees_with_cacophony(void **state)
{
	(void)state;
	check_file("noise/cacophony-25519_AESGCM_SHA256.json", "protocol_name");
	check_file("noise/cacophony-X-all-suites.json", "protocol_name");
}

static void agrees_with_noise_c(void **state)
{
	(void)state;
	check_file("noise/cacophony-noise-c-25519_AESGCM_SHA256.json", "name");
	check_file("noise/noise-c-basic-25519_AESGCM_SHA256.json", "name");
}

static void agrees_with_snow(void **state)
{
	(void)state;
	check_file("noise/snow-25519_AESGCM_SHA256.json", "protocol_name");
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_cacophony),
		cmocka_unit_test(agrees_with_noise_c),
		cmocka_unit_test(agrees_with_snow),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
