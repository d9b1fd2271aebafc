#include "attest/x509.h"

#include "attest/literal.h"
#include "base/check.h"

/* The contents of object identifiers. */
#define OID_AUTHORITY_KEY_ID "\x55\x1d\x23"  /* 2.5.29.35 */
#define OID_SUBJECT_KEY_ID "\x55\x1d\x0e"    /* 2.5.29.14 */
#define OID_CRL_DISTRIBUTION "\x55\x1d\x1f"  /* 2.5.29.31 */
#define OID_KEY_USAGE "\x55\x1d\x0f"	     /* 2.5.29.15 */
#define OID_BASIC_CONSTRAINTS "\x55\x1d\x13" /* 2.5.29.19 */

/* AlgorithmIdentifier::rsassaPss (RFC 4055 §3.1): SHA-384, MGF1 with SHA-384, salt of 48 bytes,
 * and a trailer field of 1 that AMD once wrote out and now leaves to its default. */
#define SHA384_ID "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00"
#define PSS_OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define PSS_HASH "\xa0\x0f" SHA384_ID
#define PSS_MASK "\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08" SHA384_ID
#define PSS_SALT "\xa2\x03\x02\x01\x30"
#define PSS_TRAILER "\xa3\x03\x02\x01\x01"

static void expect(struct reader *reader, struct bytes seen, struct bytes wanted)
{
	if (!bytes_equal(seen, wanted))
		der_fail(reader);
}

struct algorithm {
	struct bytes der;
	enum x509_scheme scheme;
};

static enum x509_scheme find_algorithm(
	struct reader *reader, struct bytes der, const struct algorithm *algorithms, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_equal(der, algorithms[i].der))
			return algorithms[i].scheme;
	der_fail(reader);
	return X509_P256_SHA256;
}

