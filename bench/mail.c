/* What does a small mail cost beyond what it cannot do without? It is measured against the scalar
 * multiplications of its handshake alone; two threads against one. Large mail: mail_bulk.c. */
#include <pthread.h>
#include <string.h>

#include <sodium.h>

#include "bench.h"
#include "mail/cache.h"

#define SMALL_SIZE 100u
#define MAIL_SPACE 1024u
#define SECONDS 0.5
#define CORRESPONDENTS 256u
#define COUNTED_MAILS 100u

static const struct x25519_secret SENDER = {{1}}, RECIPIENT = {{2}}, EPHEMERAL = {{3}};
static struct x25519_public recipient_key;
static struct x25519_pair ephemeral; /* as if made ahead */
static struct mail_cache sender_cache, recipient_cache;
static struct mail_cache_entry sender_entries[CORRESPONDENTS], recipient_entries[CORRESPONDENTS];
static uint8_t text[SMALL_SIZE], sealed[MAIL_SPACE], opened[MAIL_SPACE];

/* -- every allocation of the process is counted -- */

static size_t allocation_count;
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);

void *malloc(size_t size)
{
	__atomic_fetch_add(&allocation_count, 1, __ATOMIC_RELAXED);
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	__atomic_fetch_add(&allocation_count, 1, __ATOMIC_RELAXED);
	return __libc_calloc(count, size);
}

struct exchange {
	struct mail_draft draft;
	struct bytes mail;
};

static void check(enum conclave_error error)
{
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "bench mail: %s\n", conclave_error_text(error));
	exit(1);
}

static void seal(void *context)
{
	struct exchange *exchange = context;
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	check(mail_seal(&out, &exchange->draft, &SENDER, &recipient_key, &EPHEMERAL));
	exchange->mail = writer_bytes(&out);
}

static void open_sealed(void *context)
{
	struct exchange *exchange = context;
	struct mail mail;
	struct buffer space = {opened, sizeof(opened)};
	check(mail_open(&mail, space, &RECIPIENT, exchange->mail));
}

static void seal_known(void *context)
{
	struct exchange *exchange = context;
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	check(mail_seal_cached(&out, &exchange->draft, &sender_cache, &recipient_key, &ephemeral));
	exchange->mail = writer_bytes(&out);
}

static void open_known(void *context)
{
	struct exchange *exchange = context;
	struct mail mail;
	struct buffer space = {opened, sizeof(opened)};
	check(mail_open_cached(&mail, space, &recipient_cache, exchange->mail));
}

/* es, and no more: between two who know each other, with an ephemeral key made ahead. */
static void x25519_once(void *context)
{
	(void)context;
	uint8_t out[32];
	if (crypto_scalarmult_curve25519(out, SENDER.bytes, recipient_key.bytes) != 0)
		exit(1);
}

/* e, es, the sender's public key, ss. */
static void x25519_of_sealing(void *context)
{
	(void)context;
	uint8_t out[32];
	for (size_t i = 0; i < 2; i++)
		if (crypto_scalarmult_curve25519_base(out, SENDER.bytes) != 0 ||
			crypto_scalarmult_curve25519(out, SENDER.bytes, recipient_key.bytes) != 0)
			exit(1);
}

/* The recipient's public key, es, ss. */
static void x25519_of_opening(void *context)
{
	(void)context;
	uint8_t out[32];
	if (crypto_scalarmult_curve25519_base(out, SENDER.bytes) != 0 ||
		crypto_scalarmult_curve25519(out, SENDER.bytes, recipient_key.bytes) != 0 ||
		crypto_scalarmult_curve25519(out, SENDER.bytes, recipient_key.bytes) != 0)
		exit(1);
}

/* -- two threads, each with objects of its own -- */

struct lane {
	struct mail_cache cache;
	struct mail_cache_entry entries[1];
	struct bytes mail;
	uint8_t space[MAIL_SPACE];
	double rate;
};

