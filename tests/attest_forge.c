#include "attest_forge.h"

#include <stdio.h>
#include <string.h>

#include "attest/calendar.h"
#include "attest/der.h"
#include "attest/pck.h"
#include "base/check.h"
#include "base/hex.h"
#include "simulation_keys.h"

static void must(enum conclave_error error)
{
	ASSERT(error == CONCLAVE_OK);
}

/* -- DER, written inside out: a value is made in a place of its own, then wrapped -- */

struct piece {
	uint8_t data[4096];
	size_t len;
};

static void put(struct piece *piece, const void *data, size_t len)
{
	ASSERT(len <= sizeof(piece->data) - piece->len);
	memcpy(piece->data + piece->len, data, len);
	piece->len += len;
}

static void put_element(struct piece *out, uint8_t tag, const void *data, size_t len)
{
	uint8_t header[4] = {tag, (uint8_t)len};
	size_t header_len = 2;
	if (len >= 0x100) {
		header[1] = 0x82;
		header[2] = (uint8_t)(len >> 8);
		header[3] = (uint8_t)len;
		header_len = 4;
	} else if (len >= 0x80) {
		header[1] = 0x81;
		header[2] = (uint8_t)len;
		header_len = 3;
	}
	put(out, header, header_len);
	put(out, data, len);
}

static void wrap(struct piece *out, uint8_t tag, const struct piece *inner)
{
	put_element(out, tag, inner->data, inner->len);
}

static void put_oid(struct piece *out, struct bytes oid)
{
	put_element(out, DER_OID, oid.ptr, oid.len);
}

/* A number of up to 32 bytes, as a non-negative INTEGER. */
static void put_integer(struct piece *out, const uint8_t *number, size_t len)
{
	uint8_t padded[34] = {0};
	while (len > 1 && *number == 0) {
		number++;
		len--;
	}
	size_t sign = (*number & 0x80) != 0;
	memcpy(padded + sign, number, len);
	put_element(out, DER_INTEGER, padded, sign + len);
}

static void put_number(struct piece *out, uint32_t value)
{
	uint8_t bytes[4];
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (24 - 8 * i));
	put_integer(out, bytes, sizeof(bytes));
}

static void put_time(struct piece *out, int64_t seconds)
{
	struct calendar_date date;
	char text[32];
	calendar_date(&date, seconds);
	bool is_utc_time = date.year < 2050;
	int len = snprintf(text, sizeof(text), "%0*d%02u%02u%02u%02u%02uZ", is_utc_time ? 2 : 4,
		(int)(is_utc_time ? date.year % 100 : date.year), date.month, date.day, date.hour,
		date.minute, date.second);
	put_element(out, is_utc_time ? DER_UTC_TIME : DER_GENERALIZED_TIME, text, (size_t)len);
}

static void put_name_part(struct piece *out, uint8_t type, struct bytes value)
{
	struct piece pair = {.len = 0}, sequence = {.len = 0};
	const uint8_t oid[] = {0x55, 0x04, type};
	put_oid(&pair, BYTES_OF(oid));
	put_element(
		&pair, type == 6 ? DER_PRINTABLE_STRING : DER_UTF8_STRING, value.ptr, value.len);
	wrap(&sequence, DER_SEQUENCE, &pair);
	wrap(out, DER_SET, &sequence);
}

static void put_name(struct piece *out, const struct hierarchy *hierarchy, struct bytes common_name)
{
	struct piece parts = {.len = 0};
	put_name_part(&parts, 3, common_name);
	put_name_part(&parts, 10, hierarchy->organization);
	put_name_part(&parts, 7, hierarchy->locality);
	put_name_part(&parts, 8, hierarchy->state);
	put_name_part(&parts, 6, hierarchy->country);
	wrap(out, DER_SEQUENCE, &parts);
}

