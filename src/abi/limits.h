/* Every limit that host and enclave share, in one place, asserted against its neighbours. */
#ifndef ABI_LIMITS_H
#define ABI_LIMITS_H

#define ABI_LANES_MAX 64u
#define ABI_STACK_SIZE_MIN 0x10000u	  /* 64 KiB */
#define ABI_STACK_SIZE_MAX 0x4000000u	  /* 64 MiB */
#define ABI_GUEST_MEMORY_MAX 0x100000000u /* 4 GiB: all that wasm32 can name */
#define ABI_FILES_SIZE_MAX 0x40000000u	  /* 1 GiB of in-memory files */
#define ABI_WINDOW_SIZE_MIN 0x10000u	  /* one direction of the arena */
#define ABI_WINDOW_SIZE_MAX 0x4000000u
#define ABI_PEERS_MAX 65536u	      /* (sender, topic) pairs an enclave keeps apart */
#define ABI_CONSOLE_SIZE 0x2000u      /* console text of one turn */
#define ABI_CONFIG_SIZE_MAX 0x100000u /* the measured configuration, encoded */
#define ABI_NAME_SIZE_MAX 64u
#define ABI_SSA_FRAME_PAGES 1u
#define ABI_SSA_FRAMES 2u

#endif
