/* The cache gives what was computed, keeps whom it should and forgets the one not used for longest;
 * nobody gets into it without proving a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/cache.h"
#include "mail/noise.h"

#define CAPACITY 4

static const struct x25519_secret OWN = {{9}};
static struct mail_cache_entry entries[CAPACITY];
static struct mail_cache cache;
static uint8_t sealed[1000], again[1000], space[1000];

static void begin(size_t capacity)
{
	memset(entries, 0xff, sizeof(entries)); /* what is not in use is never looked at */
	mail_cache_init(&cache, &OWN, entries, capacity);
}

static struct x25519_secret secret_of(uint8_t name)
{
	return (struct x25519_secret){{1, name}};
}

static struct x25519_public key_of(uint8_t name)
{
	const struct x25519_secret secret = secret_of(name);
	struct x25519_public key;
	x25519_public(&key, &secret);
	return key;
}

/* Look a correspondent up, and keep it; whether it was known. What is shared is right either way.
 */
static bool meet(uint8_t name)
{
	const struct x25519_public key = key_of(name);
	struct mail_cache_entry entry;
	struct x25519_shared wanted;
	assert_int_equal(mail_cache_shared(&entry, &cache, &key), CONCLAVE_OK);
	assert_int_equal(x25519(&wanted, &OWN, &key), CONCLAVE_OK);
	assert_memory_equal(&entry.shared, &wanted, sizeof(wanted));
	assert_memory_equal(&entry.peer, &key, sizeof(key));
	mail_cache_keep(&cache, &entry);
	return entry.used != 0;
}

static bool is_known(uint8_t name)
{
	const struct x25519_public key = key_of(name);
	for (size_t i = 0; i < cache.count; i++)
		if (memcmp(&entries[i].peer, &key, sizeof(key)) == 0)
			return true;
	return false;
}

static void forgets_the_one_not_used_for_longest(void **state)
{
	(void)state;
	begin(CAPACITY);
	for (uint8_t name = 0; name < CAPACITY; name++)
		assert_false(meet(name));
	for (uint8_t name = 0; name < CAPACITY; name++)
		assert_true(meet(name));
	assert_true(meet(0)); /* so 1 is the oldest now */
	assert_false(meet(10));
	assert_int_equal(cache.count, CAPACITY);
	assert_false(is_known(1));
	assert_true(meet(0) && meet(2) && meet(3) && meet(10));
	assert_false(meet(1));
	assert_false(is_known(0));
}

/* Against a list that is kept in order of use. */
static void agrees_with_a_simple_model(void **state)
{
	(void)state;
	uint8_t model[CAPACITY];
	size_t count = 0;
	uint32_t random = 1;
	begin(CAPACITY);
	for (size_t round = 0; round < 200; round++) {
		random = random * 1103515245 + 12345;
		uint8_t name = (uint8_t)(random >> 16) % 7;
		size_t place = 0;
		while (place < count && model[place] != name)
			place++;
		assert_int_equal(meet(name), place < count);
		if (place == count && count < CAPACITY)
			count++;
		if (place == CAPACITY)
			place--;
		memmove(model + 1, model, place < count ? place : count - 1);
		model[0] = name;
	}
}

static void keeps_nothing_without_entries(void **state)
{
	(void)state;
	mail_cache_init(&cache, &OWN, NULL, 0);
	assert_false(meet(1));
	assert_false(meet(1));
	assert_int_equal(cache.count, 0);
	mail_cache_wipe(&cache);
}

static void refuses_keys_as_ever(void **state)
{
	(void)state;
	const struct x25519_public zero = {{0}};
	struct mail_cache_entry entry;
	begin(CAPACITY);
	memset(entries, 0, sizeof(entries)); /* an unused entry must not be taken for its peer */
	assert_int_equal(mail_cache_shared(&entry, &cache, &zero), CONCLAVE_ERROR_KEY);
	meet(1);
	assert_int_equal(mail_cache_shared(&entry, &cache, &zero), CONCLAVE_ERROR_KEY);
	assert_int_equal(cache.count, 1);
}

static void wipes_what_it_kept(void **state)
{
	(void)state;
	static const uint8_t zeros[sizeof(entries)];
	begin(CAPACITY);
	memset(entries, 0, sizeof(entries));
	meet(1);
	meet(2);
	mail_cache_wipe(&cache);
	assert_memory_equal(entries, zeros, sizeof(entries));
	assert_memory_equal(&cache, zeros, sizeof(cache));
}