static void put_algorithm(struct piece *out)
{
	struct piece algorithm = {.len = 0};
	put_oid(&algorithm, BYTES_LIT("\x2a\x86\x48\xce\x3d\x04\x03\x02"));
	wrap(out, DER_SEQUENCE, &algorithm);
}

static void put_bit_string(struct piece *out, const struct piece *inner)
{
	struct piece bits = {.len = 0};
	put(&bits, "\0", 1);
	put(&bits, inner->data, inner->len);
	wrap(out, DER_BIT_STRING, &bits);
}

/* SEQUENCE { body, algorithm, signature }, kept in the forge. */
static struct bytes sign_der(
	struct forge *forge, const struct piece *body, const struct p256_secret *key)
{
	struct piece numbers = {.len = 0}, sequence = {.len = 0}, whole = {.len = 0},
		     result = {.len = 0};
	struct p256_signature signature;
	wrap(&whole, DER_SEQUENCE, body);
	must(p256_sign(&signature, key, bytes_of(whole.data, whole.len)));
	put_integer(&numbers, signature.bytes, 32);
	put_integer(&numbers, signature.bytes + 32, 32);
	wrap(&sequence, DER_SEQUENCE, &numbers);
	put_algorithm(&whole);
	put_bit_string(&whole, &sequence);
	wrap(&result, DER_SEQUENCE, &whole);

	uint8_t *place = forge->pool + forge->used;
	ASSERT(result.len <= sizeof(forge->pool) - forge->used);
	memcpy(place, result.data, result.len);
	forge->used += result.len;
	return bytes_of(place, result.len);
}

/* -- extensions -- */

static void put_extension(
	struct piece *out, struct bytes oid, bool is_critical, const struct piece *value)
{
	struct piece extension = {.len = 0};
	put_oid(&extension, oid);
	if (is_critical)
		put_element(&extension, DER_BOOLEAN, "\xff", 1);
	wrap(&extension, DER_OCTET_STRING, value);
	wrap(out, DER_SEQUENCE, &extension);
}

static void put_basic_constraints(struct piece *out, const struct forge_certificate *plan)
{
	struct piece parts = {.len = 0}, value = {.len = 0};
	if (plan->is_ca)
		put_element(&parts, DER_BOOLEAN, "\xff", 1);
	if (plan->path_length >= 0)
		put_number(&parts, (uint32_t)plan->path_length);
	wrap(&value, DER_SEQUENCE, &parts);
	put_extension(out, BYTES_LIT("\x55\x1d\x13"), true, &value);
}

static void put_key_usage(struct piece *out, uint8_t usage)
{
	struct piece value = {.len = 0};
	const uint8_t bits[] = {(uint8_t)__builtin_ctz(usage), usage};
	put_element(&value, DER_BIT_STRING, bits, sizeof(bits));
	put_extension(out, BYTES_LIT("\x55\x1d\x0f"), true, &value);
}

static void put_sgx_item(struct piece *out, struct bytes oid, const struct piece *value)
{
	struct piece item = {.len = 0};
	put_oid(&item, oid);
	put(&item, value->data, value->len);
	wrap(out, DER_SEQUENCE, &item);
}

static void put_sgx_octets(struct piece *out, struct bytes oid, const void *data, size_t len)
{
	struct piece value = {.len = 0};
	put_element(&value, DER_OCTET_STRING, data, len);
	put_sgx_item(out, oid, &value);
}

static void put_sgx_tcb(struct piece *out, const struct forge *forge)
{
	struct piece parts = {.len = 0}, value = {.len = 0};
	for (uint8_t i = 1; i <= 17; i++) {
		uint8_t oid[] = PCK_OID "\x02";
		struct piece number = {.len = 0};
		oid[sizeof(oid) - 1] = i; /* where the literal's NUL was */
		put_number(&number, i <= 16 ? forge->components[i - 1] : forge->pcesvn);
		put_sgx_item(&parts, BYTES_OF(oid), &number);
	}
	put_sgx_octets(&parts, BYTES_LIT(PCK_OID "\x02\x12"), forge->components, 16);
	wrap(&value, DER_SEQUENCE, &parts);
	put_sgx_item(out, BYTES_LIT(PCK_OID "\x02"), &value);
}

