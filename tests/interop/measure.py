"""MRENCLAVE of an image, a second time: written from the Intel SDM and docs/spec/image.md alone.

usage: measure.py IMAGE: prints MRENCLAVE and MRSIGNER, upper case, a line each.
Nothing here is shared with the C code; struct formats are spelled out from the documents."""
import hashlib
import struct
import sys

PAGE = 4096
ZERO_PAGES = 2**64 - 1


def sections(image):
    """name -> (offset, size) of every section. ELF-64 object file format, version 1.5."""
    assert image[:6] == b"\x7fELF\x02\x01"
    (table,) = struct.unpack_from("<Q", image, 40)
    size, count, names_index = struct.unpack_from("<HHH", image, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", image, table + i * size) for i in range(count)]
    names = headers[names_index][4]
    found = {}
    for header in headers:
        start = names + header[0]
        found[image[start : image.index(b"\0", start)].decode()] = (header[4], header[5])
    return found


def measure(image):
    found = sections(image)
    layout = found[".conclave.layout"][0]
    (enclave_size,) = struct.unpack_from("<Q", image, layout + 8)

    # ECREATE: "ECREATE\0", SSAFRAMESIZE, SIZE, zeros to 64 bytes.
    digest = hashlib.sha256(struct.pack("<8sIQ44x", b"ECREATE", 1, enclave_size))
    offset, size = found[".conclave.pages"]
    for run in struct.iter_unpack("<QQQQQ", image[offset : offset + size]):
        rva, count, file_offset, flags, measured = run
        for page in range(count):
            at = rva + page * PAGE
            # EADD: "EADD\0\0\0\0", offset, the first 48 bytes of SECINFO.
            digest.update(struct.pack("<8sQQ40x", b"EADD", at, flags))
            if not measured:
                continue
            data = bytes(PAGE)
            if file_offset != ZERO_PAGES:
                data = image[file_offset + page * PAGE : file_offset + (page + 1) * PAGE]
            assert len(data) == PAGE
            for block in range(0, PAGE, 256):
                # EEXTEND: "EEXTEND\0", offset, zeros to 64 bytes; then the 256 bytes.
                digest.update(struct.pack("<8sQ48x", b"EEXTEND", at + block))
                digest.update(data[block : block + 256])
    return digest.hexdigest().upper()


def main():
    with open(sys.argv[1], "rb") as file:
        image = file.read()
    sigstruct = sections(image)[".conclave.sigstruct"][0]
    print(measure(image))
    print(hashlib.sha256(image[sigstruct + 128 : sigstruct + 512]).hexdigest().upper())
    # ENCLAVEHASH in SIGSTRUCT, offset 960: SDM 3D, SIGSTRUCT.
    print(image[sigstruct + 960 : sigstruct + 992].hex().upper())


main()
