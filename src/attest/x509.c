#include "attest/x509.h"

#include "attest/literal.h"
#include "base/check.h"

/* The contents of object identifiers. */
#define OID_ECDSA_WITH_SHA256 "\x2a\x86\x48\xce\x3d\x04\x03\x02" /* 1.2.840.10045.4.3.2 */
#define OID_EC_PUBLIC_KEY "\x2a\x86\x48\xce\x3d\x02\x01"	 /* 1.2.840.10045.2.1 */
#define OID_PRIME256V1 "\x2a\x86\x48\xce\x3d\x03\x01\x07"	 /* 1.2.840.10045.3.1.7 */
#define OID_AUTHORITY_KEY_ID "\x55\x1d\x23"			 /* 2.5.29.35 */
#define OID_SUBJECT_KEY_ID "\x55\x1d\x0e"			 /* 2.5.29.14 */
#define OID_CRL_DISTRIBUTION "\x55\x1d\x1f"			 /* 2.5.29.31 */
#define OID_KEY_USAGE "\x55\x1d\x0f"				 /* 2.5.29.15 */
#define OID_BASIC_CONSTRAINTS "\x55\x1d\x13"			 /* 2.5.29.19 */
#define OID_SGX "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01"		 /* 1.2.840.113741.1.13.1 */

#define SERIAL_SIZE_MAX 20 /* RFC 5280 §4.1.2.2 */

static void expect(struct reader *reader, struct bytes seen, struct bytes wanted)
{
	if (!bytes_equal(seen, wanted))
		der_fail(reader);
}

/* ecdsa-with-SHA256 has no parameters (RFC 5758 §3.2). */
void x509_read_algorithm(struct reader *reader)
{
	struct reader algorithm = der_enter(reader, DER_SEQUENCE);
	expect(&algorithm, der_read(&algorithm, DER_OID), BYTES_LIT(OID_ECDSA_WITH_SHA256));
	der_leave(reader, &algorithm);
}

/* Certificate ::= SEQUENCE { tbs, algorithm, signature }; gives a reader of tbs. */
struct reader x509_enter_signed(struct x509_signed *out, struct reader *whole)
{
	struct reader outer = der_enter(whole, DER_SEQUENCE);
	out->part = der_read_whole(&outer, DER_SEQUENCE);
	x509_read_algorithm(&outer);
	struct reader signature = reader_of(der_read_bit_string(&outer));
	der_read_p256_signature(&signature, &out->signature);
	der_leave(&outer, &signature);
	der_leave(whole, &outer);

	struct reader part = reader_of(out->part);
	part.failed = whole->failed;
	return der_enter(&part, DER_SEQUENCE);
}

/* Where the part of a name with this type (2.5.4.n) belongs; NULL for types outside the profile. */
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

void x509_read_name(struct reader *reader, struct x509_name *out)
{
	*out = (struct x509_name){.der = der_read_whole(reader, DER_SEQUENCE)};
	struct reader whole = reader_of(out->der);
	struct reader names = der_enter(&whole, DER_SEQUENCE);
	for (int i = 0; i < 5; i++)
		read_name_part(&names, out);
	der_leave(reader, &names);
}

static void read_validity(struct reader *reader, struct x509_certificate *out)
{
	struct reader validity = der_enter(reader, DER_SEQUENCE);
	out->not_before = der_read_time(&validity);
	out->not_after = der_read_time(&validity);
	der_leave(reader, &validity);
}

/* SubjectPublicKeyInfo: a point of P-256, uncompressed (RFC 5480 §2). That it lies on the curve is
 * p256_verify's to check. */