/* Scalable; an instance id; dynamic, no cached keys, SMT. */
static void put_sgx_facts(struct piece *out)
{
	struct piece type = {.len = 0}, answers = {.len = 0}, value = {.len = 0};
	put_element(&type, DER_ENUMERATED, "\x01", 1);
	put_sgx_item(out, BYTES_LIT(PCK_OID "\x05"), &type);
	put_sgx_octets(out, BYTES_LIT(PCK_OID "\x06"), "a platform of it", 16);
	for (uint8_t i = 1; i <= 3; i++) {
		uint8_t oid[] = PCK_OID "\x07";
		struct piece answer = {.len = 0};
		oid[sizeof(oid) - 1] = i; /* where the literal's NUL was */
		put_element(&answer, DER_BOOLEAN, i == 2 ? "\0" : "\xff", 1);
		put_sgx_item(&answers, BYTES_OF(oid), &answer);
	}
	wrap(&value, DER_SEQUENCE, &answers);
	put_sgx_item(out, BYTES_LIT(PCK_OID "\x07"), &value);
}

static void put_sgx_extension(struct piece *out, const struct forge *forge)
{
	struct piece items = {.len = 0}, value = {.len = 0};
	put_sgx_octets(&items, BYTES_LIT(PCK_OID "\x01"), "0123456789abcdef", 16);
	put_sgx_tcb(&items, forge);
	put_sgx_octets(&items, BYTES_LIT(PCK_OID "\x03"), forge->pceid, sizeof(forge->pceid));
	put_sgx_octets(&items, BYTES_LIT(PCK_OID "\x04"), forge->fmspc, sizeof(forge->fmspc));
	put_sgx_facts(&items);
	wrap(&value, DER_SEQUENCE, &items);
	put_extension(out, BYTES_LIT(PCK_OID), false, &value);
}

static void put_extensions(
	struct piece *out, const struct forge *forge, const struct forge_certificate *plan)
{
	struct piece extensions = {.len = 0}, sequence = {.len = 0}, null = {.len = 0};
	put_basic_constraints(&extensions, plan);
	put_key_usage(&extensions, plan->key_usage);
	if (plan->has_sgx_extension)
		put_sgx_extension(&extensions, forge);
	if (plan->has_unknown_critical) {
		put(&null, "\x05\0", 2);
		put_extension(&extensions, BYTES_LIT("\x55\x1d\x7f"), true, &null);
	}
	wrap(&sequence, DER_SEQUENCE, &extensions);
	wrap(out, DER_CONTEXT_3, &sequence);
}

/* -- certificates and CRLs -- */

static void put_public_key(struct piece *out, const struct p256_secret *secret)
{
	struct piece algorithm = {.len = 0}, point = {.len = 0}, info = {.len = 0};
	struct p256_public key;
	must(p256_public_of(&key, secret));
	put_oid(&algorithm, BYTES_LIT("\x2a\x86\x48\xce\x3d\x02\x01"));
	put_oid(&algorithm, BYTES_LIT("\x2a\x86\x48\xce\x3d\x03\x01\x07"));
	put(&point, "\x04", 1);
	put(&point, key.bytes, sizeof(key.bytes));
	wrap(&info, DER_SEQUENCE, &algorithm);
	put_bit_string(&info, &point);
	wrap(out, DER_SEQUENCE, &info);
}

