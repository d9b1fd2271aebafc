/* Memory or randomness runs out at the n-th request of libconclave-mail's, for every n: each call
 * says which, nothing leaks (the sanitizers see), and a number that was not used is used next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "crypto/crypto.h"
#include <conclave/mail.h>

/* The linker's --wrap sends the library's requests here. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
enum conclave_error __real_crypto_random(struct buffer out);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
enum conclave_error __wrap_crypto_random(struct buffer out);

static bool counting;
static unsigned allowed; /* requests until the one that fails */
static enum conclave_error wanted;

static bool fails(enum conclave_error how)
{
	if (!counting || allowed-- != 0)
		return false;
	wanted = how;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails(CONCLAVE_ERROR_MEMORY) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(CONCLAVE_ERROR_MEMORY) ? NULL : __real_calloc(count, size);
}

enum conclave_error __wrap_crypto_random(struct buffer out)
{
	if (!fails(CONCLAVE_ERROR_RANDOM))
		return __real_crypto_random(out);
	memset(out.ptr, 0, out.len);
	return CONCLAVE_ERROR_RANDOM;
}

/* All that one correspondent has. */
struct life {
	struct conclave_mail_box *box;
	struct conclave_mail_padding *padding, *restored, *own;
	struct conclave_mail_office *office;
	struct conclave_mail_writer *writer;
	struct conclave_mail_reader *reader;
	uint8_t *mail;
};

static uint64_t figure(void *context, uint64_t body_size)
{
	(void)context;
	return body_size;
}

static enum conclave_error live(struct life *life)
{
	uint8_t secret[CONCLAVE_MAIL_KEY_SIZE], key[CONCLAVE_MAIL_KEY_SIZE];
	uint8_t saved[CONCLAVE_MAIL_PADDING_SAVED_SIZE];
	const struct conclave_mail_draft draft = {.topic = "t", .body = "body", .body_size = 4};
	size_t size = 0;
	TRY(conclave_mail_key_generate(secret));
	TRY(conclave_mail_key_public(key, secret));
	TRY(conclave_mail_box_new(&life->box, secret, 2));
	TRY(conclave_mail_padding_new(&life->padding, CONCLAVE_MAIL_PADDING_AVERAGE, 0));
	TRY(conclave_mail_padding_save(saved, life->padding));
	TRY(conclave_mail_padding_restore(&life->restored, saved));
	TRY(conclave_mail_padding_new_own(&life->own, figure, NULL));
	TRY(conclave_mail_office_new(&life->office, life->box, key, "t", 0, life->padding));
	TRY(conclave_mail_office_seal(&life->mail, &size, life->office, "body", 4, NULL, 0));
	TRY(conclave_mail_writer_new(&life->writer, life->box, key, &draft));
	return conclave_mail_reader_new(&life->reader, life->box);
}

static void end(struct life *life)
{
	conclave_mail_reader_free(life->reader);
	conclave_mail_writer_free(life->writer);
	free(life->mail);
	conclave_mail_office_free(life->office);
	conclave_mail_padding_free(life->own);
	conclave_mail_padding_free(life->restored);
	conclave_mail_padding_free(life->padding);
	conclave_mail_box_free(life->box);
}

static void every_request_may_fail(void **state)
{
	unsigned n = 0;
	(void)state;
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	for (;; n++) {
		struct life life = {0};
		allowed = n;
		counting = true;
		enum conclave_error error = live(&life);
		counting = false;
		if (life.office != NULL)
			assert_int_equal(
				conclave_mail_office_next_sequence(life.office), life.mail != NULL);
		end(&life);
		if (error == CONCLAVE_OK)
			break;
		assert_int_equal(error, wanted);
	}
	assert_int_equal(n, 11); /* seven objects and a mail; a key, and two ephemeral ones */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_request_may_fail)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
