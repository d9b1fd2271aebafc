/* Evidence that lies, one lie per row: each must be refused, at the check whose business it is.
 * T-42 (kinds of evidence against each other), T-43 (certificates), and the cases that other
 * verifiers have got wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "attest/constraint.h"
#include "attest_forge.h"
#include "base/check.h"
#include "simulation_keys.h"

static struct forge forge;

/* Not a key of the hierarchy. */
static const struct p256_secret stranger = {{[0] = 0x66, [31] = 0x01}};

static enum conclave_error verify_at(
	struct attest_claims *claims, enum attest_check *failed, int64_t now)
{
	return attest_verify(claims, failed, &forge.info, &forge.roots, now);
}

static enum conclave_error verify(struct attest_claims *claims, enum attest_check *failed)
{
	return verify_at(claims, failed, FORGE_NOW);
}

/* -- what is spoiled before it is signed -- */

static void version_4(struct forge *f)
{
	f->quote.header.version = 4;
}
static void tdx(struct forge *f)
{
	f->quote.header.tee_type = 0x81;
}
static void p384_key(struct forge *f)
{
	f->quote.header.attestation_key_type = 3;
}
static void other_vendor(struct forge *f)
{
	f->quote.header.qe_vendor[0] ^= 1;
}
static void other_keys(struct forge *f)
{
	f->info.encryption_key.bytes[5] ^= 1;
}
static void other_signing_key(struct forge *f)
{
	f->info.signing_key.bytes[5] ^= 1;
}
static void stranger_root(struct forge *f)
{
	f->root.key = f->root.issuer_key = f->ca.issuer_key = f->tcb_signing.issuer_key =
		f->root_crl.key = &stranger;
}
static void stranger_signs_root(struct forge *f)
{
	f->root.issuer_key = &stranger;
}
static void stranger_signs_ca(struct forge *f)
{
	f->ca.issuer_key = &stranger;
}
static void stranger_signs_pck(struct forge *f)
{
	f->pck.issuer_key = &stranger;
}
static void root_without_ca_bit(struct forge *f)
{
	f->root.is_ca = false;
	f->root.path_length = -1;
}
static void ca_without_ca_bit(struct forge *f)
{
	f->ca.is_ca = false;
	f->ca.path_length = -1;
}
static void ca_may_not_sign(struct forge *f)
{
	f->ca.key_usage = X509_CRL_SIGN;
}
static void root_path_too_short(struct forge *f)
{
	f->root.path_length = 0;
}
static void pck_is_ca(struct forge *f)
{
	f->pck.is_ca = true;
	f->pck.key_usage |= X509_KEY_CERT_SIGN;
}
static void pck_has_ca_bit(struct forge *f)
{
	f->pck.is_ca = true;
}
static void root_named_otherwise(struct forge *f)
{
	f->root.common_name = f->root.issuer_name = f->ca.issuer_name = f->tcb_signing.issuer_name =
		f->root_crl.issuer_name = BYTES_LIT("Conclave Simulation SGX Rood CA");
}
static void ca_named_otherwise(struct forge *f)
{
	f->ca.common_name = f->pck.issuer_name = f->pck_crl.issuer_name = BYTES_LIT("Some CA");
}
static void pck_of_other_issuer(struct forge *f)
{
	f->pck.issuer_name = f->hierarchy->processor_ca;
}
static struct hierarchy misnamed;
static void other_organization(struct forge *f)
{
	misnamed = *f->hierarchy;
	misnamed.organization = BYTES_LIT("Conclave Stimulation");
	f->hierarchy = &misnamed;
}
static void other_country(struct forge *f)
{
	misnamed = *f->hierarchy;
	misnamed.country = BYTES_LIT("ZY");
	f->hierarchy = &misnamed;
}
static void pck_may_not_sign(struct forge *f)
{
	f->pck.key_usage = 0x20; /* keyEncipherment */
}
static void pck_named_otherwise(struct forge *f)
{
	f->pck.common_name = BYTES_LIT("Intel SGX PCK Certificat");
}
static void pck_under_tcb_signing_name(struct forge *f)
{
	f->pck.common_name = f->hierarchy->tcb_signing;
}
static void pck_critical_extension(struct forge *f)
{
	f->pck.has_unknown_critical = true;
}
static void pck_without_sgx(struct forge *f)
{
	f->pck.has_sgx_extension = false;
}
static void tcb_signing_is_ca(struct forge *f)
{
	f->tcb_signing.is_ca = true;
	f->tcb_signing.key_usage |= X509_KEY_CERT_SIGN;
}
static void pck_as_tcb_signing(struct forge *f)
{
	f->tcb_signing.common_name = f->hierarchy->pck;
}
static void stranger_signs_tcb_signing(struct forge *f)
{
	f->tcb_signing.issuer_key = &stranger;
}
static void root_crl_by_stranger(struct forge *f)
{
	f->root_crl.key = &stranger;
}
static void root_crl_of_ca(struct forge *f)
{
	f->root_crl = f->pck_crl;
}
static void pck_crl_by_stranger(struct forge *f)
{
	f->pck_crl.key = &stranger;
}
static void pck_crl_of_root(struct forge *f)
{
	f->pck_crl = f->root_crl;
}
static void revoked_ca(struct forge *f)
{
	f->root_crl.revoked = f->ca.serial;
}
static void revoked_tcb_signing(struct forge *f)
{
	f->root_crl.revoked = f->tcb_signing.serial;
}
static void revoked_pck(struct forge *f)
{
	f->pck_crl.revoked = f->pck.serial;
}
static void tcb_info_by_stranger(struct forge *f)
{
	f->tcb_info.key = &stranger;
}
static void tcb_info_by_pck(struct forge *f)
{
	f->tcb_info.key = &simulation_pck_secret;
}
static void tcb_info_for_tdx(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"SGX\"", "\"TDX\"");
}
static void tcb_info_version_4(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"version\":3", "\"version\":4");
}
static void tcb_info_without_id(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"id\":\"SGX\",", "");
}
static void tcb_info_fmspc_twice(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"pceId\"", "\"fmspc\":\"000000000000\",\"pceId\"");
}
static void tcb_info_bad_date(struct forge *f)
{
	forge_replace(&f->tcb_info, "2025-01-01T", "2025-13-01T");
}
static void tcb_info_unknown_status(struct forge *f)
{
	forge_replace(&f->tcb_info, "\"OutOfDate\"", "\"Splendid\"");
}
static void tcb_info_fifteen_components(struct forge *f)
{
	forge_replace(&f->tcb_info, "{\"svn\":7},", "");
}
static void tcb_info_large_component(struct forge *f)
{
	forge_replace(&f->tcb_info, "{\"svn\":7}", "{\"svn\":256}");
}
static void tcb_info_no_levels(struct forge *f)
{
	char *levels = strstr(f->tcb_info.text, "\"tcbLevels\"");
	strcpy(levels, "\"tcbLevels\":[]}");
}
static void qe_identity_by_stranger(struct forge *f)
{
	f->qe_identity.key = &stranger;
}
static void qe_identity_of_qve(struct forge *f)
{
	forge_replace(&f->qe_identity, "\"QE\"", "\"QVE\"");
}
static void qe_identity_of_td_qe(struct forge *f)
{
	forge_replace(&f->qe_identity, "\"QE\"", "\"TD_QE\"");
}
static void qe_identity_short_mask(struct forge *f)
{
	forge_replace(&f->qe_identity, "FBFFFFFF", "FBFF");
}
static void fmspc(struct forge *f)
{
	f->fmspc[1] ^= 1;
}
static void pceid(struct forge *f)
{
	f->pceid[0] ^= 1;
}
static void qe_report_by_stranger(struct forge *f)
{
	f->qe_report_key = &stranger;
}
static void qe_report_for_other_key(struct forge *f)
{
	f->keep_qe_report_data = true;
}
static void qe_mrsigner(struct forge *f)
{
	f->quote.qe_report.mrsigner[31] ^= 1;
}
static void qe_isvprodid(struct forge *f)
{
	f->quote.qe_report.isvprodid = 2;
}
static void qe_miscselect(struct forge *f)
{
	f->quote.qe_report.miscselect = 1;
}
static void qe_debug(struct forge *f)
{
	f->quote.qe_report.attributes.flags |= SGX_FLAG_DEBUG;
}
static void qe_not_provisioned(struct forge *f)
{
	f->quote.qe_report.attributes.flags &= ~(uint64_t)SGX_FLAG_PROVISIONKEY;
}
static void qe_too_old(struct forge *f)
{
	f->quote.qe_report.isvsvn = 3;
}
static void one_component_too_low(struct forge *f)
{
	f->components[15] = 2;
}
static void pcesvn_too_low(struct forge *f)
{
	f->pcesvn = 4;
}

