"""MRENCLAVE of a small enclave, computed a second time from the manual alone (SDM 3D, ECREATE, EADD, EEXTEND).

Arguments: the program test_interop_sgx_measure, which prints one line per enclave: its MRENCLAVE in hexadecimal, the SSA frame
pages, the size, then the pages as rva:flags:fill:measured (fill is the byte that fills the page).
"""
import hashlib
import struct
import subprocess
import sys

PAGE = 4096


def measure(ssa_pages, size, pages):
    digest = hashlib.sha256(struct.pack("<8sIQ44x", b"ECREATE", ssa_pages, size))
    for rva, flags, fill, measured in pages:
        digest.update(struct.pack("<8sQQ40x", b"EADD", rva, flags))
        if measured:
            page = bytes([fill]) * PAGE
            for offset in range(0, PAGE, 256):
                digest.update(struct.pack("<8sQ48x", b"EEXTEND", rva + offset))
                digest.update(page[offset:offset + 256])
    return digest.hexdigest()


def main():
    lines = subprocess.run(sys.argv[1:2], check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        mrenclave, ssa_pages, size, *pages = line.split()
        again = measure(int(ssa_pages), int(size), [tuple(map(int, page.split(":"))) for page in pages])
        if again != mrenclave:
            sys.exit(f"differs: {line}\nseen   {mrenclave}\nwanted {again}")
    if len(lines) < 10:
        sys.exit("fewer enclaves than expected")
    print(f"{len(lines)} enclaves measured alike")


main()
