/* Mail, without the rest of Conclave: sealed messages between holders of X25519 keys, in R3
 * Conclave's wire format. A mail is confidential, proves its sender to its recipient, carries a
 * clear but authenticated header, and its end is marked. Order and replay are for whoever opens it:
 * the sequence number serves for that. docs/spec/mail.md says every byte.
 *
 *   struct conclave_mail_box *mine;
 *   conclave_mail_key_generate(private_key);
 *   conclave_mail_box_new(&mine, private_key, 100);
 *   conclave_mail_seal(out, &out_size, mine, their_public_key, &draft);
 *
 * Ownership: what a _new makes the caller frees with the matching _free, which takes NULL too and
 * wipes what was secret. Sealing and opening whole mails allocates nothing. Thread rule: a box, and
 * the writers, readers and offices made with it, belong to one thread at a time; a padding as well.
 * Limits: topics of 1 to 255 bytes, header fields together 65,520 bytes, bodies 2^48 bytes. */
#ifndef CONCLAVE_MAIL_H
#define CONCLAVE_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <conclave/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONCLAVE_MAIL_KEY_SIZE 32

/* A new private key from the system's randomness. Errors: RANDOM, UNSUPPORTED (this processor). */
enum conclave_error conclave_mail_key_generate(uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE]);
/* Its public key. Errors: UNSUPPORTED. */
enum conclave_error conclave_mail_key_public(uint8_t public_key[CONCLAVE_MAIL_KEY_SIZE],
	const uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE]);

/* -- a box: one's private key, with what it shares with correspondents of late -- */

struct conclave_mail_box;

/* correspondents: for how many the shared secret is kept, which halves the work; at most 65,536.
 * Errors: ARGUMENT, MEMORY, UNSUPPORTED. */
enum conclave_error conclave_mail_box_new(struct conclave_mail_box **out,
	const uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE], size_t correspondents);
void conclave_mail_box_free(struct conclave_mail_box *box);

/* -- whole mails -- */

/* What goes into a mail. What is NULL is empty. */
struct conclave_mail_draft {
	uint64_t sequence; /* below 2^63 */
	const char *topic; /* letters, digits and '-'; from U+0080 on anything, in modified UTF-8 */
	const void *envelope; /* clear, authenticated */
	size_t envelope_size;
	const void *key_derivation; /* clear, authenticated */
	size_t key_derivation_size;
	const void *private_header;
	size_t private_header_size;
	const void *body;
	size_t body_size;
	uint64_t min_size; /* pad as if the body had at least this size; 0: no padding */
};

/* What comes out. Sizes in bytes; nothing is NUL-terminated. */
struct conclave_mail_opened {
	uint64_t sequence;
	uint8_t sender[CONCLAVE_MAIL_KEY_SIZE]; /* authenticated */
	const uint8_t *topic, *envelope, *key_derivation, *private_header, *body;
	size_t topic_size, envelope_size, key_derivation_size, private_header_size, body_size;
};

/* The exact size of the mail, if the draft can be sealed; otherwise 0. */
size_t conclave_mail_sealed_size(const struct conclave_mail_draft *draft);
/* out_size: the room in out before, the mail's size after. Errors: SPACE, FORMAT (topic), LIMIT,
 * KEY (the recipient's is none that may be used), RANDOM. */
enum conclave_error conclave_mail_seal(uint8_t *out, size_t *out_size,
	struct conclave_mail_box *sender, const uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE],
	const struct conclave_mail_draft *draft);
/* space: at least mail_size bytes, apart from the mail; what opened points to. On an error it holds
 * no plaintext. Errors: SPACE, FORMAT, TRUNCATED, VERSION, KEY, AUTH (altered, or for another). */
enum conclave_error conclave_mail_open(struct conclave_mail_opened *opened, void *space,
	size_t space_size, struct conclave_mail_box *recipient, const void *mail, size_t mail_size);
/* The clear header alone: sequence, topic, envelope, key derivation; they point into the mail, and
 * nothing is authenticated. Errors: FORMAT, TRUNCATED, VERSION. */
enum conclave_error conclave_mail_peek(
	struct conclave_mail_opened *opened, const void *mail, size_t mail_size);

/* -- padding: how long a body shall seem. Ask for every body, in order, and give the answer to
 * min_size: the mail's length then tells nothing but that answer -- */

enum conclave_mail_policy {
	CONCLAVE_MAIL_PADDING_NONE = 0,
	CONCLAVE_MAIL_PADDING_FIXED = 1,   /* a figure chosen beforehand, or a multiple of it */
	CONCLAVE_MAIL_PADDING_LARGEST = 2, /* the largest so far */
	CONCLAVE_MAIL_PADDING_AVERAGE = 3, /* the average so far, or a multiple of it */
	CONCLAVE_MAIL_PADDING_POWERS = 4,  /* a power of two, at least 256 */
};

struct conclave_mail_padding;

/* figure: that of FIXED, otherwise 0. Errors: ARGUMENT, MEMORY. */
enum conclave_error conclave_mail_padding_new(
	struct conclave_mail_padding **out, enum conclave_mail_policy policy, uint64_t figure);