/* -- what is swapped after it was signed -- */

static void collateral_version(struct forge *f)
{
	f->info.dcap.version = BYTES_LIT("2");
}
static void no_tcb_info_chain(struct forge *f)
{
	f->info.dcap.tcb_info_issuer_chain.len = 0;
}
static void tcb_info_chain_is_pck_crl_chain(struct forge *f)
{
	f->info.dcap.tcb_info_issuer_chain = f->info.dcap.pck_crl_issuer_chain;
}
static void qe_chain_is_pck_crl_chain(struct forge *f)
{
	f->info.dcap.qe_identity_issuer_chain = f->info.dcap.pck_crl_issuer_chain;
}
static void pck_crl_chain_is_signing_chain(struct forge *f)
{
	f->info.dcap.pck_crl_issuer_chain = f->info.dcap.tcb_info_issuer_chain;
}
static void crls_swapped(struct forge *f)
{
	struct bytes crl = f->info.dcap.root_ca_crl;
	f->info.dcap.root_ca_crl = f->info.dcap.pck_crl;
	f->info.dcap.pck_crl = crl;
}
static void no_pck_crl(struct forge *f)
{
	f->info.dcap.pck_crl.len = 0;
}
static void jsons_swapped(struct forge *f)
{
	f->info.dcap.tcb_info = f->info.dcap.qe_identity;
}
static void quote_too_long(struct forge *f)
{
	f->info.dcap.quote.len++;
}
static void quote_too_short(struct forge *f)
{
	f->info.dcap.quote.len--;
}
/* MRENCLAVE */
static void quote_altered(struct forge *f)
{
	f->pool[f->info.dcap.quote.ptr - f->pool + 48 + 64] ^= 1;
}
static void as_epid(struct forge *f)
{
	f->info.type = INSTANCE_INFO_EPID;
}
static void simulation_not_trusted(struct forge *f)
{
	f->roots.simulation = NULL;
}

