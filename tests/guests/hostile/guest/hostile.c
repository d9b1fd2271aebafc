/* The guest that the hostile tests enter: the first byte of a call or mail says what it does. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <conclave/guest.h>

/* Everything the control words of x87 and SSE could bend: rounding, denormals, exceptions. */
static double arithmetic(void)
{
	volatile double one = 1, three = 3, tiny = 5e-324, large = 1.7e308, zero = 0;
	double sum = one / three + tiny * three;
	for (int i = 1; i < 200; i++)
		sum += one / (three * i) - tiny / i;
	sum += one / (one + large) + large * zero;
	volatile float small = 1e-45f, third = 1.0f / 3.0f;
	return sum + (double)(small * third) + (double)(third * third) + (int)(sum * 1000.5);
}

static int deeper(volatile char *above)
{
	volatile char here[64];
	here[0] = above[0];
	return deeper(here) + here[0];
}

/* Down the machine's stack rather than the one in linear memory. */
static volatile int sink;
static int descend(int n)
{
	sink = n;
	return descend(n + 1) * 3 + sink;
}

/* The runtime's deepest work from as far down as the guest may go. */
static int work_below(int depth)
{
	uint8_t signature[CONCLAVE_SIGNATURE_SIZE];
	sink = depth;
	if (depth > 0)
		return work_below(depth - 1) + (sink & 0);
	int error = (int)conclave_sign(signature, "deep", 4);
	return error != 0 ? error : (int)conclave_reply("deep", 4);
}

static int grow(void)
{
	int pages = 0;
	while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1)
		pages++;
	char text[32];
	return conclave_answer(text, (size_t)snprintf(text, sizeof(text), "%d", pages));
}

typedef int other(int, int, int);

static int misbehave(const char *bytes)
{
	volatile int zero = 0;
	volatile char here = 1;
	switch (bytes[0]) {
	case 'o': return *(volatile int *)0x7ffffff0;
	case 'O': memset((void *)0x10, 1, 0x7fffffff); return 0;
	case 'z': return 1000 / zero;
	case 'u': __builtin_trap();
	case 's': return deeper(&here);
	case 'S': return descend(1);
	case 'l':
		for (;;)
			here++;
	case 'i': return ((other *)(uintptr_t)0x1234567)(1, 2, 3);
	default: return 1;
	}
}

int on_call(const void *bytes, size_t size)
{
	const char *what = bytes;
	if (size == 0)
		return 0;
	if (what[0] == 'e')
		return conclave_answer(bytes, size);
	if (what[0] == 'g')
		return grow();
	if (what[0] != 'f')
		return misbehave(what);
	double result = arithmetic();
	return conclave_answer(&result, sizeof(result));
}

int on_mail(const struct conclave_mail *mail)
{
	conclave_log("mail of %zu bytes", mail->body_size);
	if (mail->body[0] == 'w' && mail->body_size == 5) {
		int depth;
		memcpy(&depth, mail->body + 1, sizeof(depth));
		return work_below(depth);
	}
	if (mail->body[0] == 'r')
		return conclave_reply(mail->body, mail->body_size);
	return misbehave(mail->body);
}
