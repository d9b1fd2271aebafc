/* Where the certificates come from: AMD's service sends them as PEM, hypervisors as a table. */
#include "attest/pem.h"
#include "attest/snp_parts.h"
#include "base/check.h"

/* Into its place, if that is still free. */
static enum conclave_error place(
	struct snp_evidence *evidence, enum snp_role role, struct bytes der)
{
	struct bytes *const places[] = {
		NULL, &evidence->leaf, &evidence->intermediate, &evidence->root};
	if (role == SNP_ROLE_NONE || places[role]->len != 0)
		return CONCLAVE_ERROR_FORMAT;
	*places[role] = der;
	return CONCLAVE_OK;
}

enum conclave_error snp_read_chain(struct snp_evidence *out, struct writer *space, struct bytes pem)
{
	struct snp_evidence evidence = *out;
	struct reader reader = reader_of(pem);
	do {
		struct bytes der;
		struct x509_certificate certificate;
		TRY(pem_next(&der, space, &reader, BYTES_LIT("CERTIFICATE")));
		TRY(x509_read(&certificate, der));
		TRY(place(&evidence, snp_role_of(&certificate), der));
	} while (!pem_at_end(&reader));
	*out = evidence;
	return CONCLAVE_OK;
}

#define GUID_SIZE 16
#define ENTRY_COUNT_MAX 64u /* hypervisors send 3 */

/* What is no certificate of ours is none of our business: CRLs, firmware's own endorsements. */
static enum conclave_error place_if_ours(struct snp_evidence *evidence, struct bytes entry)
{
	struct x509_certificate certificate;
	if (x509_read(&certificate, entry) != CONCLAVE_OK)
		return CONCLAVE_OK;
	enum snp_role role = snp_role_of(&certificate);
	return role == SNP_ROLE_NONE ? CONCLAVE_OK : place(evidence, role, entry);
}

/* { GUID, offset u32, length u32 } until an entry of zeros; offsets are the table's own. GUIDs are
 * written in either byte order, so the certificates say themselves what they are. */
enum conclave_error snp_read_certificate_table(struct snp_evidence *out, struct bytes table)
{
	static const uint8_t end[GUID_SIZE];
	struct snp_evidence evidence = *out;
	struct reader entries = reader_of(table);
	for (size_t i = 0; i < ENTRY_COUNT_MAX; i++) {
		struct bytes guid = read_bytes(&entries, GUID_SIZE);
		uint32_t offset = read_u32le(&entries);
		uint32_t length = read_u32le(&entries);
		struct bytes entry = bytes_slice(table, offset, length);
		if (entries.failed || entry.len != length)
			return CONCLAVE_ERROR_FORMAT;
		if (bytes_equal(guid, BYTES_OF(end))) {
			*out = evidence;
			return CONCLAVE_OK;
		}
		TRY(place_if_ours(&evidence, entry));
	}
	return CONCLAVE_ERROR_FORMAT;
}
