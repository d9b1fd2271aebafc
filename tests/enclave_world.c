#include "enclave_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/layout.h"
#include "enclave/enclu.h"
#include "enclave/files.h"
#include "enclave/guest.h"
#include "enclave/guest_glue.h"
#include "enclave/keys.h"
#include "enclave/wasi.h"
#include "enclave/wasm/wasm-rt.h"
#include "mail/noise.h"
#include "mail/packet.h"
#include "mail/prologue.h"

/* -- the enclave's memory -- */

#define CONFIG_PAGE 0x1000u
#define HEAP_PAGE 0x2000u
#define FILES_SIZE (64 * BLOCK_SIZE)
#define HEAP_SIZE                                                                       \
	(LAYOUT_WINDOWS * WORLD_WINDOW + FILES_SIZE + LAYOUT_PAGE + LAYOUT_CACHE_SIZE + \
		LAYOUT_STREAM_SIZE)
#define ENCLAVE_SIZE (16 * WORLD_WINDOW)
#define GUEST_SIZE 0x40000u

_Static_assert(HEAP_PAGE + HEAP_SIZE <= ENCLAVE_SIZE, "it fits");

extern uint8_t world_base[ENCLAVE_SIZE] __asm__("__image_base");
_Alignas(LAYOUT_PAGE) uint8_t world_base[ENCLAVE_SIZE];
uint8_t guest_memory[GUEST_SIZE];
_Alignas(LAYOUT_PAGE) uint8_t world_arena[2 * WORLD_WINDOW];

extern const volatile struct layout enclave_layout;
const volatile struct layout enclave_layout = {
	.magic = LAYOUT_MAGIC,
	.enclave_size = ENCLAVE_SIZE,
	.config_rva = CONFIG_PAGE,
	.config_size = sizeof(struct config_header),
	.heap_rva = HEAP_PAGE,
	.heap_size = HEAP_SIZE,
	.guest_size = GUEST_SIZE,
	.window_size = WORLD_WINDOW,
	.files_size = FILES_SIZE,
	.peers_max = WORLD_PEERS,
};

struct bytes world_enclave(void)
{
	return bytes_of(world_base, ENCLAVE_SIZE);
}

struct bytes world_guest_memory(void)
{
	return bytes_of(guest_memory, GUEST_SIZE);
}

void world_plant(struct bytes pattern)
{
	for (size_t at = 0; at + pattern.len <= HEAP_SIZE; at += pattern.len)
		memcpy(world_base + HEAP_PAGE + at, pattern.ptr, pattern.len);
	for (size_t at = 0; at + pattern.len <= GUEST_SIZE; at += pattern.len)
		memcpy(guest_memory + at, pattern.ptr, pattern.len);
}

/* -- the CPU -- */

struct sgx_cpu world_cpu = {.root_key = {1, 2, 3}};
struct sgx_secs world_secs = {
	.attributes = {SGX_FLAG_INIT | SGX_FLAG_MODE64BIT | SGX_FLAG_DEBUG, SGX_XFRM_LEGACY},
	.mrenclave = {0xaa},
	.mrsigner = {0xbb},
	.isvprodid = 1,
	.isvsvn = 3,
};

void enclu_ereport(struct sgx_report *report, const struct sgx_targetinfo *target,
	const uint8_t reportdata[64])
{
	assert_int_equal((uintptr_t)report % ENCLU_ALIGN_REPORT, 0);
	assert_int_equal((uintptr_t)target % ENCLU_ALIGN_TARGETINFO, 0);
	assert_int_equal((uintptr_t)reportdata % ENCLU_ALIGN_REPORTDATA, 0);
	sgx_report_make(report, &world_cpu, &world_secs, target, reportdata);
}

uint32_t enclu_egetkey(struct aes128_key *key, const struct sgx_keyrequest *request)
{
	assert_int_equal((uintptr_t)request % ENCLU_ALIGN_KEYREQUEST, 0);
	assert_int_equal((uintptr_t)key % ENCLU_ALIGN_KEY, 0);
	return sgx_getkey(key, &world_cpu, &world_secs, request);
}

/* -- the guest: offsets in its memory are its pointers -- */

struct w2c_conclave;
uint32_t w2c_conclave_input_size(struct w2c_conclave *, uint32_t part);
uint32_t w2c_conclave_input_read(
	struct w2c_conclave *, uint32_t part, uint32_t offset, uint32_t ptr, uint32_t len);
