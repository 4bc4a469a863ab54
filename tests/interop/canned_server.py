#!/usr/bin/env python3
"""An HTTP server that answers every request with one stored response.

It is a server that ignores what it is asked, which a conformance run must notice.
It prints its URL as the first line, then serves on loopback until it is killed.

    canned_server.py [RESPONSE.xml]
"""

import pathlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DEFAULT = pathlib.Path(__file__).resolve().parent.parent / "captures" / "CANNED-RESPONSE.xml"


class Canned(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    body = b""

    def answer(self):
        # The request body is read so that closing the connection doesn't reset it.
        length = self.headers.get("Content-Length", "0")
        if length.isdecimal() and "Transfer-Encoding" not in self.headers:
            self.rfile.read(int(length))
        else:
            self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(self.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


def main():
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    Canned.body = path.read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canned)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
