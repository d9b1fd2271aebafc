/* The table of peers: exact, bounded, undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "abi/layout.h"
#include "enclave/peers.h"

#define PEERS 100u

static uint8_t region[PEERS * LAYOUT_PEER_SIZE] __attribute__((aligned(4096)));

static int fresh(void **state)
{
	(void)state;
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	memset(region, 0xff, sizeof(region)); /* heap pages are not zero when they are given */
	return peers_init((struct buffer){region, sizeof(region)}, PEERS) == CONCLAVE_OK ? 0 : 1;
}

static struct x25519_public sender(unsigned n)
{
	struct x25519_public key = {{0}};
	store_u32le(key.bytes, n);
	return key;
}

static struct peer *get(unsigned n, const char *topic)
{
	struct peer *peer = NULL;
	struct x25519_public key = sender(n);
	assert_int_equal(peers_get(&peer, &key, bytes_of(topic, strlen(topic))), CONCLAVE_OK);
	return peer;
}

static void senders_and_topics_are_kept_apart(void **state)
{
	(void)state;
	struct peer *peers[] = {get(1, "a"), get(2, "a"), get(1, "b"), get(1, "aa"), get(258, "a")};
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(peers[i], peers[j]);
		peers[i]->next_in = i;
	}
	assert_ptr_equal(get(1, "b"), peers[2]);
	struct x25519_public stranger = sender(9);
	assert_null(peers_find(&stranger, BYTES_LIT("a")));
}

static void capacity_is_exact(void **state)
{
	struct peer *peer = NULL;
	struct x25519_public key;
	(void)state;
	for (unsigned n = 0; n < PEERS; n++) {
		get(n, "t")->next_in = n;
		key = sender(n);
		peers_set_route(&key, 1000 + n);
	}
	key = sender(PEERS);
	assert_int_equal(peers_get(&peer, &key, BYTES_LIT("t")), CONCLAVE_ERROR_LIMIT);
	assert_null(peer);
	for (unsigned n = 0; n < PEERS; n++) {
		uint64_t route;
		key = sender(n);
		assert_int_equal(get(n, "t")->next_in, n);
		assert_int_equal(peers_route(&route, &key), CONCLAVE_OK);
		assert_int_equal(route, 1000 + n);
	}
}

static void routes_are_the_latest(void **state)
{
	uint64_t route = 7;
	struct x25519_public key = sender(1);
	(void)state;
	assert_int_equal(peers_route(&route, &key), CONCLAVE_ERROR_NOT_FOUND);
	assert_int_equal(route, 7);
	get(1, "t");
	peers_set_route(&key, 5);
	peers_set_route(&key, 6);
	assert_int_equal(peers_route(&route, &key), CONCLAVE_OK);
	assert_int_equal(route, 6);
}

static void numbers_are_kept_or_undone(void **state)
{
	(void)state;
	struct peer *a = get(1, "t"), *b = get(2, "t"), *c = get(3, "t");
	assert_int_equal(peers_number(a), 0);
	assert_int_equal(peers_number(a), 1);
	assert_int_equal(peers_number(b), 0);
	peers_keep();
	assert_int_equal(peers_number(b), 1);
	assert_int_equal(peers_number(a), 2);
	assert_int_equal(peers_number(c), 0);
	assert_int_equal(peers_number(b), 2);
	peers_undo();
	c = get(3, "t");
	assert_int_equal(peers_number(a), 2);
	assert_int_equal(peers_number(b), 1);
	assert_int_equal(peers_number(c), 0);
	peers_keep();
	peers_undo();
	assert_int_equal(peers_number(a), 3);
}

/* However often an input that is undone posts to new topics, the table does not fill. */
static void places_are_undone(void **state)
{
	(void)state;
	struct peer *heard = get(1, "t");
	heard->heard = 1;
	for (unsigned n = 0; n < 3 * PEERS; n += 3) {
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(peers_number(get(10 + n + i, "t")), 0);
		assert_int_equal(peers_number(heard), 0);
		peers_undo();
		assert_ptr_equal(get(1, "t"), heard);
	}
	for (unsigned n = 1; n < PEERS; n++)
		peers_number(get(10 + n, "t"));
	peers_keep();
	peers_undo();
	for (unsigned n = 1; n < PEERS; n++)
		assert_int_equal(get(10 + n, "t")->kept_out, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(senders_and_topics_are_kept_apart, fresh),
		cmocka_unit_test_setup(capacity_is_exact, fresh),
		cmocka_unit_test_setup(routes_are_the_latest, fresh),
		cmocka_unit_test_setup(numbers_are_kept_or_undone, fresh),
		cmocka_unit_test_setup(places_are_undone, fresh),
	};
	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
