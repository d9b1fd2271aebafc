/* What compilers may call without being asked: memcpy, memmove, memset, memcmp and a count of bits.
 * Built without the optimisation that would turn these loops back into calls of themselves
 * (CMakeLists.txt). */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Below this many bytes a loop of words beats the start-up cost of REP MOVSB and REP STOSB. */
#define SHORT 128

static inline uint64_t load_word(const uint8_t *from)
{
	uint64_t word;
	__builtin_memcpy(&word, from, sizeof(word));
	return word;
}

static inline void store_word(uint8_t *to, uint64_t word)
{
	__builtin_memcpy(to, &word, sizeof(word));
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	uint8_t *out = to;
	const uint8_t *in = from;
	if (n >= SHORT) {
		__asm__ volatile("rep movsb" : "+D"(out), "+S"(in), "+c"(n) : : "memory");
		return to;
	}
	for (; n >= 8; n -= 8, out += 8, in += 8)
		store_word(out, load_word(in));
	for (; n > 0; n--)
		*out++ = *in++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	uint8_t *out = to;
	const uint8_t *in = from;
	/* Forward is right when `to` lies before `from` or past its end. */
	if ((uintptr_t)out - (uintptr_t)in >= n) {
		if (n >= SHORT) {
			__asm__ volatile("rep movsb" : "+D"(out), "+S"(in), "+c"(n) : : "memory");
			return to;
		}
		for (; n >= 8; n -= 8, out += 8, in += 8)
			store_word(out, load_word(in));
		for (; n > 0; n--)
			*out++ = *in++;
		return to;
	}
	for (; n >= 8; n -= 8)
		store_word(out + n - 8, load_word(in + n - 8));
	for (; n > 0; n--)
		out[n - 1] = in[n - 1];
	return to;
}

void *memset(void *to, int value, size_t n)
{
	uint8_t *out = to;
	if (n >= SHORT) {
		__asm__ volatile("rep stosb" : "+D"(out), "+c"(n) : "a"(value) : "memory");
		return to;
	}
	uint64_t word = (uint8_t)value * 0x0101010101010101ull;
	for (; n >= 8; n -= 8, out += 8)
		store_word(out, word);
	for (; n > 0; n--)
		*out++ = (uint8_t)value;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;
	for (; n >= 8 && load_word(x) == load_word(y); n -= 8, x += 8, y += 8)
		;
	for (; n > 0; n--, x++, y++)
		if (*x != *y)
			return *x < *y ? -1 : 1;
	return 0;
}

int __popcountdi2(int64_t value);

/* The instruction: written out in C, gcc would recognise it and call this function. */
int __popcountdi2(int64_t value)
{
	int64_t bits;
	__asm__("popcntq %1, %0" : "=r"(bits) : "r"(value) : "cc");
	return (int)bits;
}
