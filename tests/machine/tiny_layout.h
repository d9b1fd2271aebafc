/* Where things are in the tiny enclave, for tiny.S and tiny.c. */
#ifndef MACHINE_TINY_LAYOUT_H
#define MACHINE_TINY_LAYOUT_H

#define TINY_SIZE 0x10000
#define TINY_CODE 0x0	     /* R X */
#define TINY_DATA 0x2000     /* R W, not measured */
#define TINY_CONSTANT 0x3000 /* R */
#define TINY_LANE 0x4000     /* R W: FS and GS of the first TCS */
#define TINY_SSA 0x5000	     /* two frames of one page */
#define TINY_TCS 0x7000
#define TINY_SSA_2 0x8000
#define TINY_TCS_2 0xa000
#define TINY_STACK 0xb000
#define TINY_STACK_TOP 0xc000
#define TINY_LANE_2 0xc000
#define TINY_HOLE 0xe000 /* never added */

#define TINY_GPRSGX_RIP 0xf48 + 0x88 /* in an SSA frame */
#define TINY_PATTERN 0x5ec7e75ec7e75ec7

/* Commands. */
#define TINY_ECHO 0
#define TINY_REPORT 1
#define TINY_GETKEY 2
#define TINY_READ 3
#define TINY_WRITE 4
#define TINY_JUMP 5
#define TINY_LOOP 6
#define TINY_UNDEFINED 7
#define TINY_DIVIDE 8
#define TINY_BREAKPOINT 9
#define TINY_STATE 10
#define TINY_LEAF 11
#define TINY_PAINT 12
#define TINY_BASES 13
#define TINY_EXIT_TO 14
#define TINY_STEPS 15
#define TINY_ALIGN 16
#define TINY_JUNK 17
#define TINY_PEEK 18
#define TINY_PAINT_WIDE 19
#define TINY_COMMANDS 20

#endif