static void read_key(struct reader *reader, struct p256_public *out)
{
	struct reader info = der_enter(reader, DER_SEQUENCE);
	struct reader algorithm = der_enter(&info, DER_SEQUENCE);
	expect(&algorithm, der_read(&algorithm, DER_OID), BYTES_LIT(OID_EC_PUBLIC_KEY));
	expect(&algorithm, der_read(&algorithm, DER_OID), BYTES_LIT(OID_PRIME256V1));
	der_leave(&info, &algorithm);
	struct reader point = reader_of(der_read_bit_string(&info));
	if (read_u8(&point) != 0x04)
		der_fail(&point);
	read_into(&point, out->bytes, sizeof(out->bytes));
	der_leave(&info, &point);
	der_leave(reader, &info);
}

void x509_read_extension(struct reader *extensions, struct x509_extension *out)
{
	struct reader extension = der_enter(extensions, DER_SEQUENCE);
	out->oid = der_read(&extension, DER_OID);
	out->is_critical =
		der_next_is(&extension, DER_BOOLEAN) ? der_read_boolean(&extension) : false;
	out->value = der_read(&extension, DER_OCTET_STRING);
	der_leave(extensions, &extension);
}

static void read_key_usage(struct reader *value, struct x509_certificate *out)
{
	struct reader bits = der_enter(value, DER_BIT_STRING);
	uint8_t unused_bits = read_u8(&bits);
	out->key_usage = read_u8(&bits);
	if (unused_bits > 7 || (out->key_usage & ((1u << unused_bits) - 1)) != 0)
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

static void keep_sgx_extension(struct reader *value, struct x509_certificate *out)
{
	out->sgx_extension = read_bytes(value, value->rest.len);
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
	{LITERAL(OID_SGX), keep_sgx_extension},
	/* Chains here have one candidate for every issuer, and CRLs arrive with the evidence. */
	{LITERAL(OID_AUTHORITY_KEY_ID), ignore_extension},
	{LITERAL(OID_SUBJECT_KEY_ID), ignore_extension},
	{LITERAL(OID_CRL_DISTRIBUTION), ignore_extension},
};

/* RFC 5280 §4.2: no extension twice, and none that is critical and not understood. */
static void read_extensions(struct reader *reader, struct x509_certificate *out)
{
	struct reader wrapper = der_enter(reader, DER_CONTEXT_3);
	struct reader extensions = der_enter(&wrapper, DER_SEQUENCE);
	uint32_t seen = 0;
	while (!extensions.failed && extensions.rest.len > 0) {
		struct x509_extension extension;
		x509_read_extension(&extensions, &extension);
		size_t i = 0;
		while (i < ARRAY_COUNT(known_extensions) &&
			!bytes_equal(extension.oid, known_extensions[i].oid))
			i++;
		if (i == ARRAY_COUNT(known_extensions)) {
			if (extension.is_critical)
				der_fail(&extensions);
			continue;
		}
		struct reader value = reader_of(extension.value);
		known_extensions[i].read(&value, out);
		der_leave(&extensions, &value);
		if ((seen & 1u << i) != 0)
			der_fail(&extensions);
		seen |= 1u << i;
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
	x509_read_algorithm(&body);
	x509_read_name(&body, &certificate.issuer);
	read_validity(&body, &certificate);
	x509_read_name(&body, &certificate.subject);
	read_key(&body, &certificate.key);
	read_extensions(&body, &certificate);

	der_leave(&whole, &body);
	TRY(der_end(&whole));
	if (certificate.serial.len > SERIAL_SIZE_MAX)
		return CONCLAVE_ERROR_FORMAT;
	*out = certificate;
	return CONCLAVE_OK;
}

enum conclave_error x509_verify(
	const struct x509_certificate *certificate, const struct x509_certificate *issuer)
{
	if (!bytes_equal(certificate->issuer.der, issuer->subject.der))
		return CONCLAVE_ERROR_MISMATCH;
	if (!issuer->is_ca || (issuer->key_usage & X509_KEY_CERT_SIGN) == 0)
		return CONCLAVE_ERROR_MISMATCH;
	return p256_verify(&issuer->key, certificate->proof.part, &certificate->proof.signature);
}