struct bytes forge_certificate_der(struct forge *forge, const struct forge_certificate *plan)
{
	struct piece body = {.len = 0}, version = {.len = 0}, validity = {.len = 0};
	put_number(&version, 2);
	wrap(&body, DER_CONTEXT_0, &version);
	put_number(&body, plan->serial);
	put_algorithm(&body);
	put_name(&body, forge->hierarchy, plan->issuer_name);
	put_time(&validity, plan->not_before);
	put_time(&validity, plan->not_after);
	wrap(&body, DER_SEQUENCE, &validity);
	put_name(&body, forge->hierarchy, plan->common_name);
	put_public_key(&body, plan->key);
	put_extensions(&body, forge, plan);
	return sign_der(forge, &body, plan->issuer_key);
}

static void put_crl_extensions(struct piece *out)
{
	struct piece number = {.len = 0}, key_id = {.len = 0}, extensions = {.len = 0},
		     sequence = {.len = 0};
	put_number(&number, 1);
	put_element(&key_id, DER_SEQUENCE, "\x80\x01\x01", 3);
	put_extension(&extensions, BYTES_LIT("\x55\x1d\x14"), false, &number);
	put_extension(&extensions, BYTES_LIT("\x55\x1d\x23"), false, &key_id);
	wrap(&sequence, DER_SEQUENCE, &extensions);
	wrap(out, DER_CONTEXT_0, &sequence);
}

struct bytes forge_crl_der(struct forge *forge, const struct forge_crl *plan)
{
	struct piece body = {.len = 0}, entry = {.len = 0}, entries = {.len = 0};
	put_number(&body, 1);
	put_algorithm(&body);
	put_name(&body, forge->hierarchy, plan->issuer_name);
	put_time(&body, plan->this_update);
	put_time(&body, plan->next_update);
	if (plan->revoked != 0) {
		put_number(&entry, plan->revoked);
		put_time(&entry, plan->this_update);
		wrap(&entries, DER_SEQUENCE, &entry);
		wrap(&body, DER_SEQUENCE, &entries);
	}
	put_crl_extensions(&body);
	return sign_der(forge, &body, plan->key);
}

/* -- PEM and JSON -- */

static void append(struct forge *forge, const void *data, size_t len)
{
	ASSERT(len <= sizeof(forge->pool) - forge->used);
	memcpy(forge->pool + forge->used, data, len);
	forge->used += len;
}

static void append_base64(struct forge *forge, struct bytes from)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < from.len; i += 3) {
		uint32_t bits = (uint32_t)from.ptr[i] << 16;
		size_t left = from.len - i;
		bits |= left > 1 ? (uint32_t)from.ptr[i + 1] << 8 : 0;
		bits |= left > 2 ? from.ptr[i + 2] : 0;
		char text[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
			left > 1 ? digits[bits >> 6 & 63] : '=',
			left > 2 ? digits[bits & 63] : '='};
		append(forge, text, sizeof(text));
		if (i % 48 == 45 || left <= 3)
			append(forge, "\n", 1);
	}
}

static void append_pem(struct forge *forge, const char *label, struct bytes der)
{
	char line[64];
	append(forge, line, (size_t)snprintf(line, sizeof(line), "-----BEGIN %s-----\n", label));
	append_base64(forge, der);
	append(forge, line, (size_t)snprintf(line, sizeof(line), "-----END %s-----\n", label));
}

static struct bytes since(const struct forge *forge, size_t start)
{
	return bytes_of(forge->pool + start, forge->used - start);
}

/* Certificates in DER as PEM. */
static struct bytes make_chain(
	struct forge *forge, const struct bytes *const *ders, size_t count, bool has_nul)
{
	size_t start = forge->used;
	for (size_t i = 0; i < count; i++)
		append_pem(forge, "CERTIFICATE", *ders[i]);
	append(forge, "\0", has_nul ? 1 : 0);
	return since(forge, start);
}

static struct bytes make_crl(struct forge *forge, const struct forge_crl *plan)
{
	struct bytes der = forge_crl_der(forge, plan);
	size_t start = forge->used;
	append_pem(forge, "X509 CRL", der);
	return since(forge, start);
}