uint64_t w2c_conclave_mail_sequence(struct w2c_conclave *);
uint32_t w2c_conclave_mail_read(struct w2c_conclave *, uint32_t ptr, uint32_t len);
uint32_t w2c_conclave_reply(struct w2c_conclave *, uint32_t, uint32_t, uint32_t, uint32_t);
uint32_t w2c_conclave_post(struct w2c_conclave *, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
	uint32_t, uint32_t);
uint32_t w2c_conclave_answer(struct w2c_conclave *, uint32_t ptr, uint32_t len);
uint32_t w2c_conclave_sign(struct w2c_conclave *, uint32_t ptr, uint32_t len, uint32_t signature);
uint32_t w2c_conclave_log(struct w2c_conclave *, uint32_t ptr, uint32_t len);

bool world_guest_refuses, world_guest_has_no_mail, world_guest_has_no_stream;
enum config_padding world_padding = CONFIG_PADDING_AVERAGE;
uint64_t world_padding_figure;

enum { INPUT = 0x1000, SCRATCH = 0x18000, COUNTER = 0x30000 };
static wasm_rt_memory_t memory;

static uint8_t load_u8(uint32_t offset)
{
	return *guest_range(offset, 1);
}

static void instantiate(void)
{
	wasm_rt_allocate_memory(&memory, GUEST_SIZE / 0x10000, 0x10000, false, 0x10000);
}

static uint32_t on_start(void)
{
	return world_guest_refuses ? 1 : 0;
}

static struct files_handle counter_file(void)
{
	struct files_handle file;
	assert_int_equal(files_open(&file, guest_files(), files_root(guest_files()),
				 BYTES_LIT("count"), FILES_OPEN_CREATE),
		WASI_OK);
	return file;
}

/* Count up in the file; the new number. */
static uint8_t count_in_file(void)
{
	size_t done;
	uint8_t count = 0;
	struct files_handle file = counter_file();
	assert_int_equal(
		files_read(&done, guest_files(), file, 0, (struct buffer){&count, 1}), WASI_OK);
	count++;
	assert_int_equal(files_write(&done, guest_files(), file, 0, BYTES_OF(count)), WASI_OK);
	return count;
}

static uint32_t reply(uint32_t ptr, uint32_t size)
{
	return w2c_conclave_reply(NULL, ptr, size, 0, 0);
}

static uint32_t reply_counts(void)
{
	guest_store_u8(SCRATCH, (uint8_t)('0' + count_in_file()));
	guest_store_u8(COUNTER, (uint8_t)(load_u8(COUNTER) + 1));
	guest_store_u8(SCRATCH + 1, (uint8_t)('0' + load_u8(COUNTER)));
	return reply(SCRATCH, 2);
}

static uint32_t reply_parts(void)
{
	uint32_t at = SCRATCH;
	at += w2c_conclave_input_read(NULL, GUEST_PART_TOPIC, 0, at, 255);
	guest_store_u8(at++, '|');
	at += w2c_conclave_input_read(NULL, GUEST_PART_ENVELOPE, 0, at, 255);
	guest_store_u8(at++, '|');
	guest_store_u8(at++, (uint8_t)('0' + w2c_conclave_mail_sequence(NULL)));
	return reply(SCRATCH, at - SCRATCH);
}

/* The rest of the body as a file is read, in steps that fit nothing. */
static uint32_t reply_hash(void)
{
	uint64_t total = 0, hash = 0xcbf29ce484222325;
	for (uint32_t size = 777; size == 777;) {
		size = w2c_conclave_mail_read(NULL, SCRATCH, 777);
		for (uint32_t i = 0; i < size; i++)
			hash = (hash ^ load_u8(SCRATCH + i)) * 0x100000001b3;
		total += size;
	}
	guest_store_u64(SCRATCH, total);
	guest_store_u64(SCRATCH + 8, hash);
	return reply(SCRATCH, 16);
}

/* As SAY_ENVELOPE says, at INPUT: the envelope is whatever lies there. */
static uint32_t post_enveloped(void)
{
	guest_store_u32(SCRATCH, 0x7377656e); /* "news" */
	uint32_t error = w2c_conclave_post(
		NULL, INPUT + 1, SCRATCH, 4, 0, 0, INPUT, guest_load_u32(INPUT + 33));
	guest_store_u32(SCRATCH, error);
	return reply(SCRATCH, 4);
}

