/* From a report of the enclave to the EnclaveInstanceInfo that clients download. */
#ifndef HOST_EVIDENCE_H
#define HOST_EVIDENCE_H

#include "abi/frames.h"
#include "host/host.h"

/* Room for any EnclaveInstanceInfo made here. */
#define EVIDENCE_INFO_SIZE_MAX (MACHINE_EVIDENCE_SIZE_MAX + 1024u)

/* reported: sizeof(struct frame_reported) bytes; nonce: what the report was asked with, or nothing.
 * now: nanoseconds since 1970. Nothing is verified: that is the clients' part. Errors: the
 * machine's, SPACE. */
enum conclave_error evidence_write(struct writer *out, struct machine *machine,
	enum host_evidence kind, struct bytes reported, struct bytes nonce, uint64_t now);

#endif
