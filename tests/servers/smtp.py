"""An SMTP server that keeps what it gets: smtp.py PORT FOLDER (port 0 for a free one, which is printed).

`nobody@…` is refused for good (550), `later@…` for now (451, unless FOLDER/open exists). A mail with a Message-ID that is
there already is taken and not kept again, as a mail store would do.
"""

import pathlib
import sys
from email import message_from_bytes

from aiosmtpd.controller import Controller


class Keeper:
    def __init__(self, folder):
        self.folder = folder

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 nobody of that name here"
        if address.startswith("later@") and not (self.folder / "open").exists():
            return "451 4.3.2 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = message_from_bytes(envelope.content)["Message-ID"].strip("<>")
        path = self.folder / (name + ".eml")
        with open(self.folder / "log", "a") as log:
            log.write(f"{name} {','.join(envelope.rcpt_tos)}\n")
        if not path.exists():
            path.write_bytes(envelope.content)
        return "250 OK"


def main():
    port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=port or free_port())
    controller.start()
    print(controller.port, flush=True)
    sys.stdin.read()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


main()