static struct bytes make_json(struct forge *forge, const char *name, const struct forge_json *json)
{
	struct p256_signature signature;
	char line[64], hex[129];
	size_t start = forge->used;
	must(p256_sign(&signature, json->key, bytes_of(json->text, strlen(json->text))));
	append(forge, line, (size_t)snprintf(line, sizeof(line), "{\"%s\":", name));
	append(forge, json->text, strlen(json->text));
	append(forge, ",\"signature\":\"", 14);
	append(forge, hex_encode(hex, BYTES_OF(signature)), 128);
	append(forge, "\"}", 2);
	return since(forge, start);
}

void forge_replace(struct forge_json *json, const char *from, const char *to)
{
	char *found = strstr(json->text, from);
	ASSERT(found != NULL);
	char rest[sizeof(json->text)];
	snprintf(rest, sizeof(rest), "%s", found + strlen(from));
	size_t place = (size_t)(found - json->text);
	int len = snprintf(found, sizeof(json->text) - place, "%s%s", to, rest);
	ASSERT((size_t)len < sizeof(json->text) - place);
}

/* -- the plan of genuine evidence -- */

static void plan_certificates(struct forge *forge)
{
	const struct hierarchy *names = forge->hierarchy;
	const uint8_t ca_usage = X509_KEY_CERT_SIGN | X509_CRL_SIGN;
	const struct forge_certificate root = {names->root, names->root, &simulation_root_secret,
		&simulation_root_secret, 1, FORGE_START, FORGE_END, true, 1, ca_usage, false,
		false};
	forge->root = forge->ca = forge->pck = forge->tcb_signing = root;

	forge->ca.common_name = names->platform_ca;
	forge->ca.key = &simulation_platform_secret;
	forge->ca.serial = 2;
	forge->ca.path_length = 0;

	forge->pck.common_name = names->pck;
	forge->pck.issuer_name = names->platform_ca;
	forge->pck.key = &simulation_pck_secret;
	forge->pck.issuer_key = &simulation_platform_secret;
	forge->pck.serial = 3;
	forge->pck.is_ca = false;
	forge->pck.path_length = -1;
	forge->pck.key_usage = X509_DIGITAL_SIGNATURE;
	forge->pck.has_sgx_extension = true;

	forge->tcb_signing.common_name = names->tcb_signing;
	forge->tcb_signing.key = &simulation_tcb_secret;
	forge->tcb_signing.serial = 4;
	forge->tcb_signing.is_ca = false;
	forge->tcb_signing.path_length = -1;
	forge->tcb_signing.key_usage = X509_DIGITAL_SIGNATURE;
}

static void plan_crls(struct forge *forge)
{
	forge->root_crl = (struct forge_crl){
		forge->hierarchy->root, &simulation_root_secret, FORGE_START, FORGE_END, 0};
	forge->pck_crl = (struct forge_crl){forge->hierarchy->platform_ca,
		&simulation_platform_secret, FORGE_START, FORGE_END, 0};
}

#define DATES "\"issueDate\":\"2025-01-01T00:00:00Z\",\"nextUpdate\":\"2030-01-01T00:00:00Z\""
#define SVN(n) "{\"svn\":" #n "}"
#define FOUR(n) SVN(n) "," SVN(n) "," SVN(n) "," SVN(n)
#define LEVEL(n, pcesvn, status)                                                     \
	"{\"tcb\":{\"sgxtcbcomponents\":[" FOUR(n) "," FOUR(n) "," FOUR(n) "," FOUR( \
		n) "],\"pcesvn\":" #pcesvn "},\"tcbDate\":\"2024-12-01T00:00:00Z\"," \
		   "\"tcbStatus\":\"" status "\""

