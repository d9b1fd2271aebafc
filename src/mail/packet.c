#include "mail/packet.h"

#include "mail/noise.h"

static void store_u16be(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static size_t load_u16be(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* The last number is kept for rekeying, and one after it would be the first again (The Noise
 * Protocol Framework, §5.1). */
static enum conclave_error next_nonce(
	uint8_t nonce[AES_GCM_NONCE_SIZE], struct packet_stream *stream)
{
	if (stream->counter == UINT64_MAX)
		return CONCLAVE_ERROR_LIMIT;
	noise_nonce(nonce, stream->counter++);
	return CONCLAVE_OK;
}

void packet_stream_init(struct packet_stream *stream, const struct aes256_key *transport)
{
	aes256_gcm_init(&stream->gcm, transport);
	stream->counter = 0;
	stream->error = CONCLAVE_OK;
	stream->ended = false;
}

enum conclave_error packet_seal(
	uint8_t *packet, struct packet_stream *stream, size_t user_size, size_t payload_size)
{
	ASSERT(user_size <= payload_size && payload_size <= MAIL_PACKET_PAYLOAD_MAX);
	uint8_t nonce[AES_GCM_NONCE_SIZE];
	TRY(next_nonce(nonce, stream));
	uint8_t *plaintext = packet + 2;
	memset(plaintext + user_size, 0, payload_size - user_size);
	store_u16be(plaintext + payload_size, user_size);
	store_u16be(packet, payload_size + 2 + AES_GCM_TAG_SIZE);
	aes256_gcm_seal(plaintext, &stream->gcm, nonce, BYTES_LIT(""),
		bytes_of(plaintext, payload_size + 2));
	return CONCLAVE_OK;
}

static enum conclave_error open_next(struct bytes *user, struct packet_stream *stream,
	struct buffer space, struct reader *source)
{
	struct bytes ciphertext = read_lp16(source);
	if (source->failed)
		return CONCLAVE_ERROR_TRUNCATED;
	if (ciphertext.len < 2 + AES_GCM_TAG_SIZE)
		return CONCLAVE_ERROR_FORMAT;
	if (ciphertext.len > space.len)
		return CONCLAVE_ERROR_SPACE;

	uint8_t nonce[AES_GCM_NONCE_SIZE];
	TRY(next_nonce(nonce, stream));
	TRY(aes256_gcm_open(space.ptr, &stream->gcm, nonce, BYTES_LIT(""), ciphertext));

	size_t payload_size = ciphertext.len - AES_GCM_TAG_SIZE - 2;
	size_t user_size = load_u16be(space.ptr + payload_size);
	if (user_size > payload_size) {
		wipe(space.ptr, payload_size + 2);
		return CONCLAVE_ERROR_FORMAT;
	}
	/* A packet of padding alone is not the last: only one of nothing at all is. */
	stream->ended = payload_size == 0;
	*user = bytes_of(space.ptr, user_size);
	return CONCLAVE_OK;
}

enum conclave_error packet_open(struct bytes *user, struct packet_stream *stream,
	struct buffer space, struct reader *source)
{
	if (stream->ended)
		return CONCLAVE_ERROR_STATE;
	if (stream->error == CONCLAVE_OK)
		stream->error = open_next(user, stream, space, source);
	return stream->error;
}