static void read_on(void)
{
	while (w2c_conclave_mail_read(NULL, SCRATCH, 10000) != 0)
		;
}

static uint32_t on_mail_stream(void)
{
	if (w2c_conclave_mail_read(NULL, INPUT, 1) == 0)
		return 9;
	switch (load_u8(INPUT)) {
	case 'e': (void)w2c_conclave_mail_read(NULL, INPUT + 1, 36); return post_enveloped();
	case 'h': return reply_hash();
	case 'n': return 0;
	case 'd': return 7 + reply_counts();
	case 'c': read_on(); return reply_counts();
	case 'P':
		(void)reply_counts();
		read_on();
		return 0;
	case 't':
		(void)w2c_conclave_mail_read(NULL, SCRATCH, 70000);
		(void)reply_counts();
		wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
	default: return 9;
	}
}

static uint32_t on_mail(void)
{
	uint32_t size = w2c_conclave_input_size(NULL, GUEST_PART_BODY);
	assert_int_equal(w2c_conclave_input_read(NULL, GUEST_PART_BODY, 0, INPUT, size), size);
	switch (size == 0 ? 'n' : load_u8(INPUT)) {
	case 'r': return reply(INPUT, size);
	case 'i': (void)reply(INPUT, size); return 0;
	case 'n': return 0;
	case 'd': (void)count_in_file(); return reply(INPUT, size) == 0 ? 7 : 8;
	case 't':
		(void)count_in_file();
		(void)reply(INPUT, size);
		wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
	case 'b': return reply(SCRATCH, guest_load_u32(INPUT + 1)) == 0 ? 0 : 1;
	case 'p':
		guest_store_u32(SCRATCH, 0x7377656e); /* "news" */
		return w2c_conclave_post(NULL, INPUT + 1, SCRATCH, 4, INPUT + 33, size - 33, 0, 0);
	case 'c': return reply_counts();
	case 'e': return post_enveloped();
	case 'l': w2c_conclave_log(NULL, INPUT, size); return 0;
	case 'o': (void)w2c_conclave_input_read(NULL, GUEST_PART_BODY, 0, GUEST_SIZE, 1); return 0;
	case 'x': wasm_rt_trap(WASM_RT_TRAP_FUEL);
	case 'k': guest_store_u64(SCRATCH, clock_now()); return reply(SCRATCH, 8);
	case 's': return w2c_conclave_sign(NULL, INPUT, size, SCRATCH) + reply(SCRATCH, 64);
	case 'R': return WASI(random_get)(NULL, SCRATCH, 8) + reply(SCRATCH, 8);
	case 'a': return reply_parts();
	case 'h': (void)w2c_conclave_mail_read(NULL, SCRATCH, 1); return reply_hash();
	default: return 9;
	}
}

/* A call answers with what it was given, unless it is told otherwise. */
static uint32_t on_call(void)
{
	uint32_t size = w2c_conclave_input_size(NULL, GUEST_PART_BODY);
	(void)w2c_conclave_input_read(NULL, GUEST_PART_BODY, 0, INPUT, size);
	switch (size == 0 ? 'r' : load_u8(INPUT)) {
	case 't': wasm_rt_trap(WASM_RT_TRAP_OOB);
	case 'd': return 1;
	case 'R': return WASI(random_get)(NULL, SCRATCH, 8);
	case 'p': return on_mail();
	case 'b': return w2c_conclave_answer(NULL, SCRATCH, guest_load_u32(INPUT + 1));
	default: return w2c_conclave_answer(NULL, INPUT, size);
	}
}

static void on_stop(void)
{
	w2c_conclave_log(NULL, INPUT, 4);
}

struct guest_glue guest_glue_storage __asm__("guest_glue") = {.instantiate = instantiate,
	.on_start = on_start,
	.on_mail = on_mail,
	.on_mail_stream = on_mail_stream,
	.on_call = on_call,
	.on_stop = on_stop};

/* -- entering -- */

uint8_t *world_in(void)
{
	return world_arena;
}

uint8_t *world_out(void)
{
	return world_arena + WORLD_WINDOW;
}

