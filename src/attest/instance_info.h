/* EnclaveInstanceInfo: the object a client downloads, in R3 Conclave's format
 * (docs/spec/instance-info.md). Pure. */
#ifndef ATTEST_INSTANCE_INFO_H
#define ATTEST_INSTANCE_INFO_H

#include "base/bytes.h"
#include "crypto/crypto.h"
#include "sgx/sgx.h"

enum instance_info_type {
	INSTANCE_INFO_EPID = 0, /* read as unsupported */
	INSTANCE_INFO_DCAP = 1,
	INSTANCE_INFO_MOCK = 2, /* unsigned: R3's mock and simulation */
};

/* The DCAP form's parts, in the order they are serialised. */
struct dcap_evidence {
	struct bytes
		quote; /* 432 signed bytes, u32 LE length and signature data follow in one view */
	struct bytes version; /* decimal ASCII: "3" */
	struct bytes pck_crl_issuer_chain, root_ca_crl, pck_crl, tcb_info_issuer_chain, tcb_info,
		qe_identity_issuer_chain, qe_identity;
};

struct mock_evidence {
	int64_t epoch_second;
	uint32_t nanosecond;
	struct sgx_report_body report;
	bool is_simulation;
};

/* Views point into the serialised bytes. */
struct instance_info {
	struct ed25519_public signing_key;
	struct x25519_public encryption_key;
	enum instance_info_type type;
	struct bytes attestation; /* as serialised */
	union {
		struct dcap_evidence dcap;
		struct mock_evidence mock;
	};
};

#define INSTANCE_INFO_SIZE_MAX 0x100000u

/* Errors: FORMAT (not EnclaveInstanceInfo, corrupted), TRUNCATED, VERSION (type), LIMIT. Nothing is
 * verified. */
enum conclave_error instance_info_read(struct instance_info *out, struct bytes serialised);
/* Serialise from keys and an attestation part. Errors: SPACE. */
enum conclave_error instance_info_write(struct writer *out,
	const struct ed25519_public *signing_key, const struct x25519_public *encryption_key,
	enum instance_info_type type, struct bytes attestation);
void dcap_evidence_write(struct writer *out, const struct dcap_evidence *evidence);
void mock_evidence_write(struct writer *out, const struct mock_evidence *evidence);
/* The report data that binds both keys: SHA-512(SPKI of the signing key, 44 bytes || encryption
 * key). */
void instance_info_report_data(uint8_t reportdata[64], const struct ed25519_public *signing_key,
	const struct x25519_public *encryption_key);

#endif
