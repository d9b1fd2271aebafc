/* The SGX instructions, as functions (enclu.S; in hosted tests, a fake CPU). The CPU demands the
 * alignments: a wrong one is a fault. */
#ifndef ENCLAVE_ENCLU_H
#define ENCLAVE_ENCLU_H

#include "sgx/sgx.h"

#define ENCLU_ALIGN_REPORT 512
#define ENCLU_ALIGN_TARGETINFO 512
#define ENCLU_ALIGN_REPORTDATA 128
#define ENCLU_ALIGN_KEYREQUEST 512
#define ENCLU_ALIGN_KEY 16

void enclu_ereport(struct sgx_report *report, const struct sgx_targetinfo *target,
	const uint8_t reportdata[64]);
/* enum sgx_getkey_status; key is written only on SGX_GETKEY_OK. */
uint32_t enclu_egetkey(struct aes128_key *key, const struct sgx_keyrequest *request);

#endif