enum entry_status world_start(void)
{
	struct config_header header = {.magic = CONFIG_MAGIC,
		.size = sizeof(header),
		.flags = CONFIG_CONSOLE,
		.lanes = 1,
		.padding = world_padding,
		.padding_figure = world_padding_figure,
		.heap_pages = GUEST_SIZE / 0x10000};
	memcpy(world_base + CONFIG_PAGE, &header, sizeof(header));
	if (world_guest_has_no_mail)
		guest_glue_storage.on_mail = NULL;
	if (world_guest_has_no_stream)
		guest_glue_storage.on_mail_stream = NULL;
	return (enum entry_status)turn_enter(
		ENTRY_START, (uint64_t)(uintptr_t)world_arena, sizeof(world_arena))
		.status;
}

static size_t put_len;

void world_put(enum frame_type type, uint64_t id, uint64_t route, struct bytes payload)
{
	struct frame_header header = {
		.type = type, .size = (uint32_t)payload.len, .id = id, .route = route};
	assert_true(put_len + sizeof(header) + ((payload.len + 7) & ~(size_t)7) <= WORLD_WINDOW);
	memcpy(world_in() + put_len, &header, sizeof(header));
	if (payload.len != 0)
		memcpy(world_in() + put_len + sizeof(header), payload.ptr, payload.len);
	put_len += sizeof(header) + payload.len;
	while (put_len % 8 != 0)
		world_in()[put_len++] = 0;
}

static size_t take_put(void)
{
	size_t size = put_len;
	put_len = 0;
	return size;
}

struct entry_result world_turn(void)
{
	return turn_enter(ENTRY_TURN, take_put(), 0);
}

/* -- questions -- */

struct bytes world_streamed;
void (*world_asked)(const struct world_ask *ask) = world_answer_honestly;

struct entry_result world_piece(uint64_t id, struct bytes bytes)
{
	world_put(FRAME_PIECE, id, 0, bytes);
	return turn_enter(ENTRY_ANSWER, take_put(), 0);
}

void world_answer_honestly(const struct world_ask *ask)
{
	struct bytes piece = bytes_slice(world_streamed, ask->offset, ask->size);
	assert_int_equal(piece.len, ask->size);
	assert_int_equal(world_piece(ask->id, piece).status, TURN_GOES_ON);
}

void lane_ask(uint64_t size);

/* What entry.S does: the frames of the turn stay where they are, and entries run below them. */
void lane_ask(uint64_t size)
{
	struct reader out = reader_of(bytes_of(world_out(), size));
	struct world_ask ask;

	assert_int_equal(read_u32le(&out), FRAME_ASK);
	assert_int_equal(read_u32le(&out), sizeof(struct frame_ask));
	ask.id = read_u64le(&out);
	assert_int_equal(read_u64le(&out), 0);
	assert_int_equal(read_u64le(&out), 0);
	ask.offset = read_u64le(&out);
	ask.size = read_u32le(&out);
	assert_int_equal(read_u32le(&out), 0);
	assert_int_equal(reader_end(&out), CONCLAVE_OK);
	world_asked(&ask);
}

struct entry_result world_stream(uint64_t id, uint64_t route, struct bytes mail)
{
	uint8_t size[8];
	store_u64le(size, mail.len);
	world_put(FRAME_STREAM, id, route, BYTES_OF(size));
	world_streamed = mail;
	return world_turn();
}

const struct world_answer *world_answer(struct entry_result result)
{
	static struct world_answer answer;
	struct reader reader = reader_of(bytes_of(world_out(), result.size));

	answer.count = 0;
	while (reader.rest.len != 0 && !reader.failed) {
		assert_true(answer.count < WORLD_FRAMES_MAX);
		struct world_frame *frame = &answer.frames[answer.count++];
		frame->type = (enum frame_type)read_u32le(&reader);
		size_t size = read_u32le(&reader);
		frame->id = read_u64le(&reader);
		frame->route = read_u64le(&reader);
		assert_int_equal(read_u64le(&reader), 0);
		frame->payload = read_bytes(&reader, size);
		struct bytes gap = read_bytes(&reader, (8 - size % 8) % 8);
		for (size_t i = 0; i < gap.len; i++)
			assert_int_equal(gap.ptr[i], 0);
	}
	assert_false(reader.failed);
	return &answer;
}

const struct world_frame *world_find(
	const struct world_answer *answer, enum frame_type type, uint64_t id)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->frames[i].type == type && answer->frames[i].id == id)
			return &answer->frames[i];
	return NULL;
}

