#!/usr/bin/env python3
"""A second verifier of the audit log: Python's standard library and the openssl command, and
nothing of openavail's own.

usage: verify_audit.py verify EXPORT --public-key PEM [--after SEQ] [--filtered] [--witness PATH]
       verify_audit.py check RECEIPT --public-key PEM
       verify_audit.py consistency PROOF --public-key PEM

EXPORT is what `openavail audit export` writes, RECEIPT what `audit prove` writes, PROOF what
`audit consistency --json` writes. PATH is a folder that `audit witness` fills, one checkpoint, or
an earlier export. Each fault is a line; the exit code is 0 when there is none, 20 when there is
one, 2 when the files can't be read.

Rows are leaves of an RFC 6962 tree; checkpoints are c2sp.org/tlog-checkpoint.
"""
import argparse
import base64
import binascii
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROW_FIELDS = {
    "decision_id", "seq", "kind", "action", "agent_id", "api_key_id", "actor", "calendar_owner",
    "rule_fired", "latency_ms", "timestamp", "request_id", "meeting_class", "requested_interval",
    "decided_interval", "booking_id", "hold_id", "displaced_booking_ids", "correlation_id",
    "engine_version", "tzdata_version", "situation_digest", "trace", "row_version",
    "signing_key_id", "subject"}


class Wrong(Exception):
    """What is wrong with a line, in words."""


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def not_a_number(text):
    raise Wrong(f"{text} is not a number that rows hold")


def parsed(text):
    try:
        return json.loads(text, parse_float=not_a_number, parse_constant=not_a_number)
    except (ValueError, RecursionError) as error:
        raise Wrong("not JSON") from error


def from_base64(text):
    """The bytes, if that is the one way to write them."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Wrong("not base64") from error
    if base64.b64encode(found).decode() != text:
        raise Wrong("not base64")
    return found


class Keys:
    """The public keys that are trusted."""

    def __init__(self, pem_path):
        text = pathlib.Path(pem_path).read_text(encoding="ascii")
        pems = re.findall(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n?", text, re.S)
        if not pems:
            raise OSError(f"{pem_path}: no public key")
        self.folder = tempfile.TemporaryDirectory(prefix="verify-audit-")
        self.known = {}
        self.raws = {}
        for pem in pems:
            self.trust(pem)

    def trust(self, pem):
        path = os.path.join(self.folder.name, f"key{len(self.raws)}.pem")
        pathlib.Path(path).write_text(pem, encoding="ascii")
        der = subprocess.run(["openssl", "pkey", "-pubin", "-in", path, "-outform", "DER"],
                             check=True, capture_output=True).stdout
        raw = der[-32:]
        key_id = "sig_" + hashlib.sha256(raw).hexdigest()[:16]
        self.raws.setdefault(key_id, (raw, path))
        return key_id

    def take_over(self, row):
        """The key that a row of a trusted one hands the log over to, which has to agree."""
        raw = from_base64(row["subject"]["new_public_key"])
        if len(raw) != 32:
            raise Wrong("the row names no new signing key")
        known = set(self.raws)
        der = bytes.fromhex("302a300506032b6570032100") + raw
        key_id = self.trust("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der).decode() +
                            "\n-----END PUBLIC KEY-----\n")
        text = f"openavail audit log: {row['signing_key_id']} hands over to {key_id}\n"
        signature = from_base64(row["subject"]["new_key_signature"])
        if not self.verifies(key_id, text.encode(), signature):
            if key_id not in known:
                del self.raws[key_id]
            raise Wrong("the new signing key has not signed the change")

    def verifies(self, key_id, message, signature):
        known = (key_id, message, signature)
        if known not in self.known:
            self.known[known] = self._ask_openssl(self.raws[key_id][1], message, signature)
        return self.known[known]

    def _ask_openssl(self, pem_path, message, signature):
        paths = [os.path.join(self.folder.name, name) for name in ("message", "signature")]
        for path, contents in zip(paths, (message, signature)):
            pathlib.Path(path).write_bytes(contents)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem_path,
                               "-rawin", "-in", paths[0], "-sigfile", paths[1]],
                              capture_output=True, check=False)
        return done.returncode == 0


def leaf_of(row_bytes):
    return hashlib.sha256(b"\0" + row_bytes).digest()


def node_of(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The leaves [begin, end) as (first leaf, size, hash) of the largest complete subtrees."""

    def __init__(self, begin=0):
        self.begin = begin
        self.end = begin
        self.parts = []

    def push(self, size, value):
        first = self.end
        while self.parts and first % (2 * size) != 0 and self.parts[-1][1] == size:
            left_first, _, left = self.parts.pop()
            first, size, value = left_first, 2 * size, node_of(left, value)
        self.parts.append((first, size, value))
        self.end = first + size

    def root(self):
        if not self.parts:
            return hashlib.sha256(b"").digest()
        value = self.parts[-1][2]
        for _, _, left in reversed(self.parts[:-1]):
            value = node_of(left, value)
        return value

    def hashes(self):
        return [part[2] for part in self.parts]


