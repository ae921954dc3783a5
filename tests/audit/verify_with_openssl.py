#!/usr/bin/env python3
"""Verifies an audit export with Python's standard library and the openssl program alone.

usage: verify_with_openssl.py EXPORT.jsonl PUBLIC_KEY.pem

Shares no code with `openavail audit verify`. For each line it checks that the row's bytes are
canonical (RFC 8785 for rows: sorted names, no white space, integers only), that the signing key's
id is the one of the public key, both Ed25519 signatures, and that seq grows by one. Exit code 0
when all is right, 1 with the first fault otherwise.
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile


def fault(line_number, what):
    print(f"line {line_number}: {what}")
    sys.exit(1)


def raw_public_key(pem_path):
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", pem_path, "-outform", "DER"],
                         check=True, capture_output=True).stdout
    return der[-32:]


def verifies(pem_path, message, signature, folder):
    message_path = os.path.join(folder, "message")
    signature_path = os.path.join(folder, "signature")
    with open(message_path, "wb") as out:
        out.write(message)
    with open(signature_path, "wb") as out:
        out.write(signature)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem_path, "-rawin",
                           "-in", message_path, "-sigfile", signature_path], capture_output=True)
    return done.returncode == 0


def main():
    export_path, pem_path = sys.argv[1:3]
    key_id = "sig_" + hashlib.sha256(raw_public_key(pem_path)).hexdigest()[:16]
    previous = None
    rows = 0
    with open(export_path, "rb") as lines, tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate(lines, 1):
            line = line.rstrip(b"\n")
            found = re.fullmatch(rb'\{"owner_email":(null|"(?:[^"\\]|\\.)*"),"row":(\{.*\}),'
                                 rb'"row_signature":"([^"]*)","signature":"([^"]*)"\}', line)
            if not found:
                fault(number, "not an exported row")
            canonical = found.group(2)
            row = json.loads(canonical, parse_float=lambda _: fault(number, "not an integer"))
            again = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if again.encode() != canonical:
                fault(number, "the row is not canonical")
            if row["signing_key_id"] != key_id:
                fault(number, "another signing key")
            if not verifies(pem_path, canonical, base64.b64decode(found.group(3), validate=True),
                            folder):
                fault(number, "row_signature")
            text = ":".join([row["decision_id"], row["action"], row["timestamp"],
                             row["calendar_owner"] or "", row["rule_fired"]])
            if not verifies(pem_path, text.encode(),
                            base64.b64decode(found.group(4), validate=True), folder):
                fault(number, "signature")
            if previous is not None and row["seq"] != previous + 1:
                fault(number, "seq")
            previous = row["seq"]
            rows += 1
    print(f"{rows} rows verified")


main()
