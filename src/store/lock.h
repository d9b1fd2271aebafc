/* A mutex held to the end of the scope, whichever way out: { LOCKED(&host->lock); … } */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <pthread.h>

#include "base/check.h"

static inline void lock_release(pthread_mutex_t **mutex)
{
	(void)pthread_mutex_unlock(*mutex);
}

#define LOCKED(mutex)                                                             \
	CLEANUP(lock_release) pthread_mutex_t *locked_until_scope_ends = (mutex); \
	(void)pthread_mutex_lock(locked_until_scope_ends)

#endif
