/* Opening anything. The first byte says what the rest is: 0, a mail as it arrives; 1, packets in
 * the clear, each u16 length | plaintext, which are sealed with the right keys first, so that the
 * fuzzer reaches what stands behind the authentication. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mail/noise.h"
#include "mail/packet.h"
#include "mail/prologue.h"
#include "../mail_streamed.h"

#define SIZE_TRIED_MAX 70000u
#define SPACE_SIZE (8u * SIZE_TRIED_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of R3's vectors, so that they serve as a corpus. */
static const struct x25519_secret RECIPIENT = {{0x81, 0xb6, 0x37, 0xd8, 0xfc, 0xd2, 0xc6, 0xda,
	0x63, 0x59, 0xe6, 0x96, 0x31, 0x13, 0xa1, 0x17, 0x0d, 0xe7, 0x95, 0xe4, 0xb7, 0x25, 0xb8,
	0x4d, 0x1e, 0x0b, 0x4c, 0xfd, 0x9e, 0xc5, 0x8c, 0xe9}};
static const struct x25519_secret SENDER = {{1}}, EPHEMERAL = {{2}};

/* The key of the packets, and everything before them. */
static void begin(struct writer *out, struct aes256_key *transport)
{
	struct x25519_public recipient;
	struct x25519_pair ephemeral;
	struct mail_cache sender;
	x25519_public(&recipient, &RECIPIENT);
	x25519_pair_init(&ephemeral, &EPHEMERAL);
	mail_cache_init(&sender, &SENDER, NULL, 0);
	const struct mail_header header = {.protocol = MAIL_PROTOCOL, .topic = BYTES_LIT("t")};
	uint8_t handshake[NOISE_X_OVERHEAD + 1];
	write_u16be(out, PROLOGUE_FIXED_SIZE + 1);
	prologue_write(out, &header);
	struct bytes prologue = bytes_slice(writer_bytes(out), 2, SIZE_MAX);
	if (noise_x_write(handshake, transport, prologue, BYTES_LIT("\0"), &sender, &recipient,
		    &ephemeral) != CONCLAVE_OK)
		abort();
	write_bytes(out, BYTES_OF(handshake));
}

/* Seal each plaintext under the next nonce, whatever it says. */
static void write_packets(struct writer *out, struct reader *plaintexts)
{
	struct aes256_key transport;
	struct aes256_gcm gcm;
	begin(out, &transport);
	aes256_gcm_init(&gcm, &transport);
	for (uint64_t counter = 0; plaintexts->rest.len != 0; counter++) {
		uint8_t nonce[AES_GCM_NONCE_SIZE];
		struct bytes plaintext = read_lp16(plaintexts);
		if (plaintext.len > UINT16_MAX - AES_GCM_TAG_SIZE)
			break;
		noise_nonce(nonce, counter);
		write_u16be(out, (uint16_t)(plaintext.len + AES_GCM_TAG_SIZE));
		uint8_t *place = out->ptr + out->len;
		write_zeros(out, plaintext.len + AES_GCM_TAG_SIZE);
		if (writer_end(out) != CONCLAVE_OK)
			break;
		aes256_gcm_seal(place, &gcm, nonce, BYTES_LIT(""), plaintext);
	}
}

/* A stream in pieces gives mail_open's answer. */
static void stream_one(struct bytes mail, const struct mail *opened, enum conclave_error wanted)
{
	static uint8_t private_space[SPACE_SIZE], body_space[SPACE_SIZE];
	static struct streamed streamed;
	struct mail_cache cache;
	mail_cache_init(&cache, &RECIPIENT, NULL, 0);
	streamed_init(&streamed, &cache, (struct buffer){private_space, sizeof(private_space)},
		(struct buffer){body_space, sizeof(body_space)});
	if (streamed_feed_pieces(&streamed, mail, 1 + mail.len / 3, mail.len) != wanted ||
		streamed.ended != (wanted == CONCLAVE_OK))
		abort();
	if (wanted == CONCLAVE_OK && (!bytes_equal(writer_bytes(&streamed.body), opened->body) ||
					     !bytes_equal(writer_bytes(&streamed.private_header),
						     opened->private_header)))
		abort();
}

static void open_one(struct bytes mail)
{
	struct mail opened;
	struct buffer space = {malloc(mail.len + 1), mail.len};
	if (space.ptr == NULL)
		abort();
	memset(space.ptr, 0, space.len + 1);
	space.ptr[space.len] = 0xc5;
	enum conclave_error error = mail_open(&opened, space, &RECIPIENT, mail);
	if (error == CONCLAVE_OK && opened.private_header.len + opened.body.len > mail.len)
		abort();
	if (space.ptr[space.len] != 0xc5)
		abort();
	stream_one(mail, &opened, error);
	free(space.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t mail[SPACE_SIZE];
	if (crypto_init() != CONCLAVE_OK)
		abort();
	if (size == 0 || size > SIZE_TRIED_MAX)
		return 0;
	struct bytes rest = bytes_of(data + 1, size - 1);
	if (data[0] == 0) {
		open_one(rest);
		return 0;
	}
	struct writer out = writer_of((struct buffer){mail, sizeof(mail)});
	struct reader plaintexts = reader_of(rest);
	write_packets(&out, &plaintexts);
	if (writer_end(&out) == CONCLAVE_OK)
		open_one(writer_bytes(&out));
	return 0;
}
