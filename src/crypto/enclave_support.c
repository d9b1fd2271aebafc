/* What the objects of libsodium and BearSSL need of a libc, and nothing more. mem* come from the
 * runtime. There is nobody to report a bug to in here: every one of them is an invalid instruction,
 * which the host sees as a crashed enclave. */
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"

_Noreturn void abort(void);
_Noreturn void __stack_chk_fail(void);
_Noreturn void sodium_misuse(void);
void *__memcpy_chk(void *to, const void *from, size_t len, size_t room);
void *__memset_chk(void *to, int value, size_t len, size_t room);
void sodium_memzero(void *const ptr, const size_t len);
int sodium_memcmp(const void *const a, const void *const b, size_t len);
int sodium_is_zero(const unsigned char *ptr, const size_t len);
void randombytes_buf(void *const ptr, const size_t len);

void abort(void)
{
	__builtin_trap();
}

void __stack_chk_fail(void)
{
	__builtin_trap();
}

void sodium_misuse(void)
{
	__builtin_trap();
}

void *__memcpy_chk(void *to, const void *from, size_t len, size_t room)
{
	ASSERT(len <= room);
	return memcpy(to, from, len);
}

void *__memset_chk(void *to, int value, size_t len, size_t room)
{
	ASSERT(len <= room);
	return memset(to, value, len);
}

void sodium_memzero(void *const ptr, const size_t len)
{
	wipe(ptr, len);
}

int sodium_memcmp(const void *const a, const void *const b, size_t len)
{
	return ct_equal(a, b, len) ? 0 : -1;
}

int sodium_is_zero(const unsigned char *ptr, const size_t len)
{
	return ct_all_zero(ptr, len);
}

/* Linked because libsodium's objects hold key generation too; never called by us. */
void randombytes_buf(void *const ptr, const size_t len)
{
	ASSERT(crypto_random((struct buffer){ptr, len}) == CONCLAVE_OK);
}
