/* Does a mail of 3 GiB need more memory than one of a packet? Written and read as a stream, in
 * pieces of 1 MiB that fit no packet; what comes out is compared by SHA-256 with what went in. */
#include <sys/resource.h>

#include "bench.h"
#include "mail/stream.h"

#define BODY_SIZE (3ull << 30)
#define PIECE_SIZE (1u << 20)
#define PEAK_WANTED_MIB 64

static struct mail_writer writer;
static struct mail_reader reader;
static struct sha256_state sent, received;
static uint64_t received_size;
static bool ended;

static void check(enum conclave_error error)
{
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "bench mail_stream: %s\n", conclave_error_text(error));
	exit(1);
}

static void deliver(struct bytes mail)
{
	while (mail.len != 0) {
		struct mail_piece piece;
		check(mail_reader_push(&piece, &reader, &mail));
		if (piece.kind == MAIL_PIECE_BODY) {
			sha256_update(&received, piece.bytes);
			received_size += piece.bytes.len;
		}
		ended = piece.kind == MAIL_PIECE_END;
	}
}

static void begin(void)
{
	static const struct x25519_secret sender_secret = {{1}}, recipient_secret = {{2}};
	static const struct x25519_secret random = {{3}};
	static struct mail_cache sender, recipient;
	static uint8_t opening[OPENING_SIZE_MAX];
	struct x25519_pair ephemeral;
	const struct mail_draft draft = {.topic = BYTES_LIT("large")};
	struct writer out = writer_of((struct buffer){opening, sizeof(opening)});
	mail_cache_init(&sender, &sender_secret, NULL, 0);
	mail_cache_init(&recipient, &recipient_secret, NULL, 0);
	x25519_pair_init(&ephemeral, &random);
	check(mail_writer_begin(&out, &writer, &draft, &sender, &recipient.own.public, &ephemeral));
	mail_reader_init(&reader, &recipient);
	deliver(writer_bytes(&out));
}

static void send_body(void)
{
	static uint8_t piece[PIECE_SIZE];
	for (uint64_t done = 0; done < BODY_SIZE; done += PIECE_SIZE) {
		struct bytes packet, rest = BYTES_OF(piece);
		store_u64le(piece, done); /* no two pieces are alike */
		sha256_update(&sent, rest);
		while (rest.len != 0) {
			check(mail_writer_push(&packet, &writer, &rest));
			deliver(packet);
		}
	}
	while (!mail_writer_ended(&writer)) {
		struct bytes packet;
		check(mail_writer_end(&packet, &writer, 0));
		deliver(packet);
	}
}

int main(void)
{
	struct sha256 wanted, seen;
	struct rusage usage;
	check(crypto_init());
	sha256_init(&sent);
	sha256_init(&received);
	double start = bench_now();
	begin();
	send_body();
	double seconds = bench_now() - start;
	check(mail_reader_end(&reader));
	sha256_final(&wanted, &sent);
	sha256_final(&seen, &received);
	if (!ended || received_size != BODY_SIZE || memcmp(&wanted, &seen, sizeof(seen)) != 0) {
		fprintf(stderr, "bench mail_stream: something else came out\n");
		return 1;
	}
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 1;
	bench_figure("mail_stream", "seal_hash_and_open_3GiB", (double)BODY_SIZE / seconds / 1e9,
		"GB/s", "higher", -1);
	bench_figure("mail_stream", "peak_memory", (double)usage.ru_maxrss / 1024, "MiB", "lower",
		PEAK_WANTED_MIB);
	return 0;
}
