/* How fast is a mail of 100 MiB, against OpenSSL's AES-256-GCM over the same bytes in pieces of
 * 64 KiB, and against copying them? The same program over the façade outside (mail_bulk), and over
 * the two that enclaves have (mail_bulk_small, mail_bulk_vaes), with the runtime's own flags. */
#include <string.h>

#include <openssl/evp.h>

#include "bench.h"
#include "mail/cache.h"

#define BULK_SIZE (100u << 20)
#define BULK_SPACE (BULK_SIZE + BULK_SIZE / 2048 + 1024)
#define EVP_SIZE 65536u
#define SECONDS 1.0

static const struct x25519_secret SENDER = {{1}}, RECIPIENT = {{2}};
static struct x25519_public recipient_key;
static uint8_t text[BULK_SIZE], sealed[BULK_SPACE], opened[BULK_SPACE];
static struct bytes mail;

static void check(enum conclave_error error)
{
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "bench mail_bulk: %s\n", conclave_error_text(error));
	exit(1);
}

static void seal(void *context)
{
	static const struct x25519_secret ephemeral = {{3}};
	const struct mail_draft draft = {.topic = BYTES_LIT("default"), .body = BYTES_OF(text)};
	struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
	(void)context;
	check(mail_seal(&out, &draft, &SENDER, &recipient_key, &ephemeral));
	mail = writer_bytes(&out);
}

static void open_sealed(void *context)
{
	struct mail read;
	struct buffer space = {opened, sizeof(opened)};
	(void)context;
	check(mail_open(&read, space, &RECIPIENT, mail));
}

static void evp_encrypt(void *context)
{
	static const uint8_t key[32], nonce[12];
	int size = 0;
	for (size_t i = 0; i < sizeof(text); i += EVP_SIZE)
		if (EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
			EVP_EncryptUpdate(context, sealed, &size, text + i, EVP_SIZE) != 1 ||
			EVP_EncryptFinal_ex(context, sealed, &size) != 1)
			exit(1);
}

static void copy(void *context)
{
	(void)context;
	memcpy(opened, text, sizeof(text));
	__asm__ __volatile__("" : : "r"(opened) : "memory");
}

static void figure(const char *name, const char *suffix, double value, double wanted)
{
	char figure[64];
	snprintf(figure, sizeof(figure), "%s_100MiB%s", name, suffix);
	bench_figure(
		BENCH_NAME, figure, value, suffix[0] == '\0' ? "GB/s" : "ratio", "higher", wanted);
}

static void figures(const char *name, double rate, double peer, double copying)
{
	figure(name, "", rate * BULK_SIZE / 1e9, -1);
	figure(name, "_vs_openssl_gcm", rate / peer, BENCH_WANTED);
	figure(name, "_vs_memcpy", rate / copying, -1);
}

int main(void)
{
	check(crypto_init());
	x25519_public(&recipient_key, &RECIPIENT);
	memset(text, 'x', sizeof(text));
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	if (context == NULL)
		return 1;
	double peer = bench_rate(evp_encrypt, context, SECONDS);
	double copying = bench_rate(copy, NULL, SECONDS);
	EVP_CIPHER_CTX_free(context);
	figures("seal", bench_rate(seal, NULL, SECONDS), peer, copying);
	figures("open", bench_rate(open_sealed, NULL, SECONDS), peer, copying);
	return 0;
}
