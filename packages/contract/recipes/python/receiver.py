"""A receiver of task webhooks on Python's standard library alone (3.9 or later).

    WEBHOOK_SECRET='correct horse battery staple' python3 receiver.py

It prints the port that it listens on, and then each event as JSON.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_LIMIT = 65536
TOLERANCE = 300
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Refused(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def read_key(secret):
    """A "whsec_" secret is Base64, any other one is its UTF-8 bytes."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret[6:] + "=" * (-len(secret[6:]) % 4), validate=True)
    return secret.encode()


def decode_signature(text):
    """32 bytes in hex, Base64 or Base64url, padded or not, with or without "sha256="."""
    text = text[7:] if text.startswith("sha256=") else text
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text)
    if re.fullmatch(r"[A-Za-z0-9+/]{43}=?|[A-Za-z0-9_-]{43}=?", text):
        return base64.urlsafe_b64decode(text.rstrip("=").replace("+", "-").replace("/", "_") + "=")
    return None


def authenticate(key, headers, body, now):
    """Refuses a request unless it is signed, and every signature that it has verifies."""
    plain = headers.get_all("x-signature", [])
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    identifier, timestamp, standard = (headers.get(name) for name in names)
    if not plain and standard is None:
        raise Refused(401, "signature_missing")
    if standard is None and (identifier is not None or timestamp is not None):
        raise Refused(401, "signature_missing")
    if standard is not None and timestamp is None:
        raise Refused(401, "timestamp_missing")
    if standard is not None and not identifier:
        raise Refused(401, "signature_malformed")

    if standard is not None:
        entries = [entry.partition(",") for entry in standard.split(" ")]
        if not any(comma and (version != "v1" or len(value) in (43, 44)) for version, comma, value in entries):
            raise Refused(401, "signature_malformed")
    if plain:
        signature = decode_signature(plain[0]) if len(plain) == 1 else None
        if signature is None:
            raise Refused(401, "signature_malformed")
        if not hmac.compare_digest(hmac.digest(key, body, hashlib.sha256), signature):
            raise Refused(401, "signature_mismatch")
    if standard is not None:
        signed = f"{identifier}.{timestamp}.".encode() + body
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        # Each is compared in constant time, and none is left out.
        matches = [
            hmac.compare_digest(expected, value.encode("latin-1", "replace"))
            for version, _comma, value in entries
            if version == "v1"
        ]
        if not any(matches):
            raise Refused(401, "signature_mismatch")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            raise Refused(401, "timestamp_missing")
        if abs(int(now) - int(timestamp)) > TOLERANCE:
            raise Refused(401, "timestamp_out_of_tolerance")


def read_event(body):
    """The event of an authentic body; None for an event type that is not known here."""
    if not body:
        raise Refused(400, "body_empty")
    try:
        text = body.decode("utf-8")
        payload = json.loads(text[1:] if text.startswith("\ufeff") else text, parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError):
        raise Refused(400, "body_not_json") from None
    if not isinstance(payload, dict):
        raise Refused(400, "payload_invalid")
    for name in ("taskId", "orderId"):
        value = payload.get(name, "present")
        # Ids are counted as JavaScript counts them, in units of UTF-16.
        if not isinstance(value, str) or not 1 <= len(value.encode("utf-16-le", "surrogatepass")) // 2 <= 255:
            raise Refused(400, "payload_invalid")
        if CONTROL.search(value):
            raise Refused(400, "payload_invalid")
    if not isinstance(payload.get("eventType"), str) or not payload.keys() & {"taskId", "orderId"}:
        raise Refused(400, "payload_invalid")
    if "taskId" in payload and "orderId" in payload and payload["taskId"] != payload["orderId"]:
        raise Refused(400, "task_id_mismatch")
    task = payload.get("taskId", payload.get("orderId"))
    return {"taskId": task, "eventType": payload["eventType"]} if payload["eventType"] in EVENTS else None


EVENTS = {
    "OrderCreated", "OrderDocumentUpdated", "OrderAccepted", "OrderSigned", "OrderRejected", "OrderCanceled",
    "OrderExpired", "OrderDueDateUpdated", "OrderSignersUpdated", "OrderDescriptionUpdated",
}  # fmt: skip


def _no_constant(name):
    raise ValueError(name)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds, for a body that does not come

    def do_POST(self):
        try:
            length = int(self.headers.get("content-length", "-1"))
            if not 0 <= length <= BODY_LIMIT:
                self.close_connection = True  # The body is left unread.
                raise Refused(413, "body_too_large")
            body = self.rfile.read(length)
            if len(body) < length:
                raise Refused(400, "body_unreadable")
            authenticate(KEY, self.headers, body, time.time())
            content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
            if content_type != "application/json":
                raise Refused(415, "content_type_unsupported")
            event = read_event(body)
            if event is not None:
                # Handle it here, or store it and handle it later: what is answered 2xx does not come again.
                print(json.dumps(event), flush=True)
            self.answer(204)
        except Refused as refused:
            self.answer(refused.status, refused.code)

    def answer(self, status, code=None):
        body = json.dumps({"status": status, "code": code}).encode() if code else b""
        self.send_response(status)
        if code:
            self.send_header("content-type", "application/problem+json")
        if status != 204:
            self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


try:
    KEY = read_key(os.environ["WEBHOOK_SECRET"])
except (KeyError, binascii.Error):
    sys.exit("WEBHOOK_SECRET must be set; after whsec_ it is Base64")

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Receiver)
    print(server.server_port, flush=True)
    server.serve_forever()
