/* The guest that the hostile tests enter: the first byte of a call or mail says what it does. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

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

/* Little of the guest's own work and much of the runtime's. */

static int sign_much(void)
{
	uint8_t signature[CONCLAVE_SIGNATURE_SIZE];
	int error = 0;
	for (int i = 0; i < 400 && error == 0; i++)
		error = conclave_sign(signature, "much", 4);
	return error;
}

static int sign_at_length(void)
{
	static uint8_t message[65000];
	uint8_t signature[CONCLAVE_SIGNATURE_SIZE];
	int error = 0;
	for (int i = 0; i < 150 && error == 0; i++)
		error = conclave_sign(signature, message, sizeof(message));
	return error;
}

static int print_much(void)
{
	static char text[65536];
	int error = 0;
	for (int i = 0; i < 400 && error == 0; i++)
		error = write(1, text, sizeof(text)) != sizeof(text);
	return error;
}

static int draw_much(void)
{
	static uint8_t drawn[65536];
	int error = 0;
	for (int i = 0; i < 32 && error == 0; i++)
		error = __wasi_random_get(drawn, sizeof(drawn));
	return error;
}

/* Back and forth between two directories among a hundred. */
static int walk_much(void)
{
	char path[4001] = "/", name[16];
	struct stat found;
	int error = 0;
	for (int i = 0; i < 100 && error == 0; i++) {
		snprintf(name, sizeof(name), "/%d", 100 + i);
		error = mkdir(name, 0700);
	}
	while (strlen(path) + 7 < sizeof(path))
		strcat(path, "199/../");
	for (int i = 0; i < 200 && error == 0; i++)
		error = stat(path, &found);
	return error;
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
	case '1': return sign_much();
	case '2': return draw_much();
	case '3': return walk_much();
	case '4': return sign_at_length();
	case '5': return print_much();
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

/* -- streams: the first byte says what to do with the rest -- */

struct digest {
	uint64_t size, hash; /* FNV-1a */
};

static void digest_add(struct digest *digest, const uint8_t *from, size_t size)
{
	digest->size += size;
	for (size_t i = 0; i < size; i++)
		digest->hash = (digest->hash ^ from[i]) * 0x100000001b3;
}

/* In steps that fit no packet and no piece. */
static struct digest read_rest(size_t step)
{
	static uint8_t space[70000];
	struct digest digest = {.hash = 0xcbf29ce484222325};
	for (size_t size = step; size == step;) {
		size = conclave_mail_read(space, step);
		digest_add(&digest, space, size);
	}
	return digest;
}

static int reply_digest(size_t step)
{
	struct digest digest = read_rest(step);
	return conclave_reply(&digest, sizeof(digest));
}

static int stream_count; /* lost when the program starts afresh */

static int count_in_file(void)
{
	int count = 0;
	FILE *file = fopen("count", "r");
	if (file != NULL) {
		count = fgetc(file);
		fclose(file);
	}
	file = fopen("count", "w");
	if (file == NULL || fputc(++count, file) == EOF || fclose(file) != 0)
		return -1;
	return count;
}

static int reply_counts(void)
{
	uint8_t counts[2] = {(uint8_t)count_in_file(), (uint8_t)++stream_count};
	return conclave_reply(counts, sizeof(counts));
}

/* As a C program reads a file that happens to be this mail; the last one's is dead. */
static int reply_file_digest(void)
{
	static FILE *last;
	static uint8_t space[9999];
	struct digest digest = {.hash = 0xcbf29ce484222325};
	if (last != NULL) {
		clearerr(last);
		if (fgetc(last) != EOF || !ferror(last) || errno != EBADF)
			return 2;
	}
	FILE *file = fopen("/dev/mail", "r");
	if (file == NULL || fopen("/dev/mail", "w") != NULL)
		return 3;
	if (fseek(file, 0, SEEK_SET) != -1 || errno != ESPIPE)
		return 4;
	for (size_t size = 1; size != 0;) {
		size = fread(space, 1, sizeof(space), file);
		digest_add(&digest, space, size);
	}
	if (ferror(file) || !feof(file))
		return 5;
	last = file;
	return conclave_reply(&digest, sizeof(digest));
}

static int read_below(int depth)
{
	sink = depth;
	if (depth > 0)
		return read_below(depth - 1) + (sink & 0);
	return reply_digest(5000);
}

static void burn(void)
{
	for (volatile int i = 0; i < 8000000;)
		i++;
}

int on_mail_stream(const struct conclave_mail *mail)
{
	static uint8_t space[70000];
	char what[8] = "";
	(void)mail;
	conclave_mail_read(what, 1);
	switch (what[0]) {
	case 'h': return reply_digest(1);
	case 'H': return reply_digest(sizeof(space));
	case 'F': return reply_file_digest();
	case 'c': read_rest(4096); return reply_counts();
	case 'p': /* everything before reading */
		return reply_counts() + (read_rest(4096).size == 0);
	case 'n': return 0;
	case 'd': conclave_mail_read(space, sizeof(space)); return 5 + reply_counts();
	case 'u':
		conclave_mail_read(space, sizeof(space));
		reply_counts();
		__builtin_trap();
	case 'o': return (int)conclave_mail_read((void *)0x7ffffff0, 1);
	case 'l':
		for (volatile int here = 0;;)
			here++;
	case 'f': /* more than the fuel of one piece, piece by piece */
		while (conclave_mail_read(space, 65504) != 0)
			burn();
		return reply_counts();
	case 'w': conclave_mail_read(what, sizeof(int)); return read_below(*(int *)(void *)what);
	default: return CONCLAVE_DECLINED;
	}
}

int on_mail(const struct conclave_mail *mail)
{
	conclave_log("mail of %zu bytes", mail->body_size);
	if (mail->body[0] == 'c')
		return reply_counts();
	if (mail->body[0] == 'w' && mail->body_size == 5) {
		int depth;
		memcpy(&depth, mail->body + 1, sizeof(depth));
		return work_below(depth);
	}
	if (mail->body[0] == 'r')
		return conclave_reply(mail->body, mail->body_size);
	return misbehave(mail->body);
}