/* ecdsa-with-SHA256 and -SHA384 (RFC 5758 §3.2) name no curve; here each goes with one. */
static enum x509_scheme signature_scheme(struct reader *reader, struct bytes der)
{
	static const struct algorithm algorithms[] = {
		{LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"), X509_P256_SHA256},
		{LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"), X509_P384_SHA384},
		{LITERAL("\x30\x41" PSS_OID "\x30\x34" PSS_HASH PSS_MASK PSS_SALT),
			X509_RSA4096_PSS_SHA384},
		{LITERAL("\x30\x46" PSS_OID "\x30\x39" PSS_HASH PSS_MASK PSS_SALT PSS_TRAILER),
			X509_RSA4096_PSS_SHA384},
	};
	return find_algorithm(reader, der, algorithms, ARRAY_COUNT(algorithms));
}

void x509_read_algorithm(struct reader *reader, const struct x509_signed *proof)
{
	expect(reader, der_read_whole(reader, DER_SEQUENCE), proof->algorithm);
}

static void read_signature(struct reader *value, struct x509_signed *out)
{
	switch (out->scheme) {
	case X509_P256_SHA256:
		der_read_ecdsa_signature(
			value, (struct buffer){out->p256.bytes, sizeof(out->p256.bytes)});
		break;
	case X509_P384_SHA384:
		der_read_ecdsa_signature(
			value, (struct buffer){out->p384.bytes, sizeof(out->p384.bytes)});
		break;
	case X509_RSA4096_PSS_SHA384: out->rsa4096 = read_bytes(value, RSA4096_SIZE); break;
	}
}

/* Certificate ::= SEQUENCE { tbs, algorithm, signature }; gives a reader of tbs. */
struct reader x509_enter_signed(struct x509_signed *out, struct reader *whole)
{
	struct reader outer = der_enter(whole, DER_SEQUENCE);
	out->part = der_read_whole(&outer, DER_SEQUENCE);
	out->algorithm = der_read_whole(&outer, DER_SEQUENCE);
	out->scheme = signature_scheme(&outer, out->algorithm);
	struct reader signature = reader_of(der_read_bit_string(&outer));
	read_signature(&signature, out);
	der_leave(&outer, &signature);
	der_leave(whole, &outer);

	struct reader part = reader_of(out->part);
	part.failed = whole->failed;
	return der_enter(&part, DER_SEQUENCE);
}

/* Where the part of a name with this type (2.5.4.n) belongs; NULL for types outside the profiles.
 */
static struct bytes *name_part(struct x509_name *name, struct bytes type)
{
	if (type.len != 3 || type.ptr[0] != 0x55 || type.ptr[1] != 0x04)
		return NULL;
	switch (type.ptr[2]) {
	case 3: return &name->common_name;
	case 6: return &name->country;
	case 7: return &name->locality;
	case 8: return &name->state;
	case 10: return &name->organization;
	case 11: return &name->organizational_unit;
	default: return NULL;
	}
}

static void read_name_part(struct reader *names, struct x509_name *out)
{
	struct reader set = der_enter(names, DER_SET);
	struct reader pair = der_enter(&set, DER_SEQUENCE);
	struct bytes *part = name_part(out, der_read(&pair, DER_OID));
	bool is_utf8 = der_next_is(&pair, DER_UTF8_STRING);
	struct bytes value = der_read(&pair, is_utf8 ? DER_UTF8_STRING : DER_PRINTABLE_STRING);
	der_leave(&set, &pair);
	der_leave(names, &set);
	if (part == NULL || part->len != 0 || value.len == 0)
		der_fail(names);
	else
		*part = value;
}

/* No part comes twice, so there are at most six. */
void x509_read_name(struct reader *reader, struct x509_name *out)
{
	*out = (struct x509_name){.der = der_read_whole(reader, DER_SEQUENCE)};
	struct reader whole = reader_of(out->der);
	struct reader names = der_enter(&whole, DER_SEQUENCE);
	while (!names.failed && names.rest.len > 0)
		read_name_part(&names, out);
	der_leave(reader, &names);
	if (out->common_name.len == 0)
		der_fail(reader);
}

static void read_validity(struct reader *reader, struct x509_certificate *out)
{
	struct reader validity = der_enter(reader, DER_SEQUENCE);
	out->not_before = der_read_time(&validity);
	out->not_after = der_read_time(&validity);
	der_leave(reader, &validity);
}

/* RFC 5480 §2.1.1.1 and RFC 3279 §2.3.1. A key is plain RSA; that it signs with PSS only is said
 * where it signs. */
static enum x509_scheme key_scheme(struct reader *reader, struct bytes der)
{
	static const struct algorithm algorithms[] = {
		{LITERAL("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
			 "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"),
			X509_P256_SHA256},
		{LITERAL("\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
			 "\x22"),
			X509_P384_SHA384},
		{LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"),
			X509_RSA4096_PSS_SHA384},
	};
	return find_algorithm(reader, der, algorithms, ARRAY_COUNT(algorithms));
}

/* Uncompressed (RFC 5480 §2.2). That it lies on the curve is for the verification to check. */
static void read_point(struct reader *value, struct buffer out)
{
	if (read_u8(value) != 0x04)
		der_fail(value);
	read_into(value, out.ptr, out.len);
}

/* RSAPublicKey ::= SEQUENCE { modulus, exponent } */
static void read_rsa_key(struct reader *value, struct bytes *modulus)
{
	struct reader sequence = der_enter(value, DER_SEQUENCE);
	*modulus = der_read_integer(&sequence);
	if (modulus->len != RSA4096_SIZE || der_read_number(&sequence, 65537) != 65537)
		der_fail(&sequence);
	der_leave(value, &sequence);
}

/* SubjectPublicKeyInfo */
static void read_key(struct reader *reader, struct x509_key *out)
{
	struct reader info = der_enter(reader, DER_SEQUENCE);
	out->scheme = key_scheme(&info, der_read_whole(&info, DER_SEQUENCE));
	struct reader value = reader_of(der_read_bit_string(&info));
	switch (out->scheme) {
	case X509_P256_SHA256:
		read_point(&value, (struct buffer){out->p256.bytes, sizeof(out->p256.bytes)});
		break;
	case X509_P384_SHA384:
		read_point(&value, (struct buffer){out->p384.bytes, sizeof(out->p384.bytes)});
		break;
	case X509_RSA4096_PSS_SHA384: read_rsa_key(&value, &out->rsa4096); break;
	}
	der_leave(&info, &value);
	der_leave(reader, &info);
}

void x509_read_item(struct reader *extensions, struct x509_item *out)
{
	struct reader extension = der_enter(extensions, DER_SEQUENCE);
	out->oid = der_read(&extension, DER_OID);
	out->is_critical =
		der_next_is(&extension, DER_BOOLEAN) ? der_read_boolean(&extension) : false;
	out->value = der_read(&extension, DER_OCTET_STRING);
	der_leave(extensions, &extension);
}

/* At least one bit is set (RFC 5280 §4.2.1.3). Zeros may follow the last: AMD writes them, though
 * DER does not (X.690 §11.2.2). */
static void read_key_usage(struct reader *value, struct x509_certificate *out)
{
	struct reader bits = der_enter(value, DER_BIT_STRING);
	uint8_t unused_bits = read_u8(&bits);
	out->key_usage = read_u8(&bits);
	if (out->key_usage == 0 || unused_bits > 7 ||
		(out->key_usage & ((1u << unused_bits) - 1)) != 0)
		der_fail(&bits);
	der_leave(value, &bits);
}

static void read_basic_constraints(struct reader *value, struct x509_certificate *out)
{
	struct reader sequence = der_enter(value, DER_SEQUENCE);
	if (der_next_is(&sequence, DER_BOOLEAN))
		out->is_ca = der_read_boolean(&sequence);
	if (out->is_ca && der_next_is(&sequence, DER_INTEGER))
		out->path_length = der_read_number(&sequence, 16);
	der_leave(value, &sequence);
}

static void ignore_extension(struct reader *value, struct x509_certificate *out)
{
	(void)out;
	read_skip(value, value->rest.len);
}

static const struct {
	struct bytes oid;
	void (*read)(struct reader *value, struct x509_certificate *out);
} known_extensions[] = {
	{LITERAL(OID_KEY_USAGE), read_key_usage},
	{LITERAL(OID_BASIC_CONSTRAINTS), read_basic_constraints},
	/* Chains here have one candidate for every issuer, and CRLs arrive with the evidence. */
	{LITERAL(OID_AUTHORITY_KEY_ID), ignore_extension},
	{LITERAL(OID_SUBJECT_KEY_ID), ignore_extension},
	{LITERAL(OID_CRL_DISTRIBUTION), ignore_extension},
};

static void understand(
	struct reader *extensions, const struct x509_item *item, struct x509_certificate *out)
{
	size_t i = 0;
	while (i < ARRAY_COUNT(known_extensions) &&
		!bytes_equal(item->oid, known_extensions[i].oid))
		i++;
	if (i < ARRAY_COUNT(known_extensions)) {
		struct reader value = reader_of(item->value);
		known_extensions[i].read(&value, out);
		der_leave(extensions, &value);
	} else if (item->is_critical) {
		der_fail(extensions);
	}
}

/* The first extension of this name; whether there is one. The bytes must be well-formed. */
static bool find_extension(struct x509_item *out, struct bytes extensions, struct bytes oid)
{
	struct reader reader = reader_of(extensions);
	while (!reader.failed && reader.rest.len > 0) {
		x509_read_item(&reader, out);
		if (bytes_equal(out->oid, oid))
			return true;
	}
	return false;
}

/* RFC 5280 §4.2: no extension twice, and none that is critical and not understood. */
static void read_extensions(struct reader *reader, struct x509_certificate *out)
{
	struct reader wrapper = der_enter(reader, DER_CONTEXT_3);
	struct reader extensions = der_enter(&wrapper, DER_SEQUENCE);
	out->extensions = extensions.rest;
	for (size_t count = 0; !extensions.failed && extensions.rest.len > 0; count++) {
		struct bytes before =
			bytes_slice(out->extensions, 0, out->extensions.len - extensions.rest.len);
		struct x509_item item, same;
		x509_read_item(&extensions, &item);
		if (count >= X509_EXTENSION_COUNT_MAX || find_extension(&same, before, item.oid))
			der_fail(&extensions);
		else
			understand(&extensions, &item, out);
	}
	der_leave(&wrapper, &extensions);
	der_leave(reader, &wrapper);
}

enum conclave_error x509_read(struct x509_certificate *out, struct bytes der)
{
	struct reader whole = reader_of(der);
	struct x509_certificate certificate = {.der = der, .path_length = UINT32_MAX};
	struct reader body = x509_enter_signed(&certificate.proof, &whole);

	struct reader version = der_enter(&body, DER_CONTEXT_0);
	if (der_read_number(&version, 2) != 2) /* v3 */
		der_fail(&version);
	der_leave(&body, &version);
	certificate.serial = der_read_integer(&body);
	x509_read_algorithm(&body, &certificate.proof);
	x509_read_name(&body, &certificate.issuer);
	read_validity(&body, &certificate);
	x509_read_name(&body, &certificate.subject);
	read_key(&body, &certificate.key);
	read_extensions(&body, &certificate);

	der_leave(&whole, &body);
	TRY(der_end(&whole));
	if (certificate.serial.len > X509_SERIAL_SIZE_MAX)
		return CONCLAVE_ERROR_FORMAT;
	*out = certificate;
	return CONCLAVE_OK;
}

struct bytes x509_extension(const struct x509_certificate *certificate, struct bytes oid)
{
	struct x509_item item;
	if (!find_extension(&item, certificate->extensions, oid))
		return (struct bytes){NULL, 0};
	return item.value;
}

bool x509_key_equal(const struct x509_key *a, const struct x509_key *b)
{
	if (a->scheme != b->scheme)
		return false;
	switch (a->scheme) {
	case X509_P256_SHA256: return bytes_equal(BYTES_OF(a->p256), BYTES_OF(b->p256));
	case X509_P384_SHA384: return bytes_equal(BYTES_OF(a->p384), BYTES_OF(b->p384));
	case X509_RSA4096_PSS_SHA384: return bytes_equal(a->rsa4096, b->rsa4096);
	}
	return false;
}

bool x509_is_self_issued(const struct x509_certificate *certificate)
{
	return bytes_equal(certificate->issuer.der, certificate->subject.der);
}

enum conclave_error x509_check_issuer(
	const struct x509_certificate *certificate, const struct x509_certificate *issuer)
{
	if (!bytes_equal(certificate->issuer.der, issuer->subject.der))
		return CONCLAVE_ERROR_MISMATCH;
	if (!issuer->is_ca || (issuer->key_usage & X509_KEY_CERT_SIGN) == 0)
		return CONCLAVE_ERROR_MISMATCH;
	return CONCLAVE_OK;
}

enum conclave_error x509_verify_signed(const struct x509_signed *proof, const struct x509_key *key)
{
	if (proof->scheme != key->scheme)
		return CONCLAVE_ERROR_MISMATCH;
	switch (proof->scheme) {
	case X509_P256_SHA256: return p256_verify(&key->p256, proof->part, &proof->p256);
	case X509_P384_SHA384: return p384_verify(&key->p384, proof->part, &proof->p384);
	case X509_RSA4096_PSS_SHA384:
		return rsa4096_pss_verify(key->rsa4096, proof->part, proof->rsa4096);
	}
	return CONCLAVE_ERROR_MISMATCH;
}

enum conclave_error x509_verify(
	const struct x509_certificate *certificate, const struct x509_certificate *issuer)
{
	TRY(x509_check_issuer(certificate, issuer));
	return x509_verify_signed(&certificate->proof, &issuer->key);
}