static void plan_collateral(struct forge *forge)
{
	static const char tcb_info[] =
		"{\"id\":\"SGX\",\"version\":3," DATES
		",\"fmspc\":\"00C0FFEE0000\",\"pceId\":\"0000\",\"tcbType\":0,"
		"\"tcbEvaluationDataNumber\":1,\"tcbLevels\":[" LEVEL(7, 11, "UpToDate") "}," LEVEL(
			3, 5, "OutOfDate") ",\"advisoryIDs\":[\"INTEL-SA-00001\"]}]}";
	static const char qe_identity[] =
		"{\"id\":\"QE\",\"version\":2," DATES
		",\"tcbEvaluationDataNumber\":1,\"miscselect\":\"00000000\",\"miscselectMask\":"
		"\"FFFFFFFF\",\"attributes\":\"11000000000000000000000000000000\","
		"\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":"
		"\"ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\","
		"\"isvprodid\":1,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":8},\"tcbDate\":"
		"\"2024-12-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"isvsvn\":6},"
		"\"tcbDate\":\"2024-11-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":["
		"\"INTEL-SA-00002\"]},{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2024-10-01T00:00:00Z\","
		"\"tcbStatus\":\"Revoked\"}]}";
	memcpy(forge->tcb_info.text, tcb_info, sizeof(tcb_info));
	memcpy(forge->qe_identity.text, qe_identity, sizeof(qe_identity));
	forge->tcb_info.key = forge->qe_identity.key = &simulation_tcb_secret;
	memset(forge->components, 7, sizeof(forge->components));
	memcpy(forge->fmspc, "\x00\xc0\xff\xee\x00\x00", sizeof(forge->fmspc));
	forge->pcesvn = 11;
}

#define TD_LEVEL(n, pcesvn, status, m)                                                          \
	"{\"tcb\":{\"sgxtcbcomponents\":[" FOUR(n) "," FOUR(n) "," FOUR(n) "," FOUR(            \
		n) "],\"pcesvn\":" #pcesvn                                                      \
		   ",\"tdxtcbcomponents\":[" FOUR(m) "," FOUR(m) "," FOUR(m) "," FOUR(          \
			   m) "]},\"tcbDate\":\"2024-12-01T00:00:00Z\",\"tcbStatus\":\"" status \
			      "\""
#define ZEROS_8 "0000000000000000"
#define ZEROS_48 ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8
#define MODULE "\"mrsigner\":\"" ZEROS_48 "\",\"attributes\":\"" ZEROS_8 "\""
#define MODULE_LEVEL(svn, date, status)                      \
	"{\"tcb\":{\"isvsvn\":" #svn "},\"tcbDate\":\"" date \
	"T00:00:00Z\",\"tcbStatus\":\"" status "\""

static void plan_td_collateral(struct forge *forge)
{
	static const char new_levels[] = "[" MODULE_LEVEL(2, "2024-12-01", "UpToDate") "}]";
	static const char old_levels[] =
		"[" MODULE_LEVEL(5, "2024-12-01", "UpToDate") "}," MODULE_LEVEL(3, "2024-09-01",
			"OutOfDate") ",\"advisoryIDs\":[\"INTEL-SA-00003\"]}," MODULE_LEVEL(2,
			"2024-08-01", "Revoked") "}]";
	static const char levels[] = "[" TD_LEVEL(7, 11, "UpToDate", 4) "}," TD_LEVEL(
		3, 5, "OutOfDate", 2) ",\"advisoryIDs\":[\"INTEL-SA-00001\"]}]";
	int len = snprintf(forge->tcb_info.text, sizeof(forge->tcb_info.text),
		"{\"id\":\"TDX\",\"version\":3," DATES
		",\"fmspc\":\"00c0ffee0000\",\"pceId\":\"0000\",\"tcbType\":0,"
		"\"tcbEvaluationDataNumber\":1,\"tdxModule\":{" MODULE "},"
		"\"tdxModuleIdentities\":[{\"id\":\"TDX_03\"," MODULE ",\"tcbLevels\":%s},"
		"{\"id\":\"TDX_01\"," MODULE ",\"tcbLevels\":%s}],\"tcbLevels\":%s}",
		new_levels, old_levels, levels);
	ASSERT((size_t)len < sizeof(forge->tcb_info.text));
	forge_replace(&forge->qe_identity, "\"QE\"", "\"TD_QE\"");
}

