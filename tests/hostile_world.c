#include "hostile_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/build.h"

struct image hostile_image;
struct machine *hostile_machine;
struct machine_enclave *hostile_enclave;
uint8_t *hostile_arena;

#define LONG_MAIL_MAX 0x100000u

static char folder[] = "/tmp/conclave-hostile-XXXXXX";
static size_t put_len;
static struct x25519_public enclave_key;

static void must(enum conclave_error error, const struct conclave_report *report)
{
	if (error != CONCLAVE_OK)
		fail_msg("%s: %s", conclave_error_name(error), report->text);
}

static const char *path(const char *base, const char *name)
{
	static char made[4][4096];
	static unsigned next;
	char *out = made[next++ % 4];
	snprintf(out, sizeof(made[0]), "%s/%s", base, name);
	return out;
}

/* The project is copied, because it is built in place; the development key is one of this run's. */
int hostile_setup(void **state)
{
	struct conclave_report report = {""};
	struct build_result result;
	char command[4096];
	(void)state;

#ifdef HOSTILE_VAES
	if (!__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("vpclmulqdq")) {
		puts("skipped: this processor has no VAES");
		exit(77);
	}
#endif
	assert_int_equal(crypto_init(), CONCLAVE_OK);
	assert_non_null(mkdtemp(folder));
	setenv("XDG_CONFIG_HOME", folder, 1);
	snprintf(command, sizeof(command), "cp -r '%s/tests/guests/hostile' '%s/'",
		getenv("CONCLAVE_SOURCE"), folder);
	assert_int_equal(system(command), 0);

#ifdef HOSTILE_VAES
	snprintf(command, sizeof(command),
		"sed -i 's/\"heap\"/\"aes\": \"vaes\", &/' '%s/hostile/enclave.json'", folder);
	assert_int_equal(system(command), 0);
#endif
	struct build_options options = {.project = path(folder, "hostile"),
		.sdk = path(getenv("CONCLAVE_BUILD"), "share/conclave"),
		.date = 0x20000101};
	must(build_image(&result, &options, &report), &report);
	must(image_open(&hostile_image, result.path, &report), &report);
	must(machine_open_soft(&hostile_machine, path(folder, "state"), &report), &report);
	hostile_arena = mmap(NULL, (size_t)2 * HOSTILE_WINDOW, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(hostile_arena, MAP_FAILED);
	return 0;
}

int hostile_teardown(void **state)
{
	char command[4096];
	(void)state;

	hostile_machine->ops->close(hostile_machine);
	image_close(&hostile_image);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

int hostile_load(void **state)
{
	struct conclave_report report = {""};
	(void)state;
	must(image_load(&hostile_enclave, hostile_machine, &hostile_image, true, &report), &report);
	memset(hostile_arena, 0xee, (size_t)2 * HOSTILE_WINDOW);
	put_len = 0;
	return 0;
}

int hostile_unload(void **state)
{
	(void)state;
	hostile_machine->ops->destroy(hostile_enclave);
	return 0;
}

uint64_t hostile_tcs(unsigned lane)
{
	const struct layout *layout = hostile_image.layout;
	return layout->lane_rva + lane * layout->lane_stride + layout->lane_tcs;
}

struct hostile_result hostile_enter(unsigned lane, uint64_t code, uint64_t a, uint64_t b)
{
	struct hostile_result result = {0};
	struct machine_registers registers = {.rdi = code, .rsi = a, .rdx = b};

	assert_int_equal(hostile_machine->ops->enter(&result.exit, &result.exception,
				 hostile_enclave, hostile_tcs(lane), &registers, 0),
		CONCLAVE_OK);
	result.status = registers.rdi;
	result.size = registers.rsi;
	return result;
}

void hostile_start(void)
{
	struct hostile_result result = hostile_enter(
		0, ENTRY_START, (uint64_t)(uintptr_t)hostile_arena, 2 * HOSTILE_WINDOW);
	if (result.exit != MACHINE_EXIT_EEXIT)
		fail_msg("START: exception %u at %#lx, address %#lx", result.exception.vector,
			result.exception.rip, result.exception.address);
	assert_int_equal(result.status, ENTRY_OK);
}

void hostile_learn_keys(void)
{
	static const uint8_t target[512];
	hostile_put(FRAME_REPORT, 1, BYTES_OF(target));
	struct bytes reported = hostile_answer(hostile_turn(), FRAME_REPORTED);
	memcpy(enclave_key.bytes, reported.ptr + 464, sizeof(enclave_key.bytes));
}

struct x25519_public hostile_enclave_key(void)
{
	return enclave_key;
}

size_t hostile_put(enum frame_type type, uint64_t id, struct bytes payload)
{
	struct frame_header header = {.type = type, .size = (uint32_t)payload.len, .id = id};

	memcpy(hostile_arena + put_len, &header, sizeof(header));
	if (payload.len != 0)
		memcpy(hostile_arena + put_len + sizeof(header), payload.ptr, payload.len);
	put_len += sizeof(header) + payload.len;
	while (put_len % 8 != 0)
		hostile_arena[put_len++] = 0;
	return put_len;
}

size_t hostile_take_put(void)
{
	size_t size = put_len;
	put_len = 0;
	return size;
}

struct hostile_result hostile_turn(void)
{
	struct hostile_result result = hostile_enter(0, ENTRY_TURN, hostile_take_put(), 0);
	if (result.exit != MACHINE_EXIT_EEXIT)
		fail_msg("TURN: exception %u at %#lx, address %#lx", result.exception.vector,
			result.exception.rip, result.exception.address);
	assert_int_equal(result.status, ENTRY_OK);
	return result;
}

struct bytes hostile_answer(struct hostile_result result, enum frame_type type)
{
	const uint8_t *out = hostile_arena + HOSTILE_WINDOW;
	for (size_t at = 0; at < result.size;) {
		size_t size = load_u32le(out + at + 4);
		if (load_u32le(out + at) == (uint32_t)type)
			return bytes_of(out + at + sizeof(struct frame_header), size);
		at += sizeof(struct frame_header) + ((size + 7) & ~(size_t)7);
	}
	fail_msg("no answer of type %d", (int)type);
	return (struct bytes){0};
}

struct bytes hostile_call(struct bytes input)
{
	hostile_put(FRAME_CALL, 1, input);
	return hostile_answer(hostile_turn(), FRAME_RETURN);
}

static struct x25519_secret client_secret(char name)
{
	struct x25519_secret secret;
	memset(secret.bytes, name, sizeof(secret.bytes));
	return secret;
}

static void seal(struct writer *out, char name, uint64_t sequence, struct bytes body)
{
	struct mail_draft draft = {.sequence = sequence, .topic = BYTES_LIT("t"), .body = body};
	struct x25519_secret secret = client_secret(name), ephemeral;

	assert_int_equal(crypto_random((struct buffer){ephemeral.bytes, sizeof(ephemeral.bytes)}),
		CONCLAVE_OK);
	assert_int_equal(mail_seal(out, &draft, &secret, &enclave_key, &ephemeral), CONCLAVE_OK);
}

struct bytes hostile_seal(char name, uint64_t sequence, struct bytes body)
{
	static uint8_t space[HOSTILE_WINDOW];
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	seal(&out, name, sequence, body);
	return writer_bytes(&out);
}

struct bytes hostile_seal_long(char name, uint64_t sequence, struct bytes body)
{
	static uint8_t space[LONG_MAIL_MAX];
	struct writer out = writer_of((struct buffer){space, sizeof(space)});
	seal(&out, name, sequence, body);
	return writer_bytes(&out);
}

/* -- streams -- */

struct hostile_ask hostile_asked(struct hostile_result result)
{
	struct reader out = reader_of(bytes_of(hostile_arena + HOSTILE_WINDOW, result.size));
	struct hostile_ask ask;

	assert_int_equal(result.exit, MACHINE_EXIT_EEXIT);
	assert_int_equal(result.status, ENTRY_ASKING);
	assert_int_equal(read_u32le(&out), FRAME_ASK);
	assert_int_equal(read_u32le(&out), sizeof(struct frame_ask));
	ask.id = read_u64le(&out);
	assert_int_equal(read_u64le(&out), 0);
	assert_int_equal(read_u64le(&out), 0);
	ask.offset = read_u64le(&out);
	ask.size = read_u32le(&out);
	assert_int_equal(read_u32le(&out), 0);
	assert_int_equal(reader_end(&out), CONCLAVE_OK);
	return ask;
}

struct hostile_result hostile_stream_begin(uint64_t size)
{
	uint8_t payload[8];
	store_u64le(payload, size);
	hostile_put(FRAME_STREAM, 3, BYTES_OF(payload));
	return hostile_enter(0, ENTRY_TURN, hostile_take_put(), 0);
}

struct hostile_result hostile_piece(const struct hostile_ask *ask, struct bytes bytes)
{
	hostile_put(FRAME_PIECE, ask->id, bytes);
	return hostile_enter(0, ENTRY_ANSWER, hostile_take_put(), 0);
}

struct hostile_result hostile_stream_rest(struct hostile_result result, struct bytes mail)
{
	while (result.exit == MACHINE_EXIT_EEXIT && result.status == ENTRY_ASKING) {
		struct hostile_ask ask = hostile_asked(result);
		struct bytes piece = bytes_slice(mail, ask.offset, ask.size);
		assert_int_equal(piece.len, ask.size);
		result = hostile_piece(&ask, piece);
	}
	return result;
}

struct hostile_result hostile_stream(struct bytes mail)
{
	struct hostile_result result = hostile_stream_rest(hostile_stream_begin(mail.len), mail);
	if (result.exit != MACHINE_EXIT_EEXIT)
		fail_msg("STREAM: exception %u at %#lx, address %#lx", result.exception.vector,
			result.exception.rip, result.exception.address);
	assert_int_equal(result.status, ENTRY_OK);
	return result;
}

struct mail hostile_open(char name, struct bytes sealed)
{
	static uint8_t space[HOSTILE_WINDOW];
	struct mail mail;
	struct x25519_secret secret = client_secret(name);

	assert_int_equal(mail_open(&mail, (struct buffer){space, sizeof(space)}, &secret, sealed),
		CONCLAVE_OK);
	assert_memory_equal(mail.sender.bytes, enclave_key.bytes, sizeof(enclave_key.bytes));
	return mail;
}
