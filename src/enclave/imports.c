/* The functions of module "conclave" (abi/guest.h), by the names that wasm2c gives them. */
#include "enclave/guest.h"
#include "enclave/keys.h"
#include "enclave/mailbox.h"

struct w2c_conclave; /* wasm2c's instance of this module: always NULL */

uint32_t w2c_conclave_input_size(struct w2c_conclave *, uint32_t part);
uint32_t w2c_conclave_input_read(
	struct w2c_conclave *, uint32_t part, uint32_t offset, uint32_t ptr, uint32_t len);
uint64_t w2c_conclave_mail_sequence(struct w2c_conclave *);
uint32_t w2c_conclave_mail_read(struct w2c_conclave *, uint32_t ptr, uint32_t len);
uint32_t w2c_conclave_reply(struct w2c_conclave *, uint32_t body, uint32_t body_len,
	uint32_t envelope, uint32_t envelope_len);
uint32_t w2c_conclave_post(struct w2c_conclave *, uint32_t key, uint32_t topic, uint32_t topic_len,
	uint32_t body, uint32_t body_len, uint32_t envelope, uint32_t envelope_len);
uint32_t w2c_conclave_answer(struct w2c_conclave *, uint32_t ptr, uint32_t len);
uint32_t w2c_conclave_sign(struct w2c_conclave *, uint32_t ptr, uint32_t len, uint32_t signature);
uint32_t w2c_conclave_log(struct w2c_conclave *, uint32_t ptr, uint32_t len);

uint32_t w2c_conclave_input_size(struct w2c_conclave *none, uint32_t part)
{
	(void)none;
	return (uint32_t)mailbox_part((enum guest_part)part).len; /* below a window's size */
}

uint32_t w2c_conclave_input_read(
	struct w2c_conclave *none, uint32_t part, uint32_t offset, uint32_t ptr, uint32_t len)
{
	(void)none;
	struct bytes from = bytes_slice(mailbox_part((enum guest_part)part), offset, len);
	uint8_t *to = guest_range(ptr, (uint32_t)from.len);
	if (from.len != 0)
		memcpy(to, from.ptr, from.len);
	return (uint32_t)from.len;
}

uint64_t w2c_conclave_mail_sequence(struct w2c_conclave *none)
{
	(void)none;
	return mailbox_sequence();
}

uint32_t w2c_conclave_mail_read(struct w2c_conclave *none, uint32_t ptr, uint32_t len)
{
	(void)none;
	return mail_read(ptr, len);
}

/* What the guest may know of an error; without randomness nothing goes on. */
static uint32_t told(enum conclave_error error)
{
	if (error == CONCLAVE_ERROR_RANDOM)
		guest_trap(GUEST_TRAP_RANDOM);
	return (uint32_t)error;
}

uint32_t w2c_conclave_reply(struct w2c_conclave *none, uint32_t body, uint32_t body_len,
	uint32_t envelope, uint32_t envelope_len)
{
	(void)none;
	guest_pay(GUEST_FUEL_KEY);
	return told(
		mailbox_reply(guest_bytes(body, body_len), guest_bytes(envelope, envelope_len)));
}

uint32_t w2c_conclave_post(struct w2c_conclave *none, uint32_t key, uint32_t topic,
	uint32_t topic_len, uint32_t body, uint32_t body_len, uint32_t envelope,
	uint32_t envelope_len)
{
	struct x25519_public to;
	(void)none;
	guest_pay(GUEST_FUEL_KEY);
	memcpy(to.bytes, guest_range(key, sizeof(to.bytes)), sizeof(to.bytes));
	return told(mailbox_post(&to, guest_bytes(topic, topic_len), guest_bytes(body, body_len),
		guest_bytes(envelope, envelope_len)));
}

uint32_t w2c_conclave_answer(struct w2c_conclave *none, uint32_t ptr, uint32_t len)
{
	(void)none;
	return told(mailbox_answer(guest_bytes(ptr, len)));
}

uint32_t w2c_conclave_sign(
	struct w2c_conclave *none, uint32_t ptr, uint32_t len, uint32_t signature)
{
	struct ed25519_signature made;
	(void)none;
	guest_pay((uint64_t)GUEST_FUEL_KEY + len); /* hashed, twice */
	uint8_t *to = guest_range(signature, sizeof(made.bytes));
	enum conclave_error error = mailbox_sign(&made, guest_bytes(ptr, len));
	if (error == CONCLAVE_OK)
		memcpy(to, made.bytes, sizeof(made.bytes));
	return told(error);
}

uint32_t w2c_conclave_log(struct w2c_conclave *none, uint32_t ptr, uint32_t len)
{
	(void)none;
	console_write(guest_bytes(ptr, len));
	return CONCLAVE_OK;
}
