/* mail keygen KEY            make a private key, print the public one
 * mail seal KEY TO TOPIC     seal standard input for the public key TO, onto standard output
 * mail open KEY FILE         open standard input into FILE, and say who sent it
 *
 *   cc mail.c $(pkg-config --cflags --libs conclave-mail) -o mail
 *
 * Files of any length in memory of one size. */
#include <conclave/mail.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t buffer[1 << 16];

static void check(enum conclave_error error, const char *what)
{
	if (error == CONCLAVE_OK)
		return;
	fprintf(stderr, "mail: %s: %s\n", what, conclave_error_text(error));
	exit(1);
}

static void print_key(const uint8_t key[CONCLAVE_MAIL_KEY_SIZE])
{
	for (int i = 0; i < CONCLAVE_MAIL_KEY_SIZE; i++)
		printf("%02x", key[i]);
	putchar('\n');
}

static void read_key(uint8_t key[CONCLAVE_MAIL_KEY_SIZE], const char *hex)
{
	for (int i = 0; i < CONCLAVE_MAIL_KEY_SIZE; i++) {
		unsigned byte = 0;
		if (strlen(hex) != 64 || sscanf(hex + 2 * i, "%2x", &byte) != 1)
			check(CONCLAVE_ERROR_FORMAT, hex);
		key[i] = (uint8_t)byte;
	}
}

static struct conclave_mail_box *open_box(const char *path)
{
	struct conclave_mail_box *box;
	uint8_t key[CONCLAVE_MAIL_KEY_SIZE];
	FILE *file = fopen(path, "rb");
	if (file == NULL || fread(key, sizeof(key), 1, file) != 1)
		check(CONCLAVE_ERROR_IO, path);
	fclose(file);
	check(conclave_mail_box_new(&box, key, 1), path);
	return box;
}

static void keygen(const char *path)
{
	uint8_t private_key[CONCLAVE_MAIL_KEY_SIZE], public_key[CONCLAVE_MAIL_KEY_SIZE];
	check(conclave_mail_key_generate(private_key), "keygen");
	check(conclave_mail_key_public(public_key, private_key), "keygen");
	FILE *file = fopen(path, "wbx");
	if (file == NULL || fwrite(private_key, sizeof(private_key), 1, file) != 1 || fclose(file))
		check(CONCLAVE_ERROR_IO, path);
	print_key(public_key);
}

static void send(const uint8_t *mail, size_t size)
{
	if (fwrite(mail, 1, size, stdout) != size)
		check(CONCLAVE_ERROR_IO, "standard output");
}

/* The length of the mail tells the power of two above the file's, and no more. */
static void seal(struct conclave_mail_box *box, const char *to, const char *topic)
{
	struct conclave_mail_writer *writer;
	struct conclave_mail_padding *padding;
	const struct conclave_mail_draft draft = {.topic = topic};
	uint8_t recipient[CONCLAVE_MAIL_KEY_SIZE];
	const uint8_t *mail;
	size_t mail_size, size;
	uint64_t total = 0;
	read_key(recipient, to);
	check(conclave_mail_padding_new(&padding, CONCLAVE_MAIL_PADDING_POWERS, 0), "seal");
	check(conclave_mail_writer_new(&writer, box, recipient, &draft), "seal");
	while ((size = fread(buffer, 1, sizeof(buffer), stdin)) != 0) {
		const uint8_t *body = buffer;
		for (total += size; size != 0; send(mail, mail_size))
			check(conclave_mail_writer_push(&mail, &mail_size, writer, &body, &size),
				"seal");
	}
	uint64_t min_size = conclave_mail_padding_next(padding, total);
	do {
		check(conclave_mail_writer_end(&mail, &mail_size, writer, min_size), "seal");
		send(mail, mail_size);
	} while (mail_size != 0);
	conclave_mail_writer_free(writer);
	conclave_mail_padding_free(padding);
}

/* Everything that is left of a buffer, into the file. */
static enum conclave_error take(
	struct conclave_mail_reader *reader, FILE *file, const uint8_t *mail, size_t size)
{
	enum conclave_error error = CONCLAVE_OK;
	while (size != 0 && error == CONCLAVE_OK) {
		struct conclave_mail_piece piece;
		error = conclave_mail_reader_push(&piece, reader, &mail, &size);
		if (error == CONCLAVE_OK && piece.kind == CONCLAVE_MAIL_PIECE_BODY &&
			fwrite(piece.bytes, 1, piece.size, file) != piece.size)
			error = CONCLAVE_ERROR_IO;
	}
	return error;
}

/* The file stays only if the mail has an end. */
static void open_mail(struct conclave_mail_box *box, const char *path)
{
	struct conclave_mail_reader *reader;
	enum conclave_error error = CONCLAVE_OK;
	size_t size;
	FILE *file = fopen(path, "wb");
	if (file == NULL)
		check(CONCLAVE_ERROR_IO, path);
	check(conclave_mail_reader_new(&reader, box), "open");
	while (error == CONCLAVE_OK && (size = fread(buffer, 1, sizeof(buffer), stdin)) != 0)
		error = take(reader, file, buffer, size);
	if (error == CONCLAVE_OK)
		error = conclave_mail_reader_end(reader);
	if (fclose(file) != 0 && error == CONCLAVE_OK)
		error = CONCLAVE_ERROR_IO;
	if (error != CONCLAVE_OK)
		remove(path);
	check(error, "open");
	print_key(conclave_mail_reader_header(reader)->sender);
	conclave_mail_reader_free(reader);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "keygen") == 0) {
		keygen(argv[2]);
		return 0;
	}
	bool sealing = argc == 5 && strcmp(argv[1], "seal") == 0;
	if (!sealing && !(argc == 4 && strcmp(argv[1], "open") == 0)) {
		fputs("usage: mail keygen KEY | seal KEY TO TOPIC | open KEY FILE\n", stderr);
		return 2;
	}
	struct conclave_mail_box *box = open_box(argv[2]);
	if (sealing)
		seal(box, argv[3], argv[4]);
	else
		open_mail(box, argv[3]);
	conclave_mail_box_free(box);
	return fflush(stdout) == 0 ? 0 : 1;
}
