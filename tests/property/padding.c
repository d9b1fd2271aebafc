/* With every policy the length of a mail is a function of the policy's answer alone: of one packet
 * and of many, and whatever of today's private headers it carries. A state that is saved and
 * restored goes on as the first would have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"
#include "mail/padding.h"
#include "property/random.h"

#define SIZE_MAX_TRIED 200000
#define ROUNDS 3000
#define SEALED_ROUNDS 60

static uint8_t text[SIZE_MAX_TRIED], sealed[2 * SIZE_MAX_TRIED + 65536];

/* Steps of a thousand, which it is sometimes too lazy to look for. */
static uint64_t thousands(void *context, uint64_t body_size)
{
	uint64_t *calls = context;
	return (*calls)++ % 3 == 0 ? 1000 : (body_size + 999) / 1000 * 1000;
}

static struct padding policy(size_t number, uint64_t *calls)
{
	switch (number) {
	case 0: return padding_fixed(100);
	case 1: return padding_fixed(70000);
	case 2: return padding_largest();
	case 3: return padding_average();
	case 4: return padding_powers();
	default: return padding_own(thousands, calls);
	}
}
#define POLICY_COUNT 6

static size_t random_size(void)
{
	return random_below((size_t)2 << random_below(17));
}

static struct mail_draft draft_of(size_t body_size, size_t private_size, uint64_t minimum)
{
	return (struct mail_draft){.topic = BYTES_LIT("t"),
		.private_header = bytes_of(text, private_size),
		.body = bytes_of(text, body_size),
		.min_size = minimum};
}

static size_t random_private_size(void)
{
	static const size_t sizes[] = {0, MAIL_REFUSAL_SIZE, 18, MAIL_PRIVATE_HEADER_ROOM};
	return sizes[random_below(ARRAY_COUNT(sizes))];
}

/* The mail of this body is as long as that of an empty one with the same answer. */
static void check_length(size_t body_size, uint64_t minimum)
{
	const struct mail_draft empty = draft_of(0, 0, minimum);
	const struct mail_draft full = draft_of(body_size, random_private_size(), minimum);
	assert_int_equal(mail_sealed_size(&full), mail_sealed_size(&empty));
}

static void length_is_the_answers_alone(void **state)
{
	(void)state;
	print_message("seed 0x%llx\n", (unsigned long long)random_seed(0x70616464));
	for (size_t number = 0; number < POLICY_COUNT; number++) {
		uint64_t calls = 0;
		struct padding padding = policy(number, &calls);
		for (size_t round = 0; round < ROUNDS; round++) {
			size_t size = random_size();
			uint64_t minimum = padding_next(&padding, size);
			assert_true(minimum >= size && minimum >= 1);
			check_length(size, minimum);
		}
	}
}

/* What is announced is what is written. */
static void sealed_mails_have_that_length(void **state)
{
	(void)state;
	const struct x25519_secret sender = {{1}}, recipient = {{2}}, ephemeral = {{3}};
	struct x25519_public key;
	x25519_public(&key, &recipient);
	random_seed(0x7365616c);
	for (size_t number = 0; number < POLICY_COUNT; number++) {
		uint64_t calls = 0;
		struct padding padding = policy(number, &calls);
		for (size_t round = 0; round < SEALED_ROUNDS; round++) {
			size_t size = random_size();
			uint64_t minimum = padding_next(&padding, size);
			const struct mail_draft empty = draft_of(0, 0, minimum);
			const struct mail_draft full =
				draft_of(size, random_private_size(), minimum);
			struct writer out = writer_of((struct buffer){sealed, sizeof(sealed)});
			assert_int_equal(
				mail_seal(&out, &full, &sender, &key, &ephemeral), CONCLAVE_OK);
			assert_int_equal(out.len, mail_sealed_size(&empty));
		}
	}
}

static void restored_goes_on_as_before(void **state)
{
	(void)state;
	random_seed(0x73746174);
	for (size_t number = 0; number < POLICY_COUNT - 1; number++) {
		struct padding padding = policy(number, NULL);
		for (size_t round = 0; round < ROUNDS; round++) {
			uint8_t saved[PADDING_SAVED_SIZE];
			struct writer out = writer_of((struct buffer){saved, sizeof(saved)});
			struct padding restored;
			padding_write(&out, &padding);
			assert_int_equal(writer_end(&out), CONCLAVE_OK);
			assert_int_equal(out.len, sizeof(saved));
			assert_int_equal(padding_read(&restored, BYTES_OF(saved)), CONCLAVE_OK);
			size_t size = random_size();
			assert_int_equal(
				padding_next(&restored, size), padding_next(&padding, size));
			padding = restored;
		}
	}
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == CONCLAVE_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_the_answers_alone),
		cmocka_unit_test(sealed_mails_have_that_length),
		cmocka_unit_test(restored_goes_on_as_before),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
