/* A disk in memory that fails on demand and loses power, as a VFS of SQLite.
 *
 * What was written is safe once it was synced. At a power cut each file goes back to what is safe,
 * and of what was written since, any part may have reached the disk, sector by sector, in any
 * order. */
#ifndef FAULT_DISK_H
#define FAULT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_fault {
	DISK_FAIL_ONCE, /* one operation fails, and changes nothing */
	DISK_POWER_CUT, /* from one operation on everything fails */
};

/* Make it SQLite's default VFS, empty. Again: empty it; no file may be open. */
void disk_init(void);
/* The n-th write, sync, truncation, creation or deletion from now on fails; 0: none. */
void disk_arm(unsigned n, enum disk_fault fault);
/* Whether it came to that. */
unsigned disk_fired(void);
/* Another disk's operation: whether it must fail. */
bool disk_fails(void);
/* What is left when the power comes back. Files must be closed. */
void disk_power_cut(uint64_t seed);

#endif
