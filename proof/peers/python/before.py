# SPDX-License-Identifier: Apache-2.0

"""Signs links and cookies with botocore. docs/migrate.md shows it."""

import json
import sys
from datetime import datetime, timezone

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

key_pair_id, key_file, start, end = sys.argv[1:]
start, end = (datetime.fromtimestamp(int(seconds), timezone.utc) for seconds in (start, end))

with open(key_file, "rb") as file:
    key = serialization.load_pem_private_key(file.read(), password=None)
signer = CloudFrontSigner(key_pair_id, lambda message: key.sign(message, PKCS1v15(), hashes.SHA1()))

report = signer.generate_presigned_url("https://cdn.example.com/report.pdf", date_less_than=end)
policy = signer.build_policy("https://cdn.example.com/videos/*", end, date_greater_than=start, ip_address="192.0.2.0/24")
trailer = signer.generate_presigned_url("https://cdn.example.com/videos/trailer.mp4", policy=policy)
# botocore has no cookies, so their values come from the query of a signed URL.
query = trailer.partition("?")[2]
cookies = dict(("CloudFront-" + parameter).split("=", 1) for parameter in query.split("&"))

print(json.dumps({"report": report, "trailer": trailer, "cookies": cookies}))