static void plan_td(struct tdx_report_body *report)
{
	*report = (struct tdx_report_body){
		.tdattributes = TDX_ATTRIBUTE_SEPT_VE_DISABLE, .xfam = 0xe7};
	memset(report->tee_tcb_svn, 4, sizeof(report->tee_tcb_svn));
	report->tee_tcb_svn[0] = 5;
	report->tee_tcb_svn[1] = 1;
	memset(report->mrseam, 0x77, sizeof(report->mrseam));
	memset(report->mrtd, 0x88, sizeof(report->mrtd));
	memset(report->rtmr, 0x99, sizeof(report->rtmr));
	memset(report->reportdata, 0x55, sizeof(report->reportdata));
}

void forge_plan_quote(struct forge *forge, uint16_t version, enum quote_body body)
{
	struct quote *quote = &forge->quote;
	quote->header.version = version;
	quote->body = body;
	if (body == QUOTE_BODY_SGX)
		return;
	quote->header.tee_type = QUOTE_TEE_TDX;
	plan_td(&quote->td_report);
	if (body == QUOTE_BODY_TD15) {
		memcpy(quote->td_report.tee_tcb_svn2, quote->td_report.tee_tcb_svn, 16);
		memset(quote->td_report.mrservicetd, 0xaa, 48);
	}
	plan_td_collateral(forge);
}

static void plan_quote(struct forge *forge)
{
	struct quote *quote = &forge->quote;
	quote->header = (struct quote_header){.version = 3, .attestation_key_type = 2};
	memcpy(quote->header.qe_vendor, quote_intel_vendor, 16);
	quote->body = QUOTE_BODY_SGX;
	quote->certification = QUOTE_PCK_CHAIN;
	quote->report.attributes.flags = SGX_FLAG_INIT | SGX_FLAG_MODE64BIT;
	quote->report.attributes.xfrm = SGX_XFRM_LEGACY;
	memset(quote->report.mrenclave, 0x11, 32);
	memset(quote->report.mrsigner, 0x22, 32);
	quote->report.isvprodid = 7;
	quote->report.isvsvn = 3;
	instance_info_report_data(quote->report.reportdata, &forge->info.signing_key,
		&forge->info.encryption_key, BYTES_LIT(""));
	quote->qe_report.attributes.flags =
		SGX_FLAG_INIT | SGX_FLAG_MODE64BIT | SGX_FLAG_PROVISIONKEY;
	memset(quote->qe_report.mrsigner, 0xab, 32);
	quote->qe_report.isvprodid = 1;
	quote->qe_report.isvsvn = 8;
	quote->qe_auth = BYTES_LIT("0123456789abcdef0123456789abcdef");
}

/* Any scalar does: the tests' enclaves have this one. */
static const struct p256_secret attestation_secret = {{[0] = 0x5a, [31] = 0xa5}};

void forge_init(struct forge *forge, enum forge_kind kind)
{
	memset(forge, 0, sizeof(*forge));
	must(p256_public_of(&forge->root_key, &simulation_root_secret));
	forge->hierarchy = kind == FORGE_INTEL ? &hierarchy_intel : &hierarchy_simulation;
	forge->roots = attest_default_roots;
	if (kind == FORGE_INTEL)
		forge->roots = (struct attest_roots){.dcap = &forge->root_key};
	memset(forge->info.signing_key.bytes, 0x33, 32);
	memset(forge->info.encryption_key.bytes, 0x44, 32);
	forge->attestation_key = &attestation_secret;
	forge->qe_report_key = &simulation_pck_secret;
	plan_certificates(forge);
	plan_crls(forge);
	plan_collateral(forge);
	plan_quote(forge);
}

