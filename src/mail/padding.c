#include "mail/padding.h"

#include "base/check.h"
#include "mail/mail.h"

static uint64_t at_most(uint64_t value, uint64_t limit)
{
	return value < limit ? value : limit;
}

struct padding padding_fixed(uint64_t figure)
{
	return (struct padding){.policy = figure == 0 ? PADDING_NONE : PADDING_FIXED,
		.figure = at_most(figure, MAIL_BODY_SIZE_MAX)};
}

struct padding padding_largest(void)
{
	return (struct padding){.policy = PADDING_LARGEST};
}

struct padding padding_average(void)
{
	return (struct padding){.policy = PADDING_AVERAGE};
}

struct padding padding_powers(void)
{
	return (struct padding){.policy = PADDING_POWERS};
}

struct padding padding_own(padding_function *function, void *context)
{
	ASSERT(function != NULL);
	return (struct padding){.policy = PADDING_OWN, .own = function, .context = context};
}

static uint64_t next_largest(struct padding *padding, uint64_t body_size)
{
	if (body_size > padding->figure)
		padding->figure = body_size;
	return padding->figure;
}

/* R3's arithmetic, MinSizePolicy.MovingAverage: when the sum no longer fits, it starts again from
 * the average, and this body counts without being added. */
static uint64_t next_average(struct padding *padding, uint64_t body_size)
{
	if (body_size > INT64_MAX - padding->figure) {
		padding->figure /= padding->count;
		padding->count = 1;
	} else {
		padding->figure += body_size;
	}
	padding->count++;
	return padding->figure / padding->count;
}

static uint64_t next_power(uint64_t body_size)
{
	uint64_t power = PADDING_POWER_MIN;
	while (power < body_size)
		power *= 2;
	return power;
}

static uint64_t next_figure(struct padding *padding, uint64_t body_size)
{
	switch (padding->policy) {
	case PADDING_NONE: break;
	case PADDING_FIXED: return padding->figure;
	case PADDING_LARGEST: return next_largest(padding, body_size);
	case PADDING_AVERAGE: return next_average(padding, body_size);
	case PADDING_POWERS: return next_power(body_size);
	case PADDING_OWN:
		return at_most(padding->own(padding->context, body_size), MAIL_BODY_SIZE_MAX);
	}
	return 0;
}

uint64_t padding_next(struct padding *padding, uint64_t body_size)
{
	if (padding->policy == PADDING_NONE)
		return 0;
	body_size = at_most(body_size, MAIL_BODY_SIZE_MAX);
	uint64_t figure = next_figure(padding, body_size);
	if (figure == 0)
		figure = 1;
	if (body_size <= figure)
		return figure;
	/* Both are at most 2^48, so their sum is far from overflow. */
	return at_most((body_size + figure - 1) / figure * figure, MAIL_BODY_SIZE_MAX);
}
