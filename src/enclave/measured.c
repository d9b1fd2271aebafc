#include "enclave/measured.h"

#include "base/check.h"
#include "enclave/guest.h"

_Static_assert(LAYOUT_WINDOWS == 4, "HEAP_IN to HEAP_ANSWER");

struct buffer heap_part(enum heap_part part)
{
	const size_t sizes[] = {
		[HEAP_IN] = LAYOUT(window_size),
		[HEAP_OUT] = LAYOUT(window_size),
		[HEAP_PLAIN] = LAYOUT(window_size),
		[HEAP_ANSWER] = LAYOUT(window_size),
		[HEAP_FILES] = LAYOUT(files_size),
		[HEAP_PEERS] = layout_pages_up(LAYOUT(peers_max) * LAYOUT_PEER_SIZE),
		[HEAP_CACHE] = LAYOUT_CACHE_SIZE,
		[HEAP_STREAM] = LAYOUT_STREAM_SIZE,
	};
	uint8_t *at = enclave_base + LAYOUT(heap_rva);
	for (size_t i = 0; i < (size_t)part; i++)
		at += sizes[i];
	return (struct buffer){at, sizes[part]};
}

const struct config_header *config(void)
{
	return (const struct config_header *)(enclave_base + LAYOUT(config_rva));
}

/* Offsets are the builder's and measured; a wrong one is its bug, not an attack. */
struct bytes config_text(struct config_text text)
{
	const uint8_t *start = enclave_base + LAYOUT(config_rva);
	ASSERT(text.offset <= config()->size && text.size <= config()->size - text.offset);
	return bytes_of(start + text.offset, text.size);
}

static struct bytes nth_text(uint32_t array, uint32_t index)
{
	struct bytes entry = config_text((struct config_text){
		array + index * (uint32_t)sizeof(struct config_text), sizeof(struct config_text)});
	return config_text((struct config_text){load_u32le(entry.ptr), load_u32le(entry.ptr + 4)});
}

struct bytes config_argument(uint32_t index)
{
	ASSERT(index < config()->argument_count);
	return nth_text(config()->arguments, index);
}

struct bytes config_environment(uint32_t index)
{
	ASSERT(index < config()->environment_count);
	return nth_text(config()->environment, index);
}
