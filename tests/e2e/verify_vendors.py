"""conclave verify over real evidence: genuine, accepted by a policy that names it, refused by one that names another, at
another time, and with one bit flipped."""
import base64
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import uuid

EVIDENCE = sys.argv[1]
ACCEPTED, REFUSED, REMARKS = 0, 3, 4

# Folder, file, platform, what identifies it, where a bit is flipped, and what else its section of the policy says.
ITEMS = [
    ("sgx/teepot-azure", "quote.bin", "sgx", "mrenclave", 120, {"tcb_statuses": ["SWHardeningNeeded"]}),
    # A TD without SEPT_VE_DISABLE, which a policy must accept in so many words.
    ("tdx/oe-v4", "quote.bin", "tdx", "mrtd", 200, {"td_attributes": {"mask": "ff" * 8, "value": "00" * 8}}),
    ("tdx/oe-v5-td-relaunch-advised", "quote.bin", "tdx", "mrtd", 200, {"tcb_statuses": ["TDRelaunchAdvised"]}),
    ("snp/ms-sidecar-milan", "report.bin", "snp", "measurement", 150, {"min_tcb": {"Milan": {"snp": 0}}}),
    ("snp/oak-genoa-oc-v5", "report.bin", "snp", "measurement", 150, {"min_tcb": {"Genoa": {"snp": 25}}}),
    ("snp/ms-tav-turin-v5", "report.bin", "snp", "measurement", 150, {"min_tcb": {"Turin": {"snp": 0}}}),
    ("nitro/oyster-aws", "doc.cbor", "nitro", "pcr0", 200, {}),
]


def verify(wanted, file, *options):
    """Run it; the exit code must be the wanted one. Standard output as JSON, and standard error."""
    command = ["conclave", "verify", "--json", *options, file]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != wanted:
        sys.exit(f"exit code {ran.returncode} instead of {wanted}: {' '.join(command)}\n{ran.stdout}{ran.stderr}")
    return json.loads(ran.stdout), ran.stderr


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def check(folder, file, platform, name, offset, more):
    path = f"{EVIDENCE}/{folder}"
    with open(f"{path}/meta.json") as meta_file:
        meta = json.load(meta_file)
    at = ["--collateral", path, "--at", str(meta["eval_time_unix"])]

    def appraise(wanted, value, more):
        with open("policy.json", "w") as policy:
            json.dump({"version": 1, platform: {"accept": [{name: value}], **more}}, policy)
        found, _ = verify(wanted, f"{path}/{file}", *at, "--policy", "policy.json")
        return [finding["field"] for finding in found["findings"]]

    found, _ = verify(REMARKS, f"{path}/{file}", *at)
    expect(found["evidence"]["platform"] == platform, f"{folder} is {found['evidence']['platform']}")
    tcb = found.get("tcb", {})
    expect(tcb.get("status") == meta["checked"].get("tcb_status"), f"{folder}: TCB status {tcb.get('status')}")
    value = found["evidence"].get(name) or found["evidence"]["pcrs"][name]

    # What is not allowed is remarked on; what is allowed is not. There are no CRLs of the time of the SNP reports.
    if tcb.get("advisories"):
        expect(appraise(REMARKS, value, more) == [f"{platform}.advisories_allowed"], f"{folder}: advisories")
        more = {**more, "advisories_allowed": tcb["advisories"]}
    if platform == "snp":
        expect("snp.crl_required" in appraise(REMARKS, value, more), f"{folder}: no CRL")
    else:
        expect(appraise(ACCEPTED, value, more) == [], f"{folder}: findings")
    other = ("2" if value[0] == "1" else "1") + value[1:]
    expect(f"{platform}.accept[0].{name}" in appraise(REFUSED, other, more), f"{folder}: another {name}")

    refused, said = verify(REFUSED, f"{path}/{file}", "--collateral", path, "--at", "4102444800")
    expect(refused["genuine"] and "not valid at 2100-01-01T00:00:00Z" in said, f"{folder}: in 2100: {said}")
    with open(f"{path}/{file}", "rb") as original, open("flipped", "wb") as flipped:
        data = bytearray(original.read())
        data[offset] ^= 1
        flipped.write(data)
    refused, _ = verify(REFUSED, "flipped", *at)
    expect(not refused["genuine"] and "evidence" not in refused, f"{folder}: a flipped bit still claims something")


for item in ITEMS:
    check(*item)


def check_crl():
    """With AMD's CRL of its time nothing is left to remark on."""
    os.mkdir("milan")
    for name in ("leaf.der", "chain.pem"):
        shutil.copyfile(f"{EVIDENCE}/snp/ms-sidecar-milan/{name}", f"milan/{name}")
    shutil.copyfile(f"{EVIDENCE}/snp/_trust/crl-ARK-Milan-2022-05-09.der", "milan/crl.der")
    report, at = f"{EVIDENCE}/snp/ms-sidecar-milan/report.bin", ["--collateral", "milan", "--at", "2022-12-01T01:55:56Z"]
    found, _ = verify(REMARKS, report, *at)
    expect(found["signer"]["crl"], "the CRL is not taken")
    accept = [{"measurement": found["evidence"]["measurement"]}]
    with open("policy.json", "w") as policy:
        json.dump({"version": 1, "snp": {"accept": accept, "crl_required": True, "min_tcb": {"Milan": {"snp": 1}}}}, policy)
    found, _ = verify(ACCEPTED, report, *at, "--policy", "policy.json")
    expect(found["findings"] == [], "findings in spite of a CRL")
    # Of another product it is none.
    shutil.copyfile(f"{EVIDENCE}/snp/_trust/crl-ARK-Genoa-2022-10-31.der", "milan/crl.der")
    verify(REFUSED, report, *at)


def check_certificate_table():
    """What hypervisors hand out: the report, and the certificates behind it (GHCB 4.1.8.1)."""
    folder = f"{EVIDENCE}/snp/oak-genoa-oc-v5"
    with open(f"{folder}/chain.pem") as chain:
        pem = re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END", chain.read(), re.S)
    with open(f"{folder}/leaf.der", "rb") as leaf, open(f"{folder}/report.bin", "rb") as original:
        parts, report = [leaf.read()] + [base64.b64decode(text) for text in pem], original.read()
    names = ["63da758d-e664-4564-adc5-f4b93be8accd", "4ab7b379-bbac-4fe4-a02f-05aef327c782", "c0b406a4-a803-4952-9743-3fb6014cd0ae"]
    offset, entries = 24 * (len(names) + 1), b""
    for name, part in zip(names, parts):
        entries += uuid.UUID(name).bytes_le + struct.pack("<II", offset, len(part))
        offset += len(part)
    table = entries + bytes(24) + b"".join(parts)
    for data, wanted in ((table, REMARKS), (table[:-1], REFUSED), (b"", 1)):
        with open("extended", "wb") as extended:
            extended.write(report + data)
        verify(wanted, "extended", "--at", "2025-08-09T17:21:41Z")


def check_archive():
    """A Nitro document judged as of when it was made."""
    verify(REMARKS, f"{EVIDENCE}/nitro/oyster-aws/doc.cbor", "--at", "made")
    verify(REFUSED, f"{EVIDENCE}/nitro/oyster-aws/doc.cbor")


check_archive()
check_crl()
check_certificate_table()
