/* What the tests of hostile attestation documents share: one forge, and what is wanted of what it
 * makes. */
#ifndef TESTS_HOSTILE_NITRO_WORLD_H
#define TESTS_HOSTILE_NITRO_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/literal.h"
#include "base/check.h"
#include "nitro_forge.h"

static struct nitro_forge forge;

static inline int begin(void **state)
{
	(void)state;
	nitro_forge_init(&forge);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	nitro_forge_free(&forge);
	return 0;
}

/* A fresh plan; what the last one left is given back. */
static inline void begin_again(void)
{
	nitro_forge_free(&forge);
	nitro_forge_init(&forge);
}

static inline enum conclave_error verify(struct nitro_claims *claims, enum nitro_check *failed)
{
	return nitro_verify(claims, failed, forge.document, &forge.root, NITRO_FORGE_NOW, NULL);
}

static inline void check_refused(
	const char *name, enum conclave_error error, enum nitro_check check)
{
	struct nitro_claims claims, before;
	enum nitro_check failed;
	memset(&claims, 0x5a, sizeof(claims));
	before = claims;
	enum conclave_error seen = verify(&claims, &failed);
	if (seen != error || failed != check)
		fail_msg("%s: %s at %s, wanted %s at %s", name, conclave_error_name(seen),
			nitro_check_text(failed), conclave_error_name(error),
			nitro_check_text(check));
	assert_memory_equal(&claims, &before, sizeof(claims));
	assert_int_equal(
		nitro_verify(&claims, NULL, forge.document, &forge.root, NITRO_FORGE_NOW, NULL),
		error);
}

static inline void check_accepted(const char *name, struct nitro_claims *claims)
{
	enum nitro_check failed;
	enum conclave_error seen = verify(claims, &failed);
	if (seen != CONCLAVE_OK)
		fail_msg("%s: %s at %s", name, conclave_error_name(seen), nitro_check_text(failed));
	assert_int_equal(failed, NITRO_CHECK_NONE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

#endif
