"""An HTTP server that keeps what it gets: web.py PORT FOLDER (port 0 for a free one, which is printed).

Each request is a line of JSON in FOLDER/requests. The last part of the path says what is answered: a status code, `slow` (an
answer after two seconds), `redirect`, or anything else (200). With an `Idempotency-Key` that was there already the answer is
the same, and the line says `again`.
"""

import json
import pathlib
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Keeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = set()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        key = self.headers.get("Idempotency-Key")
        again = key in self.seen
        if key:
            self.seen.add(key)
        headers = {name: value for name, value in self.headers.items()}
        line = {"method": self.command, "path": self.path, "headers": headers, "body": body, "again": again}
        with open(self.server.folder / "requests", "a") as log:
            log.write(json.dumps(line) + "\n")
        last = self.path.split("?")[0].rsplit("/", 1)[-1]
        status = int(last) if last.isdigit() else 302 if last == "redirect" else 200
        if last == "slow":
            time.sleep(2)
        answer = json.dumps({"ok": status == 200, "messages": [{"id": f"m-{key or 1}"}], "total": 12.5}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if status in (429, 503):
            self.send_header("Retry-After", "120")
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        try:
            self.end_headers()
            self.wfile.write(answer)
        except BrokenPipeError:
            pass

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def log_message(self, *args):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Keeper)
    server.folder = pathlib.Path(sys.argv[2])
    print(server.server_port, flush=True)
    server.serve_forever()


main()