/* -- clients -- */

static struct x25519_secret client_secret(char name)
{
	struct x25519_secret secret;
	memset(secret.bytes, name, sizeof(secret.bytes));
	return secret;
}

struct x25519_public world_key(char name)
{
	struct x25519_public key;
	struct x25519_secret secret = client_secret(name);
	x25519_public(&key, &secret);
	return key;
}

struct x25519_public world_enclave_key(void)
{
	return keys()->mail_public;
}

static struct bytes seal(
	struct buffer space, char name, const char *topic, uint64_t sequence, struct bytes body)
{
	struct writer out = writer_of(space);
	struct mail_draft draft = {.sequence = sequence,
		.topic = bytes_of(topic, strlen(topic)),
		.envelope = BYTES_LIT("env"),
		.body = body};
	struct x25519_secret secret = client_secret(name), ephemeral;
	struct x25519_public to = world_enclave_key();

	assert_int_equal(crypto_random((struct buffer){ephemeral.bytes, sizeof(ephemeral.bytes)}),
		CONCLAVE_OK);
	assert_int_equal(mail_seal(&out, &draft, &secret, &to, &ephemeral), CONCLAVE_OK);
	return writer_bytes(&out);
}

struct bytes world_seal(char name, const char *topic, uint64_t sequence, struct bytes body)
{
	static uint8_t space[64][WORLD_WINDOW];
	static unsigned next;
	return seal((struct buffer){space[next++ % 64], WORLD_WINDOW}, name, topic, sequence, body);
}

struct bytes world_seal_long(char name, const char *topic, uint64_t sequence, struct bytes body)
{
	static uint8_t space[16 * WORLD_WINDOW];
	return seal((struct buffer){space, sizeof(space)}, name, topic, sequence, body);
}

struct bytes world_seal_strange(char name, const struct mail_header *header, struct bytes body)
{
	static uint8_t space[WORLD_WINDOW];
	static const uint8_t handshake_payload[1];
	const struct x25519_secret secret = client_secret(name), random = {{1, 2, 3}};
	struct x25519_public to = world_enclave_key();
	struct x25519_pair ephemeral;
	struct mail_cache sender;
	struct aes256_key transport;
	struct packet_stream stream;

	struct writer prologue = writer_of((struct buffer){space + 2, sizeof(space) - 2});
	prologue_write(&prologue, header);
	space[0] = (uint8_t)(prologue.len >> 8);
	space[1] = (uint8_t)prologue.len;
	uint8_t *at = space + 2 + prologue.len;
	mail_cache_init(&sender, &secret, NULL, 0);
	x25519_pair_init(&ephemeral, &random);
	assert_int_equal(noise_x_write(at, &transport, writer_bytes(&prologue),
				 BYTES_OF(handshake_payload), &sender, &to, &ephemeral),
		CONCLAVE_OK);
	at += NOISE_X_OVERHEAD + sizeof(handshake_payload);
	packet_stream_init(&stream, &transport);
	memset(at + 2, 0, 4); /* no private header */
	memcpy(at + 2 + 4, body.ptr, body.len);
	assert_int_equal(packet_seal(at, &stream, 4 + body.len, 4 + body.len), CONCLAVE_OK);
	at += PACKET_OVERHEAD + 4 + body.len;
	assert_int_equal(packet_seal(at, &stream, 0, 0), CONCLAVE_OK);
	return bytes_of(space, (size_t)(at - space) + PACKET_OVERHEAD);
}

struct mail world_open(char name, struct bytes sealed)
{
	static uint8_t space[WORLD_WINDOW];
	struct mail mail;
	struct x25519_secret secret = client_secret(name);
	struct x25519_public from = world_enclave_key();

	assert_int_equal(mail_open(&mail, (struct buffer){space, sizeof(space)}, &secret, sealed),
		CONCLAVE_OK);
	assert_memory_equal(mail.sender.bytes, from.bytes, sizeof(from.bytes));
	return mail;
}

/* -- one process per scenario -- */

void world_run(void (*scenario)(void))
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		/* A failed assertion must end this process, not go on as a second test runner. */
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		assert_int_equal(crypto_init(), CONCLAVE_OK);
		scenario();
		fflush(NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

void world_scenario_runner(void **state)
{
	world_run(((const struct world_scenario *)*state)->run);
}
