# SPDX-License-Identifier: Apache-2.0

"""Measures botocore's CloudFrontSigner for the Go program two folders up.

It reads jobs from stdin and prints results, each one JSON value on a line. The
first job sets up; the others do one kind of work once, for its output, or as
often as fits into a time.
"""

import base64
import json
import platform
import sys
import time
from datetime import datetime, timezone


def reply(value):
    print(json.dumps(value), flush=True)


try:
    import botocore
    import cryptography
    from botocore.signers import CloudFrontSigner
    from cryptography.hazmat.backends.openssl import backend
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding
except ImportError as error:
    reply({"missing": error.name or "botocore", "error": str(error)})
    sys.exit(0)


def operation_of(pem):
    """Return the key's operation with SHA-1: the URLs name no hash, and
    CloudFront takes that for SHA-1."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: key.sign(message, ec.ECDSA(hashes.SHA1()))
    return lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1())


def work_of(job, pem):
    """Return the kinds of work with one key. botocore has no cookies."""
    operation = operation_of(pem)
    signer = CloudFrontSigner(job["keyPairId"], operation)
    expires = datetime.fromtimestamp(job["expires"], timezone.utc)
    url, urls, policy = job["url"], job["urls"], job["policy"]
    message = policy.encode()
    count = 0

    def thousand():
        nonlocal count
        count += 1
        return {"url": signer.generate_presigned_url(urls[(count - 1) % len(urls)], policy=policy)}

    return {
        "key": lambda: {"signature": operation(message), "hash": "SHA1"},
        "canned": lambda: {"url": signer.generate_presigned_url(url, date_less_than=expires)},
        "custom": lambda: {"url": signer.generate_presigned_url(url, policy=policy)},
        "thousand": thousand,
    }


def measure(operation, limit):
    start = time.perf_counter_ns()
    count = elapsed = 0
    batch = 1
    while elapsed < limit:
        for _ in range(batch):
            operation()
        count += batch
        elapsed = time.perf_counter_ns() - start
        # Large enough batches that reading the clock costs nothing, small
        # enough that the time is kept.
        if elapsed * batch // count < limit // 50:
            batch *= 2
    return {"count": count, "nanoseconds": elapsed}


work = {}


def answer(job):
    if "setUp" in job:
        for algorithm, pem in job["setUp"]["keys"].items():
            work[algorithm] = work_of(job["setUp"], pem)
        return {
            "versions": {
                "Python": platform.python_version(),
                "botocore": botocore.__version__,
                "cryptography": cryptography.__version__,
                "OpenSSL in cryptography": backend.openssl_version_text().split()[1],
            }
        }
    operation = work.get(job["algorithm"], {}).get(job["row"])
    if operation is None:
        return {"error": f"no such work: {job['algorithm']}/{job['row']}"}
    if job.get("nanoseconds"):
        return measure(operation, job["nanoseconds"])
    output = operation()
    if "signature" in output:
        output["signature"] = base64.b64encode(output["signature"]).decode()
    return output


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # it belongs to the job, and others may follow
        result = {"error": f"{type(error).__name__}: {error}"}
    reply(result)
