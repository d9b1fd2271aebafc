/* How deep a call goes: it is run on a stack that was painted before, and the paint that is left is
 * counted. */
#ifndef BENCH_STACK_H
#define BENCH_STACK_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define BENCH_STACK_SIZE ((size_t)1 << 20)
#define BENCH_STACK_PAINT 0xa5

struct bench_stack_call {
	void (*call)(void *context);
	void *context;
};

static inline void *bench_stack_enter(void *argument)
{
	const struct bench_stack_call *wanted = argument;
	wanted->call(wanted->context);
	return NULL;
}

static inline size_t bench_stack_used(void (*call)(void *context), void *context)
{
	struct bench_stack_call wanted = {call, context};
	pthread_attr_t attributes;
	pthread_t thread;
	uint8_t *stack = aligned_alloc(4096, BENCH_STACK_SIZE);
	ASSERT(stack != NULL);
	memset(stack, BENCH_STACK_PAINT, BENCH_STACK_SIZE);
	ASSERT(pthread_attr_init(&attributes) == 0);
	ASSERT(pthread_attr_setstack(&attributes, stack, BENCH_STACK_SIZE) == 0);
	ASSERT(pthread_create(&thread, &attributes, bench_stack_enter, &wanted) == 0);
	ASSERT(pthread_join(thread, NULL) == 0);
	pthread_attr_destroy(&attributes);
	size_t left = 0;
	while (left < BENCH_STACK_SIZE && stack[left] == BENCH_STACK_PAINT)
		left++;
	free(stack);
	return BENCH_STACK_SIZE - left;
}

static inline void bench_stack_nothing(void *context)
{
	(void)context;
}

/* Bytes of stack that the call uses, beyond what any thread does. */
static inline size_t bench_stack(void (*call)(void *context), void *context)
{
	return bench_stack_used(call, context) - bench_stack_used(bench_stack_nothing, NULL);
}

#endif
