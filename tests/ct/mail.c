/* For valgrind (tests/ct/mail.sh): seal and open a mail with every secret marked undefined.
 * memcheck then reports each branch and each address that depends on one; mail.supp has the few
 * that must. Opening goes packet by packet as mail_open does, because how many bytes a packet
 * carries is inside the seal, and is no secret once it is open. */
#include <stdio.h>
#include <stdlib.h>

#include <valgrind/memcheck.h>

#include "mail/mail.h"
#include "mail/noise.h"
#include "mail/packet.h"

static uint8_t sealed[1024], space[1024];

static void secret(void *ptr, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(ptr, len);
}

static void public(void *ptr, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(ptr, len);
}

static void check(enum conclave_error error)
{
	public(&error, sizeof(error));
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "ct mail: %s\n", conclave_error_text(error));
	exit(1);
}

/* The user bytes of a mail of one packet. */
static struct bytes open_packets(struct mail_cache *recipient, struct bytes mail)
{
	struct reader reader = reader_of(mail);
	struct bytes prologue = read_lp16(&reader);
	struct bytes handshake = read_bytes(&reader, NOISE_X_OVERHEAD + 1);
	struct aes256_key transport;
	struct x25519_public sender;
	struct packet_stream stream;
	struct bytes content, last;
	uint8_t ignored;
	check(noise_x_read(&ignored, &transport, &sender, prologue, recipient, handshake));
	packet_stream_init(&stream, &transport);
	check(packet_open(&content, &stream, (struct buffer){space, sizeof(space)}, &reader));
	public(&content, sizeof(content));
	struct buffer rest = {space + content.len, sizeof(space) - content.len};
	public(&stream.error, sizeof(stream.error));
	check(packet_open(&last, &stream, rest, &reader));
	if (!stream.ended)
		exit(1);
	return content;
}

/* Two more correspondents, as secret as any: with the sender as the third, one entry of the cache
 * is always that of somebody else. */
static void meet_others(struct mail_cache *cache)
{
	for (uint8_t i = 0; i < 2; i++) {
		struct x25519_secret other = {{4, i}};
		struct x25519_public key;
		struct mail_cache_entry entry;
		x25519_public(&key, &other);
		secret(&key, sizeof(key));
		check(mail_cache_shared(&entry, cache, &key));
		mail_cache_keep(cache, &entry);
	}
}

/* With "branch", a branch on a secret of our own, to show that the test would see one. */
int main(int argc, char **argv)
{
	struct x25519_secret sender = {{1}}, recipient = {{2}}, ephemeral = {{3}};
	struct x25519_public recipient_key;
	struct mail_cache_entry entries[3];
	struct mail_cache cache;
	uint8_t body[] = "a body as secret as the keys", private_header[] = "and this one";
	if (RUNNING_ON_VALGRIND == 0) {
		fprintf(stderr, "ct mail: not under valgrind\n");
		return 1;
	}
	check(crypto_init());
	x25519_public(&recipient_key, &recipient);

	secret(&sender, sizeof(sender));
	secret(&recipient, sizeof(recipient));
	secret(&ephemeral, sizeof(ephemeral));
	secret(body, sizeof(body));
	secret(private_header, sizeof(private_header));
	if (argc > 1 && strcmp(argv[1], "branch") == 0 && recipient.bytes[0] == 7)
		puts("seven");

	const struct mail_draft draft = {.topic = BYTES_LIT("ct"),
		.private_header = BYTES_OF(private_header),
		.body = BYTES_OF(body),
		.min_size = 100};
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	check(mail_seal(&out, &draft, &sender, &recipient_key, &ephemeral));

	public(sealed, sizeof(sealed)); /* what is sent is for all to see */
	mail_cache_init(&cache, &recipient, entries, ARRAY_COUNT(entries));
	meet_others(&cache);
	open_packets(&cache, writer_bytes(&out));
	meet_others(&cache);
	struct bytes opened = open_packets(&cache, writer_bytes(&out));
	public(space, sizeof(space));
	public(body, sizeof(body));
	if (!bytes_equal(bytes_slice(opened, 4 + sizeof(private_header), SIZE_MAX), BYTES_OF(body)))
		return 1;
	puts("sealed and opened");
	return 0;
}
