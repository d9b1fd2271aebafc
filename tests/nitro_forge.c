#include "nitro_forge.h"

#include "attest/cbor.h"
#include "base/check.h"

/* Where the next thing may be written; nitro_forge_take takes what was. */
static struct writer begin(struct nitro_forge *forge)
{
	return writer_of(
		(struct buffer){forge->pool + forge->used, sizeof(forge->pool) - forge->used});
}

static struct bytes take(struct nitro_forge *forge, const struct writer *writer)
{
	ASSERT(writer_end(writer) == CONCLAVE_OK);
	forge->used += writer->len;
	return writer_bytes(writer);
}

struct nitro_forge_member *nitro_forge_member(struct nitro_forge *forge, const char *name)
{
	for (size_t i = 0; i < forge->member_count; i++)
		if (strcmp(forge->members[i].name, name) == 0)
			return &forge->members[i];
	__builtin_trap();
}

void nitro_forge_set_bytes(struct nitro_forge *forge, const char *name, struct bytes value)
{
	struct writer writer = begin(forge);
	cbor_write_bytes(&writer, value);
	nitro_forge_member(forge, name)->value = take(forge, &writer);
}

static void add_member(struct nitro_forge *forge, const char *name, struct bytes value)
{
	forge->members[forge->member_count++] = (struct nitro_forge_member){name, value};
}

/* PCRs 0 to 15, each of 48 bytes of its own index and one. */
static struct bytes make_pcrs(struct nitro_forge *forge)
{
	struct writer writer = begin(forge);
	cbor_write_head(&writer, CBOR_MAP, 16);
	for (uint8_t index = 0; index < 16; index++) {
		uint8_t pcr[48];
		memset(pcr, index + 1, sizeof(pcr));
		cbor_write_head(&writer, CBOR_UNSIGNED, index);
		cbor_write_bytes(&writer, BYTES_OF(pcr));
	}
	return take(forge, &writer);
}

static void plan_members(struct nitro_forge *forge)
{
	const struct bytes made = {NULL, 0};
	struct writer timestamp = begin(forge);
	cbor_write_head(&timestamp, CBOR_UNSIGNED, (uint64_t)NITRO_FORGE_NOW * 1000 + 321);
	struct bytes timestamp_value = take(forge, &timestamp);
	add_member(forge, "module_id", BYTES_LIT("\x6ci-0-enc0-fed"));
	add_member(forge, "digest", BYTES_LIT("\x66SHA384"));
	add_member(forge, "timestamp", timestamp_value);
	add_member(forge, "pcrs", make_pcrs(forge));
	add_member(forge, "certificate", made);
	add_member(forge, "cabundle", made);
	add_member(forge, "public_key", BYTES_LIT("\x43key"));
	add_member(forge, "user_data", BYTES_LIT("\x44user"));
	add_member(forge, "nonce", BYTES_LIT("\x45nonce"));
}

static void plan_certificates(struct nitro_forge *forge)
{
	for (unsigned i = 0; i < NITRO_FORGE_KEYS; i++)
		forge->keys[i] = x509_forge_curve_key("P-384", i + 1);
	const struct x509_forge root = {.subject = "root",
		.issuer = "root",
		.key = forge->keys[3],
		.issuer_key = forge->keys[3],
		.serial = 1,
		.not_before = NITRO_FORGE_START,
		.not_after = NITRO_FORGE_END,
		.basic_constraints = "critical,CA:TRUE",
		.key_usage = "critical,digitalSignature,keyCertSign,cRLSign"};
	struct x509_forge upper = root, lower = root, leaf = root;
	upper.subject = "upper";
	upper.key = forge->keys[2];
	upper.basic_constraints = "critical,CA:TRUE,pathlen:1";

	lower.subject = "lower";
	lower.issuer = "upper";
	lower.key = forge->keys[1];
	lower.issuer_key = forge->keys[2];
	lower.basic_constraints = "critical,CA:TRUE,pathlen:0";
	lower.key_usage = "critical,keyCertSign";

	leaf.subject = "leaf";
	leaf.issuer = "lower";
	leaf.key = forge->keys[0];
	leaf.issuer_key = forge->keys[1];
	leaf.basic_constraints = "critical,CA:FALSE";
	leaf.key_usage = "digitalSignature,nonRepudiation";

	forge->leaf = leaf;
	forge->bundle[0] = root;
	forge->bundle[1] = upper;
	forge->bundle[2] = lower;
	forge->bundle_count = 3;
}