static struct forge other;

/* A hierarchy with the right names under a root of its own. */
static void signing_chain_of_stranger(struct forge *f)
{
	forge_init(&other, FORGE_SIMULATION);
	stranger_root(&other);
	forge_make(&other);
	f->info.dcap.tcb_info_issuer_chain = other.info.dcap.tcb_info_issuer_chain;
}
/* The root has issued two CAs; the other one has nothing to say of this PCK certificate. */
static void pck_crl_of_other_ca(struct forge *f)
{
	forge_init(&other, FORGE_SIMULATION);
	other.ca.key = other.pck.issuer_key = other.pck_crl.key = &stranger;
	forge_make(&other);
	f->info.dcap.pck_crl_issuer_chain = other.info.dcap.pck_crl_issuer_chain;
	f->info.dcap.pck_crl = other.info.dcap.pck_crl;
}
/* The QE identity has a signer of its own, who is revoked. */
static void revoked_qe_identity_signer(struct forge *f)
{
	forge_init(&other, FORGE_SIMULATION);
	other.tcb_signing.key = other.qe_identity.key = &stranger;
	other.tcb_signing.serial = other.root_crl.revoked = 9;
	forge_make(&other);
	f->info.dcap.qe_identity_issuer_chain = other.info.dcap.qe_identity_issuer_chain;
	f->info.dcap.qe_identity = other.info.dcap.qe_identity;
	f->info.dcap.root_ca_crl = other.info.dcap.root_ca_crl;
}

typedef void spoil(struct forge *f);

