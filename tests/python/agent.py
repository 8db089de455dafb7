"""Pays an oracle as an agent does that has everybody's x402 package and, for the oracle's scheme, a plug-in of a
few lines: asks without a payment, pays what is required with the payload it was given, and prints what the
package reads of it all."""

import json
import sys
import urllib.error
import urllib.request

from x402 import x402ClientSync
from x402.http.x402_http_client import x402HTTPClientSync

url, body, payload = sys.argv[1:]


class Channel:
    """The scheme. Who signs vouchers is no matter of x402: this one is signed already."""

    scheme = "usufruct-channel"

    def create_payment_payload(self, requirements):
        self.requirements = requirements
        return json.loads(payload)


def ask(headers):
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(url, body.encode(), headers)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    return answer.status, answer.headers, answer.read()


channel = Channel()
paying = x402ClientSync()
paying.register("polkadot:*", channel)
# What one request may cost; the package knows the value of dollars only.
asset = {"network": "polkadot:*", "asset": "UFR", "max_amount_per_payment": "1000000"}
paying.set_spend_controls({"allowed_assets": [asset]})
client = x402HTTPClientSync(paying)

status, headers, text = ask({})
required = client.get_payment_required_response(headers.get)
signed, paid = client.handle_402_response(dict(headers), text, url)
assert paid.accepted == channel.requirements == required.accepts[0]
told = {"refused": status, "required": required.model_dump(by_alias=True, exclude_none=True)}

status, headers, text = ask(signed)
settled = client.get_payment_settle_response(headers.get)
told |= {"answered": status, "settled": settled.model_dump(by_alias=True, exclude_none=True)}
print(json.dumps(told))