void nitro_forge_init(struct nitro_forge *forge)
{
	memset(forge, 0, sizeof(*forge));
	plan_certificates(forge);
	plan_members(forge);
	forge->protected_header = BYTES_LIT("\xa1\x01\x38\x22");
	forge->unprotected_header = BYTES_LIT("\xa0");
	forge->signer = forge->keys[0];
	x509_forge_point(forge->root.bytes, sizeof(forge->root.bytes), forge->keys[3]);
}

void nitro_forge_free(struct nitro_forge *forge)
{
	for (size_t i = 0; i < NITRO_FORGE_KEYS; i++)
		EVP_PKEY_free(forge->keys[i]);
}

static struct bytes make_certificate(struct nitro_forge *forge, const struct x509_forge *plan)
{
	struct writer writer = begin(forge);
	x509_forge_write(&writer, plan);
	return take(forge, &writer);
}

static struct bytes make_bundle(struct nitro_forge *forge)
{
	struct bytes ders[ARRAY_COUNT(forge->bundle)];
	for (size_t i = 0; i < forge->bundle_count; i++)
		ders[i] = make_certificate(forge, &forge->bundle[i]);
	struct writer writer = begin(forge);
	cbor_write_head(&writer, CBOR_ARRAY, forge->bundle_count);
	for (size_t i = 0; i < forge->bundle_count; i++)
		cbor_write_bytes(&writer, ders[i]);
	return take(forge, &writer);
}

static void make_members(struct nitro_forge *forge)
{
	for (size_t i = 0; i < forge->member_count; i++) {
		struct nitro_forge_member *member = &forge->members[i];
		if (member->value.ptr != NULL)
			continue;
		if (strcmp(member->name, "cabundle") == 0)
			member->value = make_bundle(forge);
		else
			nitro_forge_set_bytes(
				forge, member->name, make_certificate(forge, &forge->leaf));
	}
}

static struct bytes make_payload(struct nitro_forge *forge)
{
	struct writer writer = begin(forge);
	if (forge->is_streamed)
		write_u8(&writer, 0xbf);
	else
		cbor_write_head(&writer, CBOR_MAP, forge->member_count);
	for (size_t i = 0; i < forge->member_count; i++) {
		const struct nitro_forge_member *member = &forge->members[i];
		cbor_write_text(&writer, bytes_of(member->name, strlen(member->name)));
		write_bytes(&writer, member->value);
	}
	if (forge->is_streamed)
		write_u8(&writer, 0xff);
	return take(forge, &writer);
}

/* Sig_structure (RFC 9052 §4.4). */
static void sign(uint8_t signature[96], struct nitro_forge *forge)
{
	struct writer writer = begin(forge);
	write_bytes(&writer, BYTES_LIT("\x84\x6aSignature1"));
	cbor_write_bytes(&writer, forge->protected_header);
	cbor_write_bytes(&writer, BYTES_LIT(""));
	cbor_write_bytes(&writer, forge->payload);
	ASSERT(writer_end(&writer) == CONCLAVE_OK);
	x509_forge_sign(signature, 96, forge->signer, NULL, writer_bytes(&writer));
}

void nitro_forge_make(struct nitro_forge *forge)
{
	uint8_t signature[96];
	make_members(forge);
	if (forge->payload.ptr == NULL)
		forge->payload = make_payload(forge);
	sign(signature, forge);
	struct writer writer = begin(forge);
	write_bytes(&writer, forge->tag);
	cbor_write_head(&writer, CBOR_ARRAY, 4);
	cbor_write_bytes(&writer, forge->protected_header);
	write_bytes(&writer, forge->unprotected_header);
	cbor_write_bytes(&writer, forge->payload);
	cbor_write_bytes(&writer, BYTES_OF(signature));
	forge->document = take(forge, &writer);
}