static const struct lie {
	const char *name;
	spoil *before, *after;
	enum conclave_error error;
	enum attest_check check;
} lies[] = {
#define LIE(function, error, check)                                      \
	{                                                                \
#function, function, NULL, CONCLAVE_ERROR_##error, check \
	}
#define SWAP(function, error, check)                                     \
	{                                                                \
#function, NULL, function, CONCLAVE_ERROR_##error, check \
	}
	LIE(version_4, VERSION, ATTEST_CHECK_QUOTE_FORMAT),
	LIE(tdx, VERSION, ATTEST_CHECK_QUOTE_FORMAT),
	LIE(p384_key, VERSION, ATTEST_CHECK_QUOTE_FORMAT),
	LIE(other_vendor, VERSION, ATTEST_CHECK_QUOTE_FORMAT),
	SWAP(quote_too_long, TRAILING, ATTEST_CHECK_QUOTE_FORMAT),
	SWAP(quote_too_short, TRUNCATED, ATTEST_CHECK_QUOTE_FORMAT),
	SWAP(as_epid, VERSION, ATTEST_CHECK_FORMAT),
	LIE(other_keys, MISMATCH, ATTEST_CHECK_REPORT_DATA),
	LIE(other_signing_key, MISMATCH, ATTEST_CHECK_REPORT_DATA),
	SWAP(collateral_version, VERSION, ATTEST_CHECK_COLLATERAL_VERSION),

	LIE(stranger_root, UNTRUSTED, ATTEST_CHECK_ROOT),
	SWAP(simulation_not_trusted, UNTRUSTED, ATTEST_CHECK_ROOT),
	LIE(stranger_signs_root, SIGNATURE, ATTEST_CHECK_PCK_CHAIN),
	LIE(stranger_signs_ca, SIGNATURE, ATTEST_CHECK_PCK_CHAIN),
	LIE(stranger_signs_pck, SIGNATURE, ATTEST_CHECK_PCK_CHAIN),
	LIE(root_without_ca_bit, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(ca_without_ca_bit, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(ca_may_not_sign, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(root_path_too_short, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_is_ca, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_has_ca_bit, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(root_named_otherwise, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(ca_named_otherwise, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_of_other_issuer, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(other_organization, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(other_country, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_may_not_sign, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_named_otherwise, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_under_tcb_signing_name, MISMATCH, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_critical_extension, FORMAT, ATTEST_CHECK_PCK_CHAIN),
	LIE(pck_without_sgx, FORMAT, ATTEST_CHECK_PCK_CHAIN),

	SWAP(pck_crl_chain_is_signing_chain, MISMATCH, ATTEST_CHECK_PCK_CRL_CHAIN),
	LIE(tcb_signing_is_ca, MISMATCH, ATTEST_CHECK_TCB_INFO_CHAIN),
	LIE(pck_as_tcb_signing, MISMATCH, ATTEST_CHECK_TCB_INFO_CHAIN),
	LIE(stranger_signs_tcb_signing, SIGNATURE, ATTEST_CHECK_TCB_INFO_CHAIN),
	SWAP(no_tcb_info_chain, NOT_FOUND, ATTEST_CHECK_TCB_INFO_CHAIN),
	SWAP(tcb_info_chain_is_pck_crl_chain, MISMATCH, ATTEST_CHECK_TCB_INFO_CHAIN),
	SWAP(qe_chain_is_pck_crl_chain, MISMATCH, ATTEST_CHECK_QE_IDENTITY_CHAIN),
	LIE(root_crl_by_stranger, SIGNATURE, ATTEST_CHECK_ROOT_CRL),
	LIE(root_crl_of_ca, MISMATCH, ATTEST_CHECK_ROOT_CRL),
	LIE(pck_crl_by_stranger, SIGNATURE, ATTEST_CHECK_PCK_CRL),
	LIE(pck_crl_of_root, MISMATCH, ATTEST_CHECK_PCK_CRL),
	SWAP(crls_swapped, MISMATCH, ATTEST_CHECK_ROOT_CRL),
	SWAP(no_pck_crl, NOT_FOUND, ATTEST_CHECK_PCK_CRL),
	SWAP(signing_chain_of_stranger, UNTRUSTED, ATTEST_CHECK_TCB_INFO_CHAIN),
	SWAP(pck_crl_of_other_ca, MISMATCH, ATTEST_CHECK_PCK_CRL_CHAIN),
	SWAP(revoked_qe_identity_signer, REVOKED, ATTEST_CHECK_REVOCATION),
	LIE(revoked_ca, REVOKED, ATTEST_CHECK_REVOCATION),
	LIE(revoked_tcb_signing, REVOKED, ATTEST_CHECK_REVOCATION),
	LIE(revoked_pck, REVOKED, ATTEST_CHECK_REVOCATION),

	LIE(tcb_info_by_stranger, SIGNATURE, ATTEST_CHECK_TCB_INFO_SIGNATURE),
	LIE(tcb_info_by_pck, SIGNATURE, ATTEST_CHECK_TCB_INFO_SIGNATURE),
	SWAP(jsons_swapped, FORMAT, ATTEST_CHECK_TCB_INFO_SIGNATURE),
	LIE(tcb_info_for_tdx, VERSION, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_version_4, VERSION, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_without_id, FORMAT, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_fmspc_twice, FORMAT, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_bad_date, FORMAT, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_unknown_status, FORMAT, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_fifteen_components, FORMAT, ATTEST_CHECK_TCB_INFO),
	LIE(tcb_info_large_component, FORMAT, ATTEST_CHECK_TCB_INFO),
	LIE(qe_identity_by_stranger, SIGNATURE, ATTEST_CHECK_QE_IDENTITY_SIGNATURE),
	LIE(qe_identity_of_qve, VERSION, ATTEST_CHECK_QE_IDENTITY),
	LIE(qe_identity_of_td_qe, VERSION, ATTEST_CHECK_QE_IDENTITY),
	LIE(qe_identity_short_mask, FORMAT, ATTEST_CHECK_QE_IDENTITY),
	LIE(fmspc, MISMATCH, ATTEST_CHECK_FMSPC),
	LIE(pceid, MISMATCH, ATTEST_CHECK_FMSPC),

	LIE(qe_report_by_stranger, SIGNATURE, ATTEST_CHECK_QE_REPORT_SIGNATURE),
	LIE(qe_report_for_other_key, MISMATCH, ATTEST_CHECK_QE_REPORT_DATA),
	LIE(qe_mrsigner, MISMATCH, ATTEST_CHECK_QE_REPORT),
	LIE(qe_isvprodid, MISMATCH, ATTEST_CHECK_QE_REPORT),
	LIE(qe_miscselect, MISMATCH, ATTEST_CHECK_QE_REPORT),
	LIE(qe_debug, MISMATCH, ATTEST_CHECK_QE_REPORT),
	LIE(qe_not_provisioned, MISMATCH, ATTEST_CHECK_QE_REPORT),
	SWAP(quote_altered, SIGNATURE, ATTEST_CHECK_QUOTE_SIGNATURE),
	LIE(tcb_info_no_levels, TCB, ATTEST_CHECK_TCB_LEVEL),
	LIE(one_component_too_low, TCB, ATTEST_CHECK_TCB_LEVEL),
	LIE(pcesvn_too_low, TCB, ATTEST_CHECK_TCB_LEVEL),
	LIE(qe_too_old, TCB, ATTEST_CHECK_TCB_LEVEL),
#undef LIE
#undef SWAP
};

static void every_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
		struct attest_claims claims;
		enum attest_check failed;
		forge_init(&forge, FORGE_SIMULATION);
		if (lies[i].before != NULL)
			lies[i].before(&forge);
		forge_make(&forge);
		if (lies[i].after != NULL)
			lies[i].after(&forge);
		enum conclave_error error = verify(&claims, &failed);
		if (error != lies[i].error || failed != lies[i].check)
			fail_msg("%s: %s at %s", lies[i].name, conclave_error_name(error),
				attest_check_text(failed));
	}
}

/* -- times: each part that has one, just before, within, just after -- */

static void narrow_pck(struct forge *f, int64_t from, int64_t until)
{
	f->pck.not_before = from;
	f->pck.not_after = until;
}
static void narrow_ca(struct forge *f, int64_t from, int64_t until)
{
	f->ca.not_before = from;
	f->ca.not_after = until;
}
static void narrow_root(struct forge *f, int64_t from, int64_t until)
{
	f->root.not_before = from;
	f->root.not_after = until;
}
static void narrow_tcb_signing(struct forge *f, int64_t from, int64_t until)
{
	f->tcb_signing.not_before = from;
	f->tcb_signing.not_after = until;
}
static void narrow_root_crl(struct forge *f, int64_t from, int64_t until)
{
	f->root_crl.this_update = from;
	f->root_crl.next_update = until;
}
static void narrow_pck_crl(struct forge *f, int64_t from, int64_t until)
{
	f->pck_crl.this_update = from;
	f->pck_crl.next_update = until;
}

/* 2027-01-01T00:00:00Z to 2027-01-31T00:00:00Z */
#define FROM INT64_C(1798761600)
#define UNTIL INT64_C(1801353600)

static void narrow_json(struct forge_json *json)
{
	forge_replace(json, "2025-01-01T", "2027-01-01T");
	forge_replace(json, "2030-01-01T", "2027-01-31T");
}
static void narrow_tcb_info(struct forge *f, int64_t from, int64_t until)
{
	ASSERT(from == FROM && until == UNTIL);
	narrow_json(&f->tcb_info);
}
static void narrow_qe_identity(struct forge *f, int64_t from, int64_t until)
{
	ASSERT(from == FROM && until == UNTIL);
	narrow_json(&f->qe_identity);
}

static void check_expired_at(int64_t now, enum attest_check part)
{
	struct attest_claims claims;
	enum attest_check failed;
	assert_int_equal(verify_at(&claims, &failed, now), CONCLAVE_ERROR_EXPIRED);
	assert_int_equal(failed, part);
}

static void every_period(void **state)
{
	static const struct {
		void (*narrow)(struct forge *, int64_t, int64_t);
		enum attest_check check; /* where the first such part is looked at */
	} parts[] = {
		{narrow_pck, ATTEST_CHECK_PCK_CHAIN},
		{narrow_ca, ATTEST_CHECK_PCK_CHAIN},
		{narrow_root, ATTEST_CHECK_PCK_CHAIN},
		{narrow_tcb_signing, ATTEST_CHECK_TCB_INFO_CHAIN},
		{narrow_root_crl, ATTEST_CHECK_ROOT_CRL},
		{narrow_pck_crl, ATTEST_CHECK_PCK_CRL},
		{narrow_tcb_info, ATTEST_CHECK_TCB_INFO},
		{narrow_qe_identity, ATTEST_CHECK_QE_IDENTITY},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		struct attest_claims claims;
		enum attest_check failed;
		forge_init(&forge, FORGE_SIMULATION);
		parts[i].narrow(&forge, FROM, UNTIL);
		forge_make(&forge);
		check_expired_at(FROM - 1, parts[i].check);
		assert_int_equal(verify_at(&claims, &failed, FROM), CONCLAVE_OK);
		assert_int_equal(verify_at(&claims, &failed, UNTIL), CONCLAVE_OK);
		assert_int_equal(claims.timestamp, FROM);
		assert_int_equal(claims.earliest_expiry, UNTIL);
		check_expired_at(UNTIL + 1, parts[i].check);
		/* Then nothing is valid, and the first is named. */
		check_expired_at(INT64_MIN, ATTEST_CHECK_PCK_CHAIN);
		check_expired_at(INT64_MAX, ATTEST_CHECK_PCK_CHAIN);
	}
}

/* -- T-42: modes -- */

static enum conclave_error constrain(const struct attest_claims *claims, const char *level)
{
	struct constraint constraint;
	char text[256];
	int len = snprintf(text, sizeof(text),
		"S:2222222222222222222222222222222222222222222222222222222222222222 PROD:7 SEC:%s",
		level);
	assert_int_equal(
		constraint_parse(&constraint, bytes_of(text, (size_t)len), NULL), CONCLAVE_OK);
	return constraint_check(&constraint, claims, FORGE_NOW, NULL);
}

static const struct evidence_kind {
	enum forge_kind kind;
	bool is_debug, is_stale, is_revoked;
	enum attest_mode mode;
	enum attest_level level;
} kinds[] = {
	{FORGE_INTEL, false, false, false, ATTEST_RELEASE, ATTEST_SECURE},
	{FORGE_INTEL, false, true, false, ATTEST_RELEASE, ATTEST_STALE},
	{FORGE_INTEL, false, false, true, ATTEST_RELEASE, ATTEST_INSECURE},
	{FORGE_INTEL, true, false, false, ATTEST_DEBUG, ATTEST_INSECURE},
	{FORGE_INTEL, true, true, false, ATTEST_DEBUG, ATTEST_INSECURE},
	{FORGE_SIMULATION, false, false, false, ATTEST_SIMULATION, ATTEST_INSECURE},
	{FORGE_SIMULATION, true, true, false, ATTEST_SIMULATION, ATTEST_INSECURE},
};

static void modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		const struct evidence_kind *kind = &kinds[i];
		struct attest_claims claims;
		enum attest_check failed;
		forge_init(&forge, kind->kind);
		if (kind->is_debug)
			forge.quote.report.attributes.flags |= SGX_FLAG_DEBUG;
		if (kind->is_stale)
			memset(forge.components, 3, sizeof(forge.components));
		if (kind->is_revoked)
			forge_replace(&forge.tcb_info, "UpToDate", "Revoked");
		forge_make(&forge);
		assert_int_equal(verify(&claims, &failed), CONCLAVE_OK);
		assert_int_equal(claims.mode, kind->mode);
		assert_int_equal(claims.level, kind->level);
		assert_int_equal(constrain(&claims, "INSECURE") == CONCLAVE_OK,
			kind->level == ATTEST_INSECURE);
		assert_int_equal(
			constrain(&claims, "STALE") == CONCLAVE_OK, kind->level >= ATTEST_STALE);
		assert_int_equal(
			constrain(&claims, "SECURE") == CONCLAVE_OK, kind->level == ATTEST_SECURE);
	}
}

/* Simulated names under Intel's key and Intel's under the simulation's are neither. */
static void names_of_the_other(void **state)
{
	struct attest_claims claims;
	enum attest_check failed;
	(void)state;
	forge_init(&forge, FORGE_INTEL);
	forge_make(&forge);
	forge.roots = attest_default_roots;
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, ATTEST_CHECK_PCK_CHAIN);
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	forge.roots = (struct attest_roots){.dcap = &forge.root_key};
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_MISMATCH);
	assert_int_equal(failed, ATTEST_CHECK_PCK_CHAIN);
}

/* A client whose roots are Intel's alone takes nothing simulated. */
static void production_roots(void **state)
{
	struct attest_claims claims;
	enum attest_check failed;
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	forge.roots.simulation = NULL;
	assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_UNTRUSTED);

	/* Nor what nobody signed. */
	forge.info.type = INSTANCE_INFO_MOCK;
	forge.info.mock = (struct mock_evidence){.report = forge.quote.report};
	for (int i = 0; i < 2; i++) {
		forge.info.mock.is_simulation = i == 1;
		assert_int_equal(verify(&claims, &failed), CONCLAVE_ERROR_UNTRUSTED);
		assert_int_equal(failed, ATTEST_CHECK_ROOT);
	}
	forge.roots = attest_default_roots;
	assert_int_equal(verify(&claims, &failed), CONCLAVE_OK);
	assert_int_equal(claims.level, ATTEST_INSECURE);
}

