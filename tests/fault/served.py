"""`openavail serve` as a process, and plain HTTP clients of it: whole calls and raw bytes."""

import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading
import uuid

# So many that no test meets a rate limit it does not ask for.
UNLIMITED = {f"OPENAVAIL_{name}_PER_MINUTE": "1000000"
             for name in ("SEARCH", "WRITE", "OTHER", "ADDRESS")}
PATIENCE = 60  # seconds until a server that does not answer counts as hung


class Server:
    """Serves the data directory of a house on a free port, or on `port`."""

    def __init__(self, house, *arguments, port=0, settings=None, command="serve"):
        environment = dict(house.environment, **(UNLIMITED if settings is None else settings))
        arguments = arguments or ("--insecure-loopback",)
        self.process = subprocess.Popen(
            [house.binary, command, "--listen", f"127.0.0.1:{port}", *arguments],
            env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = []
        found = None
        while not found:  # before its address it may say what it had to mend
            self.said.append(self.process.stderr.readline())
            assert self.said[-1], f"it does not serve: {self.said}"
            found = re.search(r"serving on https?://[^\s/]+:(\d+)", self.said[-1])
        self.port = int(found.group(1))
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """As an administrator ends it. It has to end in order."""
        self.process.terminate()
        assert self.process.wait(timeout=PATIENCE) == 0, (self.process.returncode, self.said)
        self.reader.join()

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            print("server:", self.process.poll(), *self.said, file=sys.stderr)
        if self.process.poll() is None:
            self.kill()


class Caller:
    """One kept connection with a key. call() gives (status, body); OSError where it breaks."""

    def __init__(self, port, key, source="127.0.0.1"):
        self.key = key
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE,
                                                     source_address=(source, 0))

    def call(self, method, path, body=None, **headers):
        status, _, answer = self.whole(method, path, body, **headers)
        return status, answer

    def whole(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("X-Request-Id", str(uuid.uuid4()))
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = self.connection.getresponse()
            text = answer.read()
        except (http.client.HTTPException, OSError) as broken:
            self.connection.close()
            raise ConnectionError(f"no answer: {broken!r}") from broken
        assert answer.headers["X-Request-Id"] == sent["X-Request-Id"], answer.headers.items()
        return answer.status, answer.headers, json.loads(text)

    def close(self):
        self.connection.close()


class Answer:
    """One HTTP answer as it came."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.1 (\d{3})( .*)?", lines[0])
        assert found, f"not an answer: {lines[0]!r}"
        self.status = int(found.group(1))
        self.text = head + b"\r\n\r\n" + body
        self.headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            assert colon and name.lower() not in self.headers, (line, self.headers)
            self.headers[name.lower()] = value.strip()
        self.body = body


def connect(port, source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))


def everything(connection):
    """All that comes until the server closes. A server that does not is a TimeoutError."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def answers_in(text, head_only=False):
    """Splits what one connection brought into its answers; nothing may be left over."""
    answers = []
    while text:
        head, end, text = text.partition(b"\r\n\r\n")
        assert end, f"an answer without end: {head!r}"
        length = re.search(rb"\r\nContent-Length: (\d+)", head, re.I)
        size = int(length.group(1)) if length and not head_only else 0
        assert len(text) >= size, f"a body cut short: {head!r}"
        answers.append(Answer(head, text[:size]))
        text = text[size:]
    return answers


def exchange(port, sent, head_only=False):
    """Sends bytes on a fresh connection and reads until the server has closed it."""
    with connect(port) as connection:
        try:
            connection.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough; what it said of that can still be read
        return answers_in(everything(connection), head_only)
