/* Test an enclave without one: the same guest, compiled natively, driven from a test.
 *
 *   mock_start("first argument", "second");
 *   assert(mock_mail("alice", "bid", "{\"amount\": 1420}") == 0);
 *   assert(strcmp(mock_take("alice")->body, "your bid is sealed") == 0);
 *   mock_stop();
 *
 * The mock does what the runtime does: effects of a declined input are undone, mail goes only to
 * those who have sent some. It differs where a developer wants it to: a failing guest fails here,
 * under the debugger or sanitizer at hand, instead of being contained; variables keep what a
 * declined input did to them, as they do in an enclave; there is no encryption.
 *
 * Files: the guest runs in an empty temporary folder; it must name its files by relative paths
 * ("bids.txt"), which mean the same in an enclave.
 *
 * Parties are names of up to 31 bytes; their keys are those bytes and zeros. One mock per process.
 * A misuse of the mock ends the test with a message. */
#ifndef CONCLAVE_MOCK_H
#define CONCLAVE_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOCK_KEY_SIZE 32

/* Start the guest with arguments. What its on_start returned. */
#define mock_start(...) mock_start_with((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
int mock_start_with(const char *const *arguments);
/* Stop the guest and forget everything, files too. */
void mock_stop(void);
/* Instantiate again, as after a failure: on_start runs once more; files stay. The guest's own
 * variables stay too, so a guest must set them in on_start. */
int mock_restart(void);

/* Have a mail handled. What on_mail returned: 0 handled. body is a text, or size bytes. */
int mock_mail(const char *sender, const char *topic, const char *body);
int mock_mail_bytes(const char *sender, const char *topic, const void *body, size_t size,
	const void *envelope, size_t envelope_size);
/* The same of a mail too large for on_mail: what on_mail_stream returned. */
int mock_mail_stream(const char *sender, const char *topic, const void *body, size_t size);
/* A local call. Its answer (valid until the next), or NULL when the guest did not return 0. */
const char *mock_call(const char *bytes);

/* What the guest sent, in order. */
struct mock_mail {
	struct mock_mail *next;
	uint8_t to[MOCK_KEY_SIZE];
	bool is_reply; /* else a post */
	const char *topic, *body;
	size_t body_size;
	const uint8_t *envelope;
	size_t envelope_size;
};
/* Take the oldest mail to a party; NULL: there is none. Valid until mock_stop. */
const struct mock_mail *mock_take(const char *receiver);
/* Mail not yet taken, to anybody. */
size_t mock_waiting(void);
/* All lines logged since mock_start. */
const char *mock_log(void);
/* The key that stands for a party. */
void mock_key(uint8_t key[MOCK_KEY_SIZE], const char *name);
/* The same as 64 digits, for arguments. Static storage: valid until the next call. */
const char *mock_key_hex(const char *name);

#endif