def sizes_of(begin, end):
    """Of the complete subtrees that [begin, end) consists of."""
    while begin < end:
        size = 1
        while begin % (2 * size) == 0 and begin + 2 * size <= end:
            size *= 2
        yield size
        begin += size


def root_by_inclusion(leaf, index, size, proof):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        raise Wrong("the row's place is not in the tree")
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Wrong("the inclusion proof is too long")
        if place % 2 == 1 or place == last:
            value = node_of(sibling, value)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            value = node_of(value, sibling)
        place, last = place // 2, last // 2
    if last != 0:
        raise Wrong("the inclusion proof is too short")
    return value


def check_consistency(old_size, old_root, size, root, proof):
    """RFC 9162, 2.1.4.2."""
    if old_size > size:
        raise Wrong("the older tree is the larger one")
    if old_size in (0, size):
        expected = Tree().root() if old_size == 0 else root
        if proof or old_root != expected:
            raise Wrong("two trees of the same size have different roots")
        return
    path = ([old_root] if old_size & (old_size - 1) == 0 else []) + list(proof)
    if not path:
        raise Wrong("the consistency proof is too short")
    place, last = old_size - 1, size - 1
    while place % 2 == 1:
        place, last = place // 2, last // 2
    older = newer = path[0]
    for value in path[1:]:
        if last == 0:
            raise Wrong("the consistency proof is too long")
        if place % 2 == 1 or place == last:
            older, newer = node_of(value, older), node_of(value, newer)
            while place % 2 == 0 and place != 0:
                place, last = place // 2, last // 2
        else:
            newer = node_of(newer, value)
        place, last = place // 2, last // 2
    if last != 0 or older != old_root or newer != root:
        raise Wrong("the newer tree does not begin with the older one")


def note_key_id(name, raw):
    return hashlib.sha256(name.encode() + b"\n\x01" + raw).digest()[:4]


def open_checkpoint(note, keys):
    """(origin, size, root) of a checkpoint that a trusted key signed."""
    if not isinstance(note, str) or any(ord(c) < 32 and c != "\n" for c in note):
        raise Wrong("the checkpoint is not a note")
    text, found, signatures = note.rpartition("\n\n")
    if not found or not signatures.endswith("\n"):
        raise Wrong("the checkpoint has no signature")
    text += "\n"
    lines = text.split("\n")
    if len(lines) != 4 or not re.fullmatch(r"0|[1-9]\d{0,15}", lines[1]):
        raise Wrong("the checkpoint is not three lines: origin, size, root")
    if not re.fullmatch(r"[^\s+]+", lines[0]):
        raise Wrong("the checkpoint names no log")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Wrong("the checkpoint's root is not a hash")
    is_signed = False
    for line in signatures[:-1].split("\n"):
        parts = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line)
        if not parts:
            raise Wrong("a signature line of the checkpoint is none")
        signature = from_base64(parts.group(2))
        for key_id, (raw, _) in keys.raws.items():
            if parts.group(1) != lines[0] or signature[:4] != note_key_id(lines[0], raw):
                continue
            if not keys.verifies(key_id, text.encode(), signature[4:]):
                raise Wrong("the checkpoint's signature is wrong")
            is_signed = True
    if not is_signed:
        raise Wrong("the checkpoint is signed by none of the public keys given")
    return lines[0], int(lines[1]), root


def vkey_name(vkey):
    name, _, rest = vkey.partition("+")
    key_id, _, key = rest.partition("+")
    raw = from_base64(key)
    if raw[:1] != b"\x01" or len(raw) != 33 or note_key_id(name, raw[1:]).hex() != key_id:
        raise Wrong("public_keys holds what is no vkey")
    return name


