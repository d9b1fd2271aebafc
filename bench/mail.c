/* What does mail cost beyond what it cannot do without? A small one is measured against the scalar
 * multiplications of its handshake alone, a large one against OpenSSL's AES-256-GCM over the same
 * bytes. */
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "bench.h"
#include "mail/mail.h"

#define SMALL_SIZE 100u
#define BULK_SIZE (1u << 20)
#define BULK_SPACE (BULK_SIZE + 4096u)
#define SECONDS 0.5

static const struct x25519_secret SENDER = {{1}}, RECIPIENT = {{2}}, EPHEMERAL = {{3}};
static struct x25519_public recipient_key;
static uint8_t text[BULK_SIZE], sealed[BULK_SPACE], opened[BULK_SPACE];

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

static void evp_encrypt(void *context)
{
	static const uint8_t key[32], nonce[12];
	int size = 0;
	if (EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
		EVP_EncryptUpdate(context, sealed, &size, text, sizeof(text)) != 1 ||
		EVP_EncryptFinal_ex(context, sealed, &size) != 1)
		exit(1);
}

static void small_mails(void)
{
	struct exchange exchange = {
		.draft = {.topic = BYTES_LIT("default"), .body = bytes_of(text, SMALL_SIZE)}};
	double sealing = bench_rate(seal, &exchange, SECONDS);
	double opening = bench_rate(open_sealed, &exchange, SECONDS);
	double seal_limit = bench_rate(x25519_of_sealing, NULL, SECONDS);
	double open_limit = bench_rate(x25519_of_opening, NULL, SECONDS);
	bench_figure("mail", "seal_100B", sealing, "mail/s", "higher", -1);
	bench_figure("mail", "open_100B", opening, "mail/s", "higher", -1);
	bench_figure("mail", "seal_100B_vs_x25519", sealing / seal_limit, "ratio", "higher", 0.85);
	bench_figure("mail", "open_100B_vs_x25519", opening / open_limit, "ratio", "higher", 0.85);
}

static void bulk_mails(void)
{
	struct exchange exchange = {
		.draft = {.topic = BYTES_LIT("default"), .body = BYTES_OF(text)}};
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	if (context == NULL)
		exit(1);
	double peer = bench_rate(evp_encrypt, context, SECONDS);
	EVP_CIPHER_CTX_free(context);
	double sealing = bench_rate(seal, &exchange, SECONDS);
	double opening = bench_rate(open_sealed, &exchange, SECONDS);
	bench_figure("mail", "seal_1MiB", sealing * BULK_SIZE / 1e9, "GB/s", "higher", -1);
	bench_figure("mail", "open_1MiB", opening * BULK_SIZE / 1e9, "GB/s", "higher", -1);
	bench_figure("mail", "seal_1MiB_vs_openssl_gcm", sealing / peer, "ratio", "higher", 1);
	bench_figure("mail", "open_1MiB_vs_openssl_gcm", opening / peer, "ratio", "higher", 1);
}

int main(void)
{
	check(crypto_init());
	x25519_public(&recipient_key, &RECIPIENT);
	memset(text, 'x', sizeof(text));
	small_mails();
	bulk_mails();
	return 0;
}
