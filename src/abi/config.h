/* The measured configuration as the runtime reads it: enclave.json, validated and encoded by the
 * builder. All offsets are from the start of the header and point into the configuration itself.
 * docs/spec/enclave-json.md. */
#ifndef ABI_CONFIG_H
#define ABI_CONFIG_H

#include <stdint.h>

#include "abi/limits.h"

#define CONFIG_MAGIC 0x3147464e4f434c43ull /* "CLCONFG1" */

#define CONFIG_CONSOLE \
	0x01u /* console frames are sent when the enclave runs with DEBUG; never without */

/* How the enclave's replies are padded (mail/padding.h). 0 is none of them, so that nothing is
 * chosen by not writing it. */
enum config_padding {
	CONFIG_PADDING_NONE = 1,
	CONFIG_PADDING_FIXED = 2, /* to padding_figure, from 1 to FRAME_PADDING_MAX */
	CONFIG_PADDING_LARGEST = 3,
	CONFIG_PADDING_AVERAGE = 4,
	CONFIG_PADDING_POWERS = 5,
};

struct config_text {
	uint32_t offset, size; /* bytes, no NUL counted; a NUL follows */
};

struct config_header {
	uint64_t magic;
	uint32_t size;	/* of the whole configuration */
	uint32_t flags; /* CONFIG_* */
	uint16_t product_id, security_version;
	uint32_t lanes;
	uint64_t heap_pages; /* most 64 KiB pages the guest's memory may have */
	uint64_t fuel;	     /* units one mail, call or start may use; 0 is no limit */
	uint32_t argument_count, environment_count;
	uint32_t arguments, environment; /* offsets of arrays of struct config_text */
	struct config_text name;
	uint64_t padding;	 /* enum config_padding */
	uint64_t padding_figure; /* 0 unless FIXED */
	uint64_t reserved[6];	 /* zero */
};

_Static_assert(sizeof(struct config_header) == 128, "offsets are part of the format");

#endif