def check_row(row, row_bytes, signature, row_signature, keys):
    """Of a row that is not signed the caller has to check the leaf."""
    if not isinstance(row, dict) or set(row) != ROW_FIELDS:
        raise Wrong("not the members of a row")
    if canonical(row) != row_bytes:
        raise Wrong("the row is not in canonical form")
    if not isinstance(row["seq"], int) or isinstance(row["seq"], bool) or row["seq"] < 1:
        raise Wrong("seq is not a positive number")
    if row["row_version"] != 1 or isinstance(row["row_version"], bool):
        raise Wrong("the row has a row_version that this program does not know")
    if row["signing_key_id"] not in keys.raws:
        raise Wrong(f"the row names the signing key {row['signing_key_id']}, which is none given")
    if signature is None and row_signature is None:
        if row["kind"] != "access":
            raise Wrong("the row has no signature, and only rows of kind access may have none")
        return
    if signature is None or row_signature is None:
        raise Wrong("a signature is missing")
    key = row["signing_key_id"]
    if not keys.verifies(key, row_bytes, from_base64(row_signature)):
        raise Wrong("row_signature does not match the row")
    text = ":".join([row["decision_id"], row["action"], row["timestamp"],
                     row["calendar_owner"] or "", row["rule_fired"]])
    if not keys.verifies(key, text.encode(), from_base64(signature)):
        raise Wrong("signature does not match the row")
    if row["action"] == "audit.rotate_key" and row["kind"] == "admin":
        keys.take_over(row)


ROW_LINE = re.compile(
    rb'\{(?:"leaf_hash":"(?P<leaf>[^"]*)",)?"owner_email":(?:null|"(?:[^"\\]|\\.)*"),'
    rb'"row":(?P<row>\{.*\}),"row_signature":(?:null|"(?P<row_signature>[^"]*)"),'
    rb'"signature":(?:null|"(?P<signature>[^"]*)")\}', re.S)


def read_row(line, keys):
    """(seq, leaf, action, rows it says are retired) of a line that is right by itself."""
    found = ROW_LINE.fullmatch(line)
    if not found:
        raise Wrong("the line is not an exported row")
    whole = parsed(line)
    row = whole["row"] if isinstance(whole, dict) else None
    if canonical(whole) != line:
        raise Wrong("the line is not in canonical form")
    check_row(row, found["row"], whole["signature"], whole["row_signature"], keys)
    leaf = leaf_of(found["row"])
    if (found["leaf"] is None) != (whole["signature"] is not None):
        raise Wrong("leaf_hash stands with rows that are not signed")
    if found["leaf"] is not None and from_base64(whole["leaf_hash"]) != leaf:
        raise Wrong("leaf_hash does not match the row")
    retired = 0
    if row["action"] == "audit.retire" and row["kind"] == "admin":
        retired = int(row["subject"].get("through", "0"))
    return row["seq"], leaf, row["action"], retired


