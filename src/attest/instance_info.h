/* EnclaveInstanceInfo: the object a client downloads, in R3 Conclave's format, and the forms that
 * R3 did not have (docs/spec/instance-info.md). Pure. */
#ifndef ATTEST_INSTANCE_INFO_H
#define ATTEST_INSTANCE_INFO_H

#include "attest/dcap.h"
#include "attest/snp.h"
#include "sgx/sgx.h"

enum instance_info_type {
	INSTANCE_INFO_EPID = 0, /* read as unsupported */
	INSTANCE_INFO_DCAP = 1,
	INSTANCE_INFO_MOCK = 2, /* unsigned: R3's mock and simulation */
	/* Not R3's. */
	INSTANCE_INFO_QUOTE = 16, /* any quote of dcap.h: also TDX */
	INSTANCE_INFO_SNP = 17,
	INSTANCE_INFO_NITRO = 18,
};

/* What a client chose so that evidence must be newer than its choice. */
#define INSTANCE_INFO_NONCE_SIZE 32u

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

/* A quote, and all that it takes to verify it. */
struct quote_evidence {
	struct bytes quote;
	struct quote_collateral collateral;
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
		struct quote_evidence quoted;
		struct snp_evidence snp;
		struct bytes nitro; /* the document */
	};
	struct bytes nonce; /* INSTANCE_INFO_NONCE_SIZE bytes, or none */
};

#define INSTANCE_INFO_SIZE_MAX 0x100000u

/* Errors: FORMAT (not EnclaveInstanceInfo, corrupted), TRUNCATED, VERSION (type), LIMIT. Nothing is
 * verified. */
enum conclave_error instance_info_read(struct instance_info *out, struct bytes serialised);
/* Serialise from keys and an attestation part. Errors: SPACE. */
enum conclave_error instance_info_write(struct writer *out,
	const struct ed25519_public *signing_key, const struct x25519_public *encryption_key,
	enum instance_info_type type, struct bytes attestation);
/* Behind what instance_info_write wrote. nonce: INSTANCE_INFO_NONCE_SIZE bytes; empty writes
 * nothing. */
void instance_info_write_nonce(struct writer *out, struct bytes nonce);
void dcap_evidence_write(struct writer *out, const struct dcap_evidence *evidence);
void mock_evidence_write(struct writer *out, const struct mock_evidence *evidence);
void quote_evidence_write(struct writer *out, const struct quote_evidence *evidence);
void snp_evidence_write(struct writer *out, const struct snp_evidence *evidence);
/* The report data that binds both keys and the nonce, if there is one: SHA-512(SPKI of the signing
 * key, 44 bytes || encryption key || nonce). Nitro: user_data. */
void instance_info_report_data(uint8_t reportdata[64], const struct ed25519_public *signing_key,
	const struct x25519_public *encryption_key, struct bytes nonce);
/* Whether evidence that holds this report data (or user data) vouches for the very keys and nonce
 * that came with it. Errors: MISMATCH. */
enum conclave_error instance_info_check(const struct instance_info *info, struct bytes reportdata);

#endif