static void open_lane(void *context)
{
	struct lane *lane = context;
	struct mail mail;
	struct buffer space = {lane->space, sizeof(lane->space)};
	check(mail_open_cached(&mail, space, &lane->cache, lane->mail));
}

static void *run_lane(void *context)
{
	struct lane *lane = context;
	mail_cache_init(&lane->cache, &RECIPIENT, lane->entries, ARRAY_COUNT(lane->entries));
	lane->rate = bench_rate(open_lane, lane, SECONDS);
	return NULL;
}

/* Mails per second of count threads together. */
static double lanes_rate(size_t count, struct bytes mail)
{
	static struct lane lanes[2];
	pthread_t threads[2];
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		lanes[i].mail = mail;
		if (pthread_create(&threads[i], NULL, run_lane, &lanes[i]) != 0)
			exit(1);
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		sum += lanes[i].rate;
	}
	return sum;
}

static void small_mails(void)
{
	struct exchange exchange = {
		.draft = {.topic = BYTES_LIT("default"), .body = BYTES_OF(text)}};
	double sealing = bench_rate(seal, &exchange, SECONDS);
	double opening = bench_rate(open_sealed, &exchange, SECONDS);
	double seal_limit = bench_rate(x25519_of_sealing, NULL, SECONDS);
	double open_limit = bench_rate(x25519_of_opening, NULL, SECONDS);
	bench_figure("mail", "seal_100B", sealing, "mail/s", "higher", -1);
	bench_figure("mail", "open_100B", opening, "mail/s", "higher", -1);
	bench_figure("mail", "seal_100B_vs_x25519", sealing / seal_limit, "ratio", "higher", 0.85);
	bench_figure("mail", "open_100B_vs_x25519", opening / open_limit, "ratio", "higher", 0.85);
}

/* Between two who know each other. */
static void known_mails(void)
{
	struct exchange exchange = {
		.draft = {.topic = BYTES_LIT("default"), .body = BYTES_OF(text)}};
	double sealing = bench_rate(seal_known, &exchange, SECONDS);
	double opening = bench_rate(open_known, &exchange, SECONDS);
	double limit = bench_rate(x25519_once, NULL, SECONDS);
	bench_figure("mail", "seal_known_100B", sealing, "mail/s", "higher", -1);
	bench_figure("mail", "open_known_100B", opening, "mail/s", "higher", -1);
	bench_figure("mail", "seal_known_100B_vs_x25519", sealing / limit, "ratio", "higher", 0.85);
	bench_figure("mail", "open_known_100B_vs_x25519", opening / limit, "ratio", "higher", 0.85);

	size_t before = allocation_count;
	for (size_t i = 0; i < COUNTED_MAILS; i++) {
		seal_known(&exchange);
		open_known(&exchange);
		seal(&exchange);
		open_sealed(&exchange);
	}
	bench_figure("mail", "allocations_per_mail",
		(double)(allocation_count - before) / COUNTED_MAILS, "count", "lower", 0);

	double one = lanes_rate(1, exchange.mail), two = lanes_rate(2, exchange.mail);
	bench_figure("mail", "two_threads_vs_one", two / one, "ratio", "higher", 1.9);
}

/* A cache is as dear as it is full. */
static void fill(
	struct mail_cache *cache, const struct x25519_secret *own, struct mail_cache_entry *entries)
{
	mail_cache_init(cache, own, entries, CORRESPONDENTS);
	for (size_t i = 1; i < CORRESPONDENTS; i++) {
		const struct mail_cache_entry other = {.peer = {{(uint8_t)i, 0xff}}};
		cache->clock++;
		mail_cache_keep(cache, &other);
	}
}

int main(void)
{
	check(crypto_init());
	x25519_public(&recipient_key, &RECIPIENT);
	x25519_pair_init(&ephemeral, &EPHEMERAL);
	fill(&sender_cache, &SENDER, sender_entries);
	fill(&recipient_cache, &RECIPIENT, recipient_entries);
	small_mails();
	known_mails();
	return 0;
}