class Export:
    """An export, line by line; what is wrong goes to `faults` as (line, what)."""

    def __init__(self, keys, after=0, filtered=False, witnessed=()):
        self.keys = keys
        self.filtered = filtered
        self.witnessed = sorted(witnessed, key=lambda kept: kept[1])
        self.next_witnessed = 0
        self.faults = []
        self.line = 0
        self.last = after
        self.bad = 0
        self.tree = None
        self.is_sound = True
        self.origin = None
        self.agreed = 0
        self.own_row = self.is_end = False
        self.missing_head = None

    def fault(self, what):
        self.faults.append((self.line, what))

    def follows(self, seq):
        """False when rows up to seq - 1 were there before; a gap is a fault."""
        if self.last is None or seq == self.last + 1:
            return True
        self.is_sound = False
        if seq <= self.last:
            return False
        if seq - self.last - 1 > self.bad:
            self.fault(f"rows {self.last + 1} to {seq - 1} are missing")
        return True

    def feed(self, line):
        self.line += 1
        self.is_end = False
        try:
            if line.startswith(b'{"left_out":'):
                self.leave_out(line)
            elif line.startswith(b'{"checkpoint":'):
                self.checkpoint(line)
            else:
                self.row(line)
        except (Wrong, KeyError, TypeError, AttributeError, UnicodeError) as error:
            self.is_sound = False
            self.bad += 1
            self.fault(str(error))

    def row(self, line):
        seq, leaf, action, retired = read_row(line, self.keys)
        if not self.follows(seq):
            self.fault(f"row {seq} comes after row {self.last}")
        if self.tree is None:
            self.tree = Tree(seq - 1)
        if self.is_sound:
            self.tree.push(1, leaf)
        self.last = max(self.last or 0, seq)
        self.bad = 0
        self.own_row = action == "audit.export"
        if self.missing_head and retired >= self.missing_head[2]:
            self.missing_head = None
        self.compare()

    def leave_out(self, line):
        value = parsed(line)
        if canonical(value) != line or set(value) != {"left_out"}:
            raise Wrong("the line is not in canonical form")
        value = value["left_out"]
        if set(value) != {"after", "through", "hashes"}:
            raise Wrong("left_out does not say which rows and their hashes")
        begin, end = value["after"], value["through"]
        if any(not isinstance(n, int) or isinstance(n, bool) for n in (begin, end)):
            raise Wrong("left_out does not say which rows")
        hashes = [from_base64(text) for text in value["hashes"]]
        sizes = list(sizes_of(begin, end)) if 0 <= begin < end < 2 ** 53 else []
        if not sizes or len(sizes) != len(hashes) or any(len(each) != 32 for each in hashes):
            raise Wrong("that range of rows has another number of hashes")
        part = Tree(begin)
        for size, each in zip(sizes, hashes):
            part.push(size, each)
        if begin == 0 and (self.tree is None or self.tree.end > 0):
            self.begin_part(part)
        elif begin != self.last:
            self.is_sound = False
            if not self.bad:
                self.fault(f"rows {begin + 1} to {end} can't be left out here")
            self.last = max(self.last or 0, end)
        else:
            if not self.filtered:
                self.fault(f"rows {begin + 1} to {end} left out")
            if self.tree is None:
                self.tree = Tree(begin)
            if self.is_sound:
                for size, each in zip(sizes, hashes):
                    self.tree.push(size, each)
            self.last = end
        self.bad = 0
        self.compare()

    def begin_part(self, part):
        is_first = self.tree is None
        if is_first and part.end > (self.last or 0):
            if self.last is not None and not self.filtered:
                self.missing_head = (self.line, self.last + 1, part.end)
            self.last = part.end
        if not self.follows(part.end + 1):
            self.fault(f"rows up to {part.end} come after row {self.last}")
        elif not is_first and self.is_sound and self.tree.begin == 0 and \
                self.tree.hashes() != part.hashes():
            self.is_sound = False
            self.fault("what begins here goes on from other rows than those before it")
        self.is_sound = self.is_sound or is_first
        self.tree = part
        self.last = max(self.last, part.end)

    def checkpoint(self, line):
        value = parsed(line)
        if canonical(value) != line or not set(value) <= {"checkpoint", "public_keys"}:
            raise Wrong("the line is not in canonical form")
        vkeys = value.get("public_keys", [])
        if "public_keys" in value and not vkeys:
            raise Wrong("public_keys holds none")
        names = [vkey_name(vkey) for vkey in vkeys]
        self.is_end = bool(vkeys)
        try:
            origin, size, root = open_checkpoint(value["checkpoint"], self.keys)
        except Wrong as error:
            return self.fault(str(error))
        self.origin = self.origin or origin
        if origin != self.origin:
            return self.fault(f"the checkpoint is one of another log, {origin}")
        for name in names:
            if name != origin:
                self.fault(f"public_keys names another log, {name}")
        if not self.follows(size + 1):
            return self.fault(f"a checkpoint of {size} rows stands behind row {self.last}")
        self.last = max(self.last or 0, size)
        self.bad = 0
        if not self.is_sound or self.tree is None:
            return None
        if self.tree.begin != 0:
            return self.fault(f"the file says nothing of rows 1 to {self.tree.begin}")
        if self.tree.root() != root:
            self.is_sound = False
            first = min(self.agreed + 1, size)
            return self.fault(f"the checkpoint of {size} rows has another root: something is "
                              f"wrong with rows {first} to {size}")
        self.agreed = size
        return None

    def compare(self):
        if not self.is_sound or self.tree is None or self.tree.begin != 0:
            return
        while self.next_witnessed < len(self.witnessed):
            _, size, root = self.witnessed[self.next_witnessed]
            if size > self.tree.end:
                return
            self.next_witnessed += 1
            if size == self.tree.end and root != self.tree.root():
                self.fault(f"the log was rewritten: the witness has another root for its first "
                           f"{size} rows")

    def finish(self):
        if self.missing_head:
            line, first, last = self.missing_head
            self.faults.append((line, f"rows {first} to {last} are missing"))
        for _, size, _ in self.witnessed:
            if size > (self.last or 0):
                self.fault(f"the log was cut back: the witness has a checkpoint of {size} rows, "
                           f"and these end with row {self.last or 0}")
                break
        if self.bad:
            return
        if not self.is_end:
            self.fault("the end is cut off: an export ends with a checkpoint and public keys")
        elif not self.filtered and not self.own_row:
            self.fault("the end is cut off: the last row of an export is its own")


