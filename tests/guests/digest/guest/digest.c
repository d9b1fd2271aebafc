/* Answers a mail of any size with the SHA-256 and the size of its body: "HEX SIZE\n". */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include <conclave/guest.h>

#define BLOCK 64
#define STEP (1024 * BLOCK)

/* -- FIPS 180-4, 6.2 -- */

static const uint32_t rounds[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6,
	0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
	0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585,
	0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
	0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load_be(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void schedule(uint32_t w[64], const uint8_t *block)
{
	for (int t = 0; t < 16; t++)
		w[t] = load_be(block + 4 * t);
	for (int t = 16; t < 64; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];
		w[t] = w[t - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 7] +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

	schedule(w, block);
	for (int t = 0; t < 64; t++) {
		uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			      ((e & f) ^ (~e & g)) + rounds[t] + w[t];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			      ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + t1;
		d = c, c = b, b = a, a = t1 + t2;
	}
	state[0] += a, state[1] += b, state[2] += c, state[3] += d;
	state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

/* What is left of the last block, a 1 bit, zeros, and the length in bits. */
static void compress_end(uint32_t state[8], const uint8_t *rest, size_t size, uint64_t total)
{
	uint8_t end[2 * BLOCK] = {0};
	size_t len = size + 9 <= BLOCK ? BLOCK : 2 * BLOCK;

	memcpy(end, rest, size);
	end[size] = 0x80;
	for (int i = 0; i < 8; i++)
		end[len - 1 - (size_t)i] = (uint8_t)(total * 8 >> 8 * i);
	for (size_t at = 0; at < len; at += BLOCK)
		compress(state, end + at);
}

int on_mail_stream(const struct conclave_mail *mail)
{
	static uint8_t space[STEP];
	uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		0x1f83d9ab, 0x5be0cd19};
	uint64_t total = 0;
	size_t size;
	(void)mail;

	do {
		size = conclave_mail_read(space, sizeof(space)); /* less only at the end */
		total += size;
		for (size_t at = 0; at + BLOCK <= size; at += BLOCK)
			compress(state, space + at);
	} while (size == sizeof(space));
	compress_end(state, space + size / BLOCK * BLOCK, size % BLOCK, total);
	return conclave_replyf("%08x%08x%08x%08x%08x%08x%08x%08x %" PRIu64 "\n", state[0], state[1],
		state[2], state[3], state[4], state[5], state[6], state[7], total);
}
