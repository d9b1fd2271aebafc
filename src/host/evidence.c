#include "host/evidence.h"

#include <stdlib.h>

#include "attest/instance_info.h"
#include "base/check.h"

static void free_bytes(uint8_t **ptr)
{
	free(*ptr);
}

/* R3's simulation form: the report as it is, signed by nobody. */
static void mock_write(struct writer *out, const struct sgx_report *report, uint64_t now)
{
	struct mock_evidence mock = {
		.epoch_second = (int64_t)(now / 1000000000),
		.nanosecond = (uint32_t)(now % 1000000000),
		.report = report->body,
		.is_simulation = true,
	};
	mock_evidence_write(out, &mock);
}

enum conclave_error evidence_write(struct writer *out, struct machine *machine,
	enum host_evidence kind, struct bytes reported, struct bytes nonce, uint64_t now)
{
	struct frame_reported from;
	ASSERT(reported.len == sizeof(from));
	memcpy(&from, reported.ptr, sizeof(from));
	struct sgx_report report;
	memcpy(&report, from.report, sizeof(report));
	struct ed25519_public signing_key;
	memcpy(signing_key.bytes, from.signing_key, sizeof(signing_key.bytes));
	struct x25519_public encryption_key;
	memcpy(encryption_key.bytes, from.encryption_key, sizeof(encryption_key.bytes));

	CLEANUP(free_bytes) uint8_t *space = malloc(MACHINE_EVIDENCE_SIZE_MAX);
	if (space == NULL)
		return CONCLAVE_ERROR_MEMORY;
	struct writer attestation = writer_of((struct buffer){space, MACHINE_EVIDENCE_SIZE_MAX});
	if (kind == HOST_EVIDENCE_R3)
		mock_write(&attestation, &report, now);
	else
		TRY(machine->ops->quote(&attestation, machine, &report));
	TRY(writer_end(&attestation));
	TRY(instance_info_write(out, &signing_key, &encryption_key,
		kind == HOST_EVIDENCE_R3 ? INSTANCE_INFO_MOCK : INSTANCE_INFO_DCAP,
		writer_bytes(&attestation)));
	instance_info_write_nonce(out, nonce);
	return writer_end(out);
}
