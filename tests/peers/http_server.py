"""`openavail mcp --listen` on a free port of this machine, and a proxy that brings a key along."""

import contextlib
import http.client
import http.server
import re
import subprocess
import threading

from peer import BINARY


@contextlib.contextmanager
def serving(environment, *arguments, command="mcp"):
    """The URL of a server that ends, in order, with the block."""
    process = subprocess.Popen([BINARY, command, "--listen", "127.0.0.1:0", "--insecure-loopback",
                                *arguments], env=environment, stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        said = process.stderr.readline()
        url = re.search(r"http://[^\s/]+:\d+", said)
        assert url, said + process.stderr.read()
        # Nobody may wait for a reader of what it says later.
        later = threading.Thread(target=process.stderr.read, daemon=True)
        later.start()
        yield url.group() + "/mcp"
        process.terminate()
        assert process.wait(timeout=30) == 0, process.returncode
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


class _Bringing(http.server.BaseHTTPRequestHandler):
    """Passes requests on with a key, for peers that can send none."""

    protocol_version = "HTTP/1.0"  # an answer ends with its connection, streams too
    target = None
    key = None

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream = http.client.HTTPConnection(*self.target, timeout=60)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("connection", "content-length", "transfer-encoding")}
        headers["Authorization"] = f"Bearer {self.key}"
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "date"):
                self.send_header(name, value)
        self.end_headers()
        while piece := answer.read1(65536):
            try:
                self.wfile.write(piece)
            except OSError:  # the peer has heard enough
                break
        upstream.close()

    do_GET = do_POST = do_DELETE = do_PUT = do_OPTIONS = pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def bringing_key(url, key):
    """The URL of a proxy before `url` that adds the key to every request."""
    host, port = re.search(r"//([^:/]+):(\d+)", url).groups()
    handler = type("Bringing", (_Bringing,), {"target": (host, int(port)), "key": key})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/mcp"
    finally:
        server.shutdown()
        server.server_close()
