"""gdb commands for enclaves on the soft machine: docs/spec/machine.md, "Under gdb".

    gdb -x tools/gdb/conclave.py --args conclave run hello.enclave
    (gdb) conclave-enclaves                     where enclaves lie in the process
    (gdb) conclave-symbols hello.enclave [N]    load the image's symbols at the base of the N-th (0)

Loading this file also tells gdb to hand the machine its own signals: an enclave's every ENCLU is a SIGILL.
"""
import gdb


def enclaves():
    """(base, size) of every live enclave, in the order they were made."""
    ranges = gdb.parse_and_eval("soft_ranges")
    first, last = ranges.type.range()
    found = ((int(ranges[i]["base"]), int(ranges[i]["size"])) for i in range(first, last + 1))
    return [pair for pair in found if pair[1] != 0]


class ListEnclaves(gdb.Command):
    """List the enclaves of this process: number, base, size."""

    def __init__(self):
        super().__init__("conclave-enclaves", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        for number, (base, size) in enumerate(enclaves()):
            gdb.write(f"{number}  {base:#x}  {size:#x}\n")


class LoadSymbols(gdb.Command):
    """conclave-symbols IMAGE [NUMBER]: load an image's symbols at an enclave's base."""

    def __init__(self):
        super().__init__("conclave-symbols", gdb.COMMAND_FILES, gdb.COMPLETE_FILENAME)

    def invoke(self, argument, from_tty):
        arguments = gdb.string_to_argv(argument)
        if not arguments:
            raise gdb.GdbError("usage: conclave-symbols IMAGE [NUMBER]")
        number = int(arguments[1]) if len(arguments) > 1 else 0
        live = enclaves()
        if number >= len(live):
            raise gdb.GdbError(f"there are {len(live)} enclaves; stop after one is initialised, "
                               "for example with: break soft_switch")
        gdb.execute(f"add-symbol-file {arguments[0]} -o {live[number][0]:#x}", to_string=True)
        gdb.write(f"symbols of {arguments[0]} at {live[number][0]:#x}\n")


ListEnclaves()
LoadSymbols()
gdb.execute("handle SIGILL nostop noprint pass", to_string=True)
