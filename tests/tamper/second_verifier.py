#!/usr/bin/env python3
"""usage: second_verifier.py EXPORT PEM ADDRESS: what export_test.cc does to an export, done to
scripts/verify_audit.py. Line 3 is a checkpoint on the way. ADDRESS is outside the proof.
"""
import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import verify_audit  # noqa: E402


def other_ways_to_write(line):
    """The same said otherwise, and a row without signatures rewritten with its leaf's hash."""
    yield "a space more", line.replace(b":", b": ", 1)
    yield "an escape", line.replace(b"a", b"\\u0061", 1)
    yield "a member more", line[:-1] + b',"zz":1}'
    if b'"row_signature":null' in line:
        value = json.loads(line)
        value["row"]["request_id"] = "forged"
        leaf = verify_audit.leaf_of(verify_audit.canonical(value["row"]))
        value["leaf_hash"] = base64.b64encode(leaf).decode()
        yield "a row rewritten", verify_audit.canonical(value)


def main():
    path, pem, address = sys.argv[1:4]
    keys = verify_audit.Keys(pem)
    whole = verify_audit.lines_in(path)
    missed = []
    cases = 0

    def expect(what, lines, is_wrong=True, line=None):
        nonlocal cases
        cases += 1
        faults = verify_audit.verify_lines(lines, keys)
        if bool(faults) != is_wrong or (line and faults[0][0] != line):
            missed.append((what, faults[:1]))

    expect("as it is", whole, is_wrong=False)
    for n, line in enumerate(whole):
        where = line.find(address.encode())
        for i in range(len(line)):
            if where >= 0 and where <= i < where + len(address):
                continue
            changed = bytearray(line)
            changed[i] ^= 1
            expect(f"line {n + 1}, byte {i} flipped", whole[:n] + [bytes(changed)] + whole[n + 1:],
                   line=n + 1)
        for what, other in other_ways_to_write(line):
            expect(f"line {n + 1}: {what}", whole[:n] + [other] + whole[n + 1:])
        expect(f"cut before line {n + 1}", whole[:n])
        expect(f"line {n + 1} dropped", whole[:n] + whole[n + 1:], is_wrong=n != 2)
        for m, other in enumerate(whole):
            if n < m:
                swapped = list(whole)
                swapped[n], swapped[m] = other, line
                expect(f"lines {n + 1} and {m + 1} swapped", swapped)
            is_the_same = (n == 2 and m in (2, 3)) or (n == 5 and m == 5)
            expect(f"line {n + 1} again before line {m + 1}", whole[:m] + [line] + whole[m:],
                   is_wrong=not is_the_same)
    for what, faults in missed[:20]:
        print(f"missed: {what}: {faults}")
    print(f"{cases} cases, {len(missed)} missed")
    return 1 if missed or cases < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