/* A policy of one's own: a body is padded to the smallest multiple of what it says that holds the
 * body. It cannot be saved. Errors: ARGUMENT, MEMORY. */
enum conclave_error conclave_mail_padding_new_own(struct conclave_mail_padding **out,
	uint64_t (*figure)(void *context, uint64_t body_size), void *context);
void conclave_mail_padding_free(struct conclave_mail_padding *padding);
uint64_t conclave_mail_padding_next(struct conclave_mail_padding *padding, uint64_t body_size);

/* What a policy remembers, so that it outlives the process. It tells sizes: keep it as a secret.
 * Errors: STATE (it is one's own). */
#define CONCLAVE_MAIL_PADDING_SAVED_SIZE 18
enum conclave_error conclave_mail_padding_save(
	uint8_t out[CONCLAVE_MAIL_PADDING_SAVED_SIZE], const struct conclave_mail_padding *padding);
/* Errors: FORMAT, VERSION, MEMORY. */
enum conclave_error conclave_mail_padding_restore(
	struct conclave_mail_padding **out, const uint8_t saved[CONCLAVE_MAIL_PADDING_SAVED_SIZE]);

/* -- post offices: one per recipient and topic; they number the mails, and pad them -- */

struct conclave_mail_office;

/* box, and padding unless NULL: the caller's, for as long as the office. next_sequence: 0, or where
 * an earlier office stopped. Errors: FORMAT or LIMIT (topic, number), KEY, MEMORY. */
enum conclave_error conclave_mail_office_new(struct conclave_mail_office **out,
	struct conclave_mail_box *box, const uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE],
	const char *topic, uint64_t next_sequence, struct conclave_mail_padding *padding);
void conclave_mail_office_free(struct conclave_mail_office *office);
uint64_t conclave_mail_office_next_sequence(const struct conclave_mail_office *office);
/* *out is malloc'ed, freed by the caller. Errors: LIMIT, RANDOM, MEMORY. */
enum conclave_error conclave_mail_office_seal(uint8_t **out, size_t *out_size,
	struct conclave_mail_office *office, const void *body, size_t body_size,
	const void *envelope, size_t envelope_size);

/* -- streams: a mail of any length in memory of one size. Bytes are pushed in, in pieces of any
 * size, and what comes out is valid until the next call -- */

struct conclave_mail_writer;
struct conclave_mail_reader;

/* The draft's body and min_size are not looked at; its private header has at most 65,513 bytes.
 * Errors: as conclave_mail_seal; MEMORY. */
enum conclave_error conclave_mail_writer_new(struct conclave_mail_writer **out,
	struct conclave_mail_box *sender, const uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE],
	const struct conclave_mail_draft *draft);
void conclave_mail_writer_free(struct conclave_mail_writer *writer);
/* Take from the start of *body, which moves on; *mail: the mail's next bytes, often none. Until
 * *body_size is 0. Errors: LIMIT, STATE. */
enum conclave_error conclave_mail_writer_push(const uint8_t **mail, size_t *mail_size,
	struct conclave_mail_writer *writer, const uint8_t **body, size_t *body_size);
/* The body is complete; *mail: the mail's next bytes, until there are none. The same min_size in
 * every call. Errors: LIMIT. */
enum conclave_error conclave_mail_writer_end(const uint8_t **mail, size_t *mail_size,
	struct conclave_mail_writer *writer, uint64_t min_size);

enum conclave_mail_piece_kind {
	CONCLAVE_MAIL_PIECE_NONE,    /* all was taken in, more is needed */
	CONCLAVE_MAIL_PIECE_HEADER,  /* conclave_mail_reader_header says it, authenticated */
	CONCLAVE_MAIL_PIECE_PRIVATE, /* the next bytes of the private header */
	CONCLAVE_MAIL_PIECE_BODY,    /* the next bytes of the body */
	CONCLAVE_MAIL_PIECE_END,     /* the mail was whole */
};
struct conclave_mail_piece {
	enum conclave_mail_piece_kind kind;
	const uint8_t *bytes;
	size_t size;
};

/* recipient: the caller's, for as long as the reader. Errors: MEMORY. */
enum conclave_error conclave_mail_reader_new(
	struct conclave_mail_reader **out, struct conclave_mail_box *recipient);
void conclave_mail_reader_free(struct conclave_mail_reader *reader);
/* Take from the start of *mail, which moves on, up to the next piece. Until *mail_size is 0.
 * Errors: FORMAT, VERSION, KEY, AUTH, LIMIT; then the same ever after. */
enum conclave_error conclave_mail_reader_push(struct conclave_mail_piece *piece,
	struct conclave_mail_reader *reader, const uint8_t **mail, size_t *mail_size);
/* There are no more bytes. Whatever the pieces caused must be undone unless this says OK.
 * Errors: TRUNCATED, and those of push. */
enum conclave_error conclave_mail_reader_end(const struct conclave_mail_reader *reader);
/* Sender, sequence, topic, envelope, key derivation, valid as long as the reader; NULL before
 * CONCLAVE_MAIL_PIECE_HEADER. */
const struct conclave_mail_opened *conclave_mail_reader_header(
	const struct conclave_mail_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
