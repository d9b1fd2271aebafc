/* Pieces of policies, for tests. */
#ifndef TESTS_POLICY_TEXT_H
#define TESTS_POLICY_TEXT_H

/* n bytes in hexadecimal. */
#define A4 "a1b2c3d4"
#define A16 A4 A4 A4 A4
#define A32 A16 A16
#define A48 A16 A16 A16
#define A64 A32 A32
#define Z16 "00000000000000000000000000000000"
#define B32 "A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4"

#define SGX(more) "{\"version\":1,\"sgx\":{\"accept\":[{\"mrenclave\":\"" A32 "\"}]" more "}}"
#define SGX_ACCEPT(list) "{\"version\":1,\"sgx\":{\"accept\":" list "}}"
#define TDX(more) "{\"version\":1,\"tdx\":{\"accept\":[{\"mrtd\":\"" A48 "\"}]" more "}}"
#define TDX_ACCEPT(list) "{\"version\":1,\"tdx\":{\"accept\":" list "}}"
#define SNP(more) "{\"version\":1,\"snp\":{\"accept\":[{\"measurement\":\"" A48 "\"}]" more "}}"
#define SNP_ACCEPT(list) "{\"version\":1,\"snp\":{\"accept\":" list "}}"
#define NITRO(more) "{\"version\":1,\"nitro\":{\"accept\":[{\"pcr0\":\"" A48 "\"}]" more "}}"
#define NITRO_ACCEPT(list) "{\"version\":1,\"nitro\":{\"accept\":" list "}}"
#define TOP(more) "{\"version\":1" more ",\"sgx\":{\"accept\":[{\"mrenclave\":\"" A32 "\"}]}}"

#endif