static struct bytes make_quote(struct forge *forge, struct bytes pck_chain)
{
	struct quote *quote = &forge->quote;
	uint8_t part[QUOTE_SIGNED_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){part, sizeof(part)});
	quote->pck_chain = pck_chain;
	must(p256_public_of(&quote->attestation_key, forge->attestation_key));
	if (!forge->keep_qe_report_data)
		quote_qe_report_data(quote->qe_report.reportdata, quote);
	quote_write_signed(&writer, quote);
	must(p256_sign(&quote->signature, forge->attestation_key, writer_bytes(&writer)));
	must(p256_sign(&quote->qe_signature, forge->qe_report_key, BYTES_OF(quote->qe_report)));

	uint8_t *place = forge->pool + forge->used;
	struct writer whole = writer_of((struct buffer){place, sizeof(forge->pool) - forge->used});
	quote_write(&whole, quote);
	must(writer_end(&whole));
	forge->used += whole.len;
	return writer_bytes(&whole);
}

void forge_make(struct forge *forge)
{
	forge->used = 0;
	const struct bytes root = forge_certificate_der(forge, &forge->root);
	const struct bytes ca = forge_certificate_der(forge, &forge->ca);
	const struct bytes pck = forge_certificate_der(forge, &forge->pck);
	const struct bytes tcb_signing = forge_certificate_der(forge, &forge->tcb_signing);
	const struct bytes *const pck_chain[] = {&pck, &ca, &root};
	const struct bytes *const ca_chain[] = {&ca, &root};
	const struct bytes *const signing_chain[] = {&tcb_signing, &root};
	struct dcap_evidence *evidence = &forge->info.dcap;
	forge->info.type = INSTANCE_INFO_DCAP;
	forge->pck_chain = make_chain(forge, pck_chain, 3, true);
	evidence->quote = make_quote(forge, forge->pck_chain);
	evidence->version = BYTES_LIT("3");
	evidence->pck_crl_issuer_chain = make_chain(forge, ca_chain, 2, false);
	evidence->root_ca_crl = make_crl(forge, &forge->root_crl);
	evidence->pck_crl = make_crl(forge, &forge->pck_crl);
	evidence->tcb_info_issuer_chain = make_chain(forge, signing_chain, 2, false);
	evidence->tcb_info = make_json(forge, "tcbInfo", &forge->tcb_info);
	evidence->qe_identity_issuer_chain = make_chain(forge, signing_chain, 2, false);
	evidence->qe_identity = make_json(forge, "enclaveIdentity", &forge->qe_identity);
	forge->collateral = (struct quote_collateral){
		.pck_crl_issuer_chain = evidence->pck_crl_issuer_chain,
		.root_ca_crl = evidence->root_ca_crl,
		.pck_crl = evidence->pck_crl,
		.tcb_info_issuer_chain = evidence->tcb_info_issuer_chain,
		.tcb_info = evidence->tcb_info,
		.qe_identity_issuer_chain = evidence->qe_identity_issuer_chain,
		.qe_identity = evidence->qe_identity,
	};
}

struct bytes forge_serialise(struct forge *forge)
{
	static uint8_t part[1 << 15];
	struct writer attestation = writer_of((struct buffer){part, sizeof(part)});
	uint8_t *place = forge->pool + forge->used;
	struct writer whole = writer_of((struct buffer){place, sizeof(forge->pool) - forge->used});
	dcap_evidence_write(&attestation, &forge->info.dcap);
	must(writer_end(&attestation));
	must(instance_info_write(&whole, &forge->info.signing_key, &forge->info.encryption_key,
		INSTANCE_INFO_DCAP, writer_bytes(&attestation)));
	forge->used += whole.len;
	return writer_bytes(&whole);
}
