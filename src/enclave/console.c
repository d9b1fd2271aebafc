#include "enclave/console.h"

static struct {
	bool speaks;
	size_t len;
	uint8_t text[ABI_CONSOLE_SIZE];
} console;

static uint64_t latest_claim;

void console_init(bool debug)
{
	console.speaks = debug && (config()->flags & CONFIG_CONSOLE) != 0;
	console.len = 0;
}

void console_write(struct bytes text)
{
	if (!console.speaks)
		return;
	text = bytes_slice(text, 0, sizeof(console.text) - console.len);
	if (text.len != 0)
		memcpy(console.text + console.len, text.ptr, text.len);
	console.len += text.len;
}

struct bytes console_take(size_t room)
{
	struct bytes said = bytes_slice(bytes_of(console.text, console.len), 0, room);
	console.len = 0;
	return said;
}

/* Later claims may be later only: a host can stop the clock for us, or hurry it, never turn it
 * back. */
void clock_claim(uint64_t nanoseconds)
{
	if (nanoseconds > latest_claim)
		latest_claim = nanoseconds;
}

uint64_t clock_now(void)
{
	return latest_claim;
}
