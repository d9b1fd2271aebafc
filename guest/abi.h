/* The wall between a guest and the runtime, as C sees it: the imports of src/abi/guest.h, which
 * says what each does. guest.c is written against this; mock/mock.c defines the same functions
 * for tests that run natively. Applications include conclave/guest.h instead. */
#ifndef GUEST_ABI_H
#define GUEST_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define ABI_IMPORT(name) __attribute__((import_module("conclave"), import_name(#name)))
#define ABI_EXPORT(name) __attribute__((export_name(#name)))
#else
#define ABI_IMPORT(name)
#define ABI_EXPORT(name)
#endif

enum abi_part { ABI_PART_BODY, ABI_PART_ENVELOPE, ABI_PART_TOPIC, ABI_PART_SENDER };

ABI_IMPORT(input_size) size_t abi_input_size(uint32_t part);
ABI_IMPORT(input_read)
size_t abi_input_read(uint32_t part, size_t offset, void *out, size_t size);
ABI_IMPORT(mail_sequence) uint64_t abi_mail_sequence(void);
ABI_IMPORT(mail_read) size_t abi_mail_read(void *out, size_t size);
ABI_IMPORT(reply)
uint32_t abi_reply(const void *body, size_t size, const void *envelope, size_t envelope_size);
ABI_IMPORT(post)
uint32_t abi_post(const uint8_t *key, const char *topic, size_t topic_size, const void *body,
	size_t size, const void *envelope, size_t envelope_size);
ABI_IMPORT(answer) uint32_t abi_answer(const void *bytes, size_t size);
ABI_IMPORT(sign) uint32_t abi_sign(const void *bytes, size_t size, uint8_t *signature);
ABI_IMPORT(log) uint32_t abi_log(const char *text, size_t size);

/* Not an import: WASI's arguments, or the mock's. argv[0] is the enclave's name. */
void abi_arguments(size_t *argc, char ***argv);

ABI_EXPORT(conclave_on_start) int32_t abi_on_start(void);
ABI_EXPORT(conclave_on_mail) int32_t abi_on_mail(void);
ABI_EXPORT(conclave_on_mail_stream) int32_t abi_on_mail_stream(void);
ABI_EXPORT(conclave_on_call) int32_t abi_on_call(void);
ABI_EXPORT(conclave_on_stop) void abi_on_stop(void);

#endif
