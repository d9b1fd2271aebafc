/* The same for the files of a spool, which are real ones: what is done to them goes through the
 * linker's --wrap, counts and fails with the operations of fault/disk.h, and is undone at a power
 * cut as far as it was not synced: bytes, names and removals, each by chance. */
#ifndef FAULT_SPOOL_DISK_H
#define FAULT_SPOOL_DISK_H

#include "fault/disk.h"

/* path: the spool's folder. Empty, and not there. */
void spool_disk_init(const char *path);
void spool_disk_power_cut(uint64_t seed);
/* Files in it; 0 when there is no folder. */
unsigned spool_disk_files(void);

#endif