def verify_lines(lines, keys, **options):
    """The faults of an export that is given as lines without their newlines."""
    export = Export(keys, **options)
    for line in lines:
        export.feed(line)
    export.finish()
    return export.faults


def lines_in(path):
    data = pathlib.Path(path).read_bytes()
    lines = data.split(b"\n")
    return lines[:-1] if not lines[-1] else lines


def check_receipt(data, keys):
    data = data.rstrip(b"\r\n")
    found = re.search(rb',"row":(\{.*\}),"row_signature":', data, re.S)
    receipt = parsed(data)
    names = {"checkpoint", "inclusion_proof", "leaf_index", "receipt_version", "row",
             "row_signature", "signature"}
    if not found or not isinstance(receipt, dict) or set(receipt) != names:
        raise Wrong("this is not a receipt")
    if canonical(receipt) != data or receipt["receipt_version"] != 1:
        raise Wrong("the receipt is not in canonical form")
    check_row(receipt["row"], found.group(1), receipt["signature"], receipt["row_signature"], keys)
    _, size, root = open_checkpoint(receipt["checkpoint"], keys)
    index = receipt["leaf_index"]
    if not isinstance(index, int) or isinstance(index, bool) or index != receipt["row"]["seq"] - 1:
        raise Wrong("leaf_index is not that of the row's seq")
    proof = [from_base64(text) for text in receipt["inclusion_proof"]]
    if any(len(each) != 32 for each in proof):
        raise Wrong("a hash is not 32 bytes")
    if root_by_inclusion(leaf_of(found.group(1)), index, size, proof) != root:
        raise Wrong("the inclusion proof does not lead to the checkpoint's root")


def check_continuation(data, keys):
    proof = parsed(data)
    older, old_size, old_root = open_checkpoint(proof["from"], keys)
    newer, size, root = open_checkpoint(proof["to"], keys)
    if older != newer:
        raise Wrong("the checkpoints are of two logs")
    hashes = [from_base64(text) for text in proof["consistency_proof"]]
    check_consistency(old_size, old_root, size, root, hashes)


def note_in(path):
    """The note in a file: alone, of a receipt, or the last of an export."""
    data = pathlib.Path(path).read_bytes()
    if not data.startswith(b"{"):
        return data.decode()
    last = None
    for line in data.split(b"\n"):
        if b'"checkpoint":' in line and isinstance(parsed(line), dict):
            last = parsed(line).get("checkpoint", last)
    if last is None:
        raise Wrong(f"{path} holds no checkpoint")
    return last


def read_witness(path, keys):
    path = pathlib.Path(path)
    files = sorted(path.glob("checkpoint-*.txt")) if path.is_dir() else [path]
    return [open_checkpoint(note_in(file), keys) for file in files]


def main():
    parser = argparse.ArgumentParser(description="Verifies what openavail's audit log gives out.")
    parser.add_argument("what", choices=["verify", "check", "consistency"])
    parser.add_argument("file")
    parser.add_argument("--public-key", required=True, help="PEM")
    parser.add_argument("--after", type=int)
    parser.add_argument("--filtered", action="store_true")
    parser.add_argument("--witness")
    said = parser.parse_args()
    try:
        keys = Keys(said.public_key)
        if said.what == "verify":
            after = said.after if said.filtered else said.after or 0
            witnessed = read_witness(said.witness, keys) if said.witness else ()
            faults = verify_lines(lines_in(said.file), keys, after=after, filtered=said.filtered,
                                  witnessed=witnessed)
        else:
            check = check_receipt if said.what == "check" else check_continuation
            check(pathlib.Path(said.file).read_bytes(), keys)
            faults = []
    except (Wrong, KeyError, TypeError, UnicodeError) as error:
        faults = [(0, str(error))]
    except (OSError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    for line, what in faults:
        print(f"line {line}: {what}" if line else what)
    print("verified" if not faults else f"{len(faults)} faults")
    return 20 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