/* -- statuses: the platform's and the quoting enclave's -- */

static void converge(void **state)
{
	static const struct {
		const char *platform;
		uint16_t qe_isvsvn;
		enum attest_tcb_status status;
	} rows[] = {
		{"UpToDate", 8, TCB_UP_TO_DATE},
		{"SWHardeningNeeded", 9, TCB_SW_HARDENING_NEEDED},
		{"ConfigurationNeeded", 8, TCB_CONFIGURATION_NEEDED},
		{"ConfigurationAndSWHardeningNeeded", 8, TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED},
		{"OutOfDate", 8, TCB_OUT_OF_DATE},
		{"OutOfDateConfigurationNeeded", 8, TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
		{"Revoked", 8, TCB_REVOKED},
		{"UpToDate", 7, TCB_OUT_OF_DATE},
		{"SWHardeningNeeded", 7, TCB_OUT_OF_DATE},
		{"ConfigurationNeeded", 6, TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
		{"ConfigurationAndSWHardeningNeeded", 6, TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
		{"OutOfDate", 6, TCB_OUT_OF_DATE},
		{"OutOfDateConfigurationNeeded", 6, TCB_OUT_OF_DATE_CONFIGURATION_NEEDED},
		{"Revoked", 6, TCB_REVOKED},
		{"UpToDate", 5, TCB_REVOKED},
		{"OutOfDate", 4, TCB_REVOKED},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct attest_claims claims;
		enum attest_check failed;
		forge_init(&forge, FORGE_INTEL);
		forge_replace(&forge.tcb_info, "UpToDate", rows[i].platform);
		forge.quote.qe_report.isvsvn = rows[i].qe_isvsvn;
		forge_make(&forge);
		assert_int_equal(verify(&claims, &failed), CONCLAVE_OK);
		assert_int_equal(claims.tcb_status, rows[i].status);
	}
}

/* -- bytes: nothing of the evidence is without meaning -- */

static bool same_claims(const struct attest_claims *a, const struct attest_claims *b)
{
	return memcmp(&a->report, &b->report, sizeof(a->report)) == 0 &&
	       memcmp(&a->signing_key, &b->signing_key, 32) == 0 &&
	       memcmp(&a->encryption_key, &b->encryption_key, 32) == 0 && a->mode == b->mode &&
	       a->level == b->level && a->tcb_status == b->tcb_status &&
	       a->timestamp == b->timestamp && a->earliest_expiry == b->earliest_expiry;
}

static enum conclave_error verify_bytes(struct attest_claims *claims, struct bytes serialised)
{
	struct instance_info info;
	enum conclave_error error = instance_info_read(&info, serialised);
	if (error != CONCLAVE_OK)
		return error;
	return attest_verify(claims, NULL, &info, &forge.roots, FORGE_NOW);
}

/* One bit of every byte, a different one from byte to byte. What is accepted all the same must be
 * another spelling of the same: the case of a hexadecimal digit in a signature. */
static void every_byte(void **state)
{
	struct attest_claims honest, claims;
	size_t accepted = 0;
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	struct bytes serialised = forge_serialise(&forge);
	uint8_t *place = forge.pool + (serialised.ptr - forge.pool);
	assert_int_equal(verify_bytes(&honest, serialised), CONCLAVE_OK);
	for (size_t i = 0; i < serialised.len; i++) {
		place[i] ^= (uint8_t)(1u << i % 8);
		if (verify_bytes(&claims, serialised) == CONCLAVE_OK) {
			assert_true(same_claims(&honest, &claims));
			assert_true((place[i] >= 'A' && place[i] <= 'F') ||
				    (place[i] >= 'a' && place[i] <= 'f'));
			accepted++;
		}
		place[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_true(accepted < 64); /* of 256 digits */
}

static void every_truncation(void **state)
{
	struct attest_claims claims;
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	struct bytes serialised = forge_serialise(&forge);
	for (size_t len = 0; len < serialised.len; len++) {
		enum conclave_error error = verify_bytes(&claims, bytes_slice(serialised, 0, len));
		assert_int_equal(error, len < 4 ? CONCLAVE_ERROR_FORMAT : CONCLAVE_ERROR_TRUNCATED);
	}
}

/* Every part cut short on its own, its length made to fit: no reader may be led past its end. */
static void every_part_truncated(void **state)
{
	struct attest_claims claims;
	enum attest_check failed;
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	struct dcap_evidence *evidence = &forge.info.dcap;
	struct bytes *const parts[] = {&evidence->quote, &evidence->version,
		&evidence->pck_crl_issuer_chain, &evidence->root_ca_crl, &evidence->pck_crl,
		&evidence->tcb_info_issuer_chain, &evidence->tcb_info,
		&evidence->qe_identity_issuer_chain, &evidence->qe_identity};
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		size_t whole = parts[i]->len;
		for (size_t len = 0; len < whole; len += len < 64 || whole - len < 64 ? 1 : 17) {
			parts[i]->len = len;
			enum conclave_error error = verify(&claims, &failed);
			/* The line end after the last block is not needed, and the PCK CRL's
			 * issuers are those of the PCK certificate. */
			bool is_line_end = len == whole - 1 && parts[i]->ptr[len] == '\n';
			bool is_optional = len == 0 && parts[i] == &evidence->pck_crl_issuer_chain;
			assert_int_equal(error == CONCLAVE_OK, is_line_end || is_optional);
		}
		parts[i]->len = whole;
	}
}

/* Some services send the root second. */
static void any_order(void **state)
{
	struct attest_claims claims;
	enum attest_check failed;
	(void)state;
	forge_init(&forge, FORGE_SIMULATION);
	forge_make(&forge);
	static char swapped[8192];
	struct bytes chain = forge.info.dcap.tcb_info_issuer_chain;
	const uint8_t *second = memmem(chain.ptr + 1, chain.len - 1, "-----BEGIN", 10);
	assert_non_null(second);
	size_t first = (size_t)(second - chain.ptr);
	memcpy(swapped, second, chain.len - first);
	memcpy(swapped + chain.len - first, chain.ptr, first);
	forge.info.dcap.tcb_info_issuer_chain = bytes_of(swapped, chain.len);
	assert_int_equal(verify(&claims, &failed), CONCLAVE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_lie),
		cmocka_unit_test(every_period),
		cmocka_unit_test(modes),
		cmocka_unit_test(names_of_the_other),
		cmocka_unit_test(production_roots),
		cmocka_unit_test(converge),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(every_part_truncated),
		cmocka_unit_test(any_order),
	};
	if (crypto_init() != CONCLAVE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
