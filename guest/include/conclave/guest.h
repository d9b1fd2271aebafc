/* Write an enclave in C: define what it does with mail, and include this header.
 *
 *   #include <conclave/guest.h>
 *
 *   int on_mail(const struct conclave_mail *mail)
 *   {
 *           return conclave_replyf("You said: %s", mail->body);
 *   }
 *
 * That is a whole enclave. What a handler does takes effect only if it returns 0: when it returns
 * something else, or fails (a bad pointer, assert, abort, endless recursion), the replies, posts
 * and files of that input are undone, its sender is told in a sealed mail that it was refused, and
 * the host learns only that. After a failure the program starts afresh: variables are a cache, and
 * what must last goes into files (fopen and friends: a tree in memory, part of the same all or
 * nothing).
 *
 * One thread; input comes one at a time, in the order in which each sender sent it on a topic.
 * Limits (sizes of mail, memory, files) are in enclave.json. docs/guest.md tells the rest. */
#ifndef CONCLAVE_GUEST_H
#define CONCLAVE_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include <conclave/error.h>

#ifdef CONCLAVE_CLIENT_H
#error "conclave/guest.h is for the enclave, conclave/client.h for those who talk to it"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CONCLAVE_KEY_SIZE 32
#define CONCLAVE_SIGNATURE_SIZE 64

/* One mail, decrypted and authenticated. Valid until on_mail returns. */
struct conclave_mail {
	uint8_t sender[CONCLAVE_KEY_SIZE]; /* who sent it: the public key that proved itself */
	uint64_t sequence;		   /* its number among the sender's mail on this topic */
	const char *topic;		   /* NUL-terminated */
	const char *body;		   /* a NUL follows, for bodies that are text */
	size_t body_size;
	const uint8_t *envelope; /* authentic, but the host can read it */
	size_t envelope_size;
};

/* -- what an enclave defines: any of these -- */

#define CONCLAVE_HANDLED 0
#define CONCLAVE_DECLINED 1

/* The program has started, or started afresh. 0, else the enclave refuses to start. */
int on_start(void);
/* A mail. CONCLAVE_HANDLED, or CONCLAVE_DECLINED (any other value too). Without one: declined. */
int on_mail(const struct conclave_mail *mail);
/* A mail that may be larger than memory: body is NULL, body_size 0; read it with
 * conclave_mail_read, or as the file "/dev/mail". What is read is authentic, but whether the mail
 * is whole shows only at its end: when it is not, the program is stopped there, and nothing it did
 * is kept. Without one: declined. Without on_mail: small mail comes here too. */
int on_mail_stream(const struct conclave_mail *mail);
/* Bytes from the host: unauthenticated, and so are they who asked. 0, else the call fails. */
int on_call(const void *bytes, size_t size);
/* The enclave is asked to end. */
void on_stop(void);

/* -- reading a mail as a file is read -- */

/* The next bytes of this mail's body; fewer than size only at its end, 0 after it. In on_mail and
 * on_mail_stream; 0 elsewhere. */
size_t conclave_mail_read(void *to, size_t size);

/* -- answers; all are sealed to their receiver, and leave when the handler has returned 0 --
 *
 * What can fail returns 0 or the number of an error (conclave/error.h), so a handler may end with
 * `return conclave_reply(…)`: an answer that cannot be given declines the input. */

/* To the sender of this mail, on its topic. Errors: STATE (not in on_mail), LIMIT. */
int conclave_reply(const void *body, size_t size);
/* The same with a text as printf makes it. Errors: also MEMORY, FORMAT. */
int conclave_replyf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with an envelope, which the host can read. */
int conclave_reply_enveloped(
	const void *body, size_t size, const void *envelope, size_t envelope_size);

/* To anybody who has sent this enclave mail since it was started. topic: letters, digits and '-'.
 * Errors: STATE (not in on_mail or on_call), NOT_FOUND, FORMAT (topic), LIMIT. */
int conclave_post(
	const uint8_t key[CONCLAVE_KEY_SIZE], const char *topic, const void *body, size_t size);
int conclave_postf(const uint8_t key[CONCLAVE_KEY_SIZE], const char *topic, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int conclave_post_enveloped(const uint8_t key[CONCLAVE_KEY_SIZE], const char *topic,
	const void *body, size_t size, const void *envelope, size_t envelope_size);

/* Append to what on_call answers. Errors: STATE (not in on_call), LIMIT. */
int conclave_answer(const void *bytes, size_t size);

/* -- the rest -- */

/* Ed25519 by the enclave's signing key, which its attestation names, over
 * "conclave guest signature\0" and the bytes. Errors: LIMIT. */
int conclave_sign(uint8_t signature[CONCLAVE_SIGNATURE_SIZE], const void *bytes, size_t size);

/* A line for the developer's console, as printf makes it. The host reads it: nothing that parties
 * trust the enclave with belongs here. An enclave in release mode says nothing at all. */
void conclave_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The measured arguments of enclave.json. Changing one changes the enclave's measurement, so who
 * verifies that knows them. Index from 0; NULL past the end. They live as long as the program. */
size_t conclave_argument_count(void);
const char *conclave_argument(size_t index);

#ifdef __cplusplus
}
#endif
#endif