static struct bytes seal_from(uint8_t name)
{
	const struct x25519_secret sender = secret_of(name), ephemeral = {{77, name}};
	const struct mail_draft draft = {.topic = BYTES_LIT("t"), .body = BYTES_LIT("hello")};
	struct x25519_public own;
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	x25519_public(&own, &OWN);
	assert_int_equal(mail_seal(&out, &draft, &sender, &own, &ephemeral), CONCLAVE_OK);
	return writer_bytes(&out);
}

static void a_mail_makes_its_sender_known(void **state)
{
	(void)state;
	begin(CAPACITY);
	const struct x25519_public key = key_of(5);
	for (size_t i = 0; i < 3; i++) {
		struct mail mail;
		assert_int_equal(mail_open_cached(&mail, (struct buffer){space, sizeof(space)},
					 &cache, seal_from(5)),
			CONCLAVE_OK);
		assert_memory_equal(&mail.sender, &key, sizeof(key));
		assert_true(bytes_equal(mail.body, BYTES_LIT("hello")));
		assert_int_equal(cache.count, 1);
	}
	assert_true(is_known(5));
}

/* Anybody can seal another's key under es; only its owner can seal under ss. */
static void a_handshake_that_fails_makes_nobody_known(void **state)
{
	(void)state;
	begin(CAPACITY);
	struct bytes mail = seal_from(5);
	struct mail opened;
	sealed[2 + read_u16be(&(struct reader){mail, false}) + NOISE_X_OVERHEAD] ^= 1;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(mail_open_cached(&opened, (struct buffer){space, sizeof(space)},
					 &cache, mail),
			CONCLAVE_ERROR_AUTH);
	assert_int_equal(cache.count, 0);
}

/* The same bytes, whether the recipient is known or not. */
static void seals_as_without_a_cache(void **state)
{
	(void)state;
	begin(CAPACITY);
	const struct mail_draft draft = {.topic = BYTES_LIT("t"), .body = BYTES_LIT("hello")};
	const struct x25519_secret random = {{3}};
	const struct x25519_public recipient = key_of(6);
	struct x25519_pair ephemeral;
	x25519_pair_init(&ephemeral, &random);
	struct writer plain = writer_of((struct buffer){sealed, sizeof(sealed)});
	assert_int_equal(mail_seal(&plain, &draft, &OWN, &recipient, &random), CONCLAVE_OK);
	for (size_t i = 0; i < 2; i++) {
		struct writer out = writer_of((struct buffer){again, sizeof(again)});
		assert_int_equal(mail_seal_cached(&out, &draft, &cache, &recipient, &ephemeral),
			CONCLAVE_OK);
		assert_true(bytes_equal(writer_bytes(&out), writer_bytes(&plain)));
		assert_true(is_known(6));
	}
}

static void ephemeral_keys_are_given_out_once(void **state)
{
	(void)state;
	struct x25519_pair keys[2], out;
	struct ephemeral_stock stock;
	ephemeral_stock_init(&stock, keys, ARRAY_COUNT(keys));
	assert_int_equal(ephemeral_take(&out, &stock), CONCLAVE_ERROR_NOT_FOUND);
	const struct x25519_secret first = {{1}}, second = {{2}};
	assert_int_equal(ephemeral_put(&stock, &first), CONCLAVE_OK);
	assert_int_equal(ephemeral_put(&stock, &second), CONCLAVE_OK);
	assert_int_equal(ephemeral_put(&stock, &second), CONCLAVE_ERROR_SPACE);
	bool seen[3] = {false, false, false};
	for (size_t i = 0; i < 2; i++) {
		struct x25519_public wanted;
		assert_int_equal(ephemeral_take(&out, &stock), CONCLAVE_OK);
		x25519_public(&wanted, &out.secret);
		assert_memory_equal(&out.public, &wanted, sizeof(wanted));
		assert_false(seen[out.secret.bytes[0]]);
		seen[out.secret.bytes[0]] = true;
		assert_true(ct_all_zero(&keys[stock.count], sizeof(keys[0])));
	}
	assert_int_equal(ephemeral_take(&out, &stock), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(ephemeral_put(&stock, &first), CONCLAVE_OK);
	ephemeral_stock_wipe(&stock);
	assert_true(ct_all_zero(keys, sizeof(keys)));
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgets_the_one_not_used_for_longest),
		cmocka_unit_test(agrees_with_a_simple_model),
		cmocka_unit_test(keeps_nothing_without_entries),
		cmocka_unit_test(refuses_keys_as_ever),
		cmocka_unit_test(wipes_what_it_kept),
		cmocka_unit_test(a_mail_makes_its_sender_known),
		cmocka_unit_test(a_handshake_that_fails_makes_nobody_known),
		cmocka_unit_test(seals_as_without_a_cache),
		cmocka_unit_test(ephemeral_keys_are_given_out_once),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
