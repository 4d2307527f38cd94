// SPDX-License-Identifier: Apache-2.0

package refusal

// An s3Error is what S3 means by a code, or by a part of a message.
type s3Error struct {
	code    string // empty: any
	part    string // of the message, in any case; empty: any
	meaning string // after "S3 refused: "
	mend    string
}

const (
	closedKey = "the object is encrypted with a key of AWS KMS which CloudFront may not use, or cannot, as with an origin access identity."
	mendKey   = "Use origin access control that signs requests, and let the key's policy allow kms:Decrypt to cloudfront.amazonaws.com for this distribution; see that the key is enabled."
)

// s3Errors begin with those whose message says more than the code.
//
// Source: "List of error codes" of Amazon S3, "Restrict access to an Amazon S3
// origin" and "HTTP 403 status code (Permission Denied)" of CloudFront.
var s3Errors = []s3Error{
	{
		"AccessDenied", "has expired",
		"a URL presigned for S3 has expired, which is another kind of signature than CloudFront's.",
		"For S3's own URLs presign again; for CloudFront sign with a key of a trusted key group, and the distribution's URL.",
	},
	{
		"AccessDenied", "headers present in the request which were not signed",
		"a URL presigned for S3 came with header fields that it does not cover, as it does by way of CloudFront.",
		"Use the distribution's own signed URLs together with origin access control, not S3's presigned ones.",
	},
	{"", "kms:", closedKey, mendKey}, // an action
	{"", "kms.", closedKey, mendKey}, // KMS.DisabledException and others
	{"", "aws kms", closedKey, mendKey},
	{
		"AccessDenied", "is not authorized to perform",
		"the message names an action that whoever asked may not do.",
		"Allow that action in the bucket's policy (or in the key's, if it is one of KMS) to the distribution's origin access control, and look for a Deny.",
	},
	{
		"AccessDenied", "",
		"likely the bucket's policy does not let CloudFront read, or there is no such object and CloudFront may not list the bucket, or the object's KMS key is closed to CloudFront. S3 says the same of all.",
		"See that the object exists under exactly this key (origin path, case, encoding, a missing index.html), and that the bucket's policy allows s3:GetObject to the distribution's origin access control; with s3:ListBucket S3 answers 404 for what is missing.",
	},
	{
		"NoSuchKey", "",
		"there is no such object.",
		"Compare the path, with the origin path before it, with the object's key: case, encoding, and a missing index.html.",
	},
	{
		"NoSuchBucket", "",
		"there is no such bucket.",
		"Name an existing bucket as the origin of the behavior.",
	},
	{
		"SignatureDoesNotMatch", "",
		"it does not mean CloudFront's signature but one of AWS's own, from a presigned URL, from the viewer's Authorization header, or from origin access control.",
		"Forward neither Host nor Authorization to an S3 origin, and do not mix S3's presigned URLs with CloudFront's.",
	},
	{
		"InvalidAccessKeyId", "",
		"it took the request for one that is signed with an access key of AWS. A key pair ID of CloudFront is none.",
		"Request the distribution's URL, and do not rename Key-Pair-Id to AWSAccessKeyId.",
	},
	{
		"AuthorizationQueryParametersError", "",
		"the parameters X-Amz-... of a presigned URL are wrong. Those of CloudFront have other names.",
		"Request the distribution's signed URL, without X-Amz-... parameters.",
	},
	{
		"AuthorizationHeaderMalformed", "",
		"CloudFront, or a header that it forwarded, signed for another region than the bucket's.",
		"Name the bucket with its region as the origin (BUCKET.s3.REGION.amazonaws.com), and wait for a bucket that was moved.",
	},
	{
		"InvalidRequest", "authorization mechanism",
		"it wants AWS Signature Version 4: likely the origin has an origin access identity, or the viewer's Authorization header reached S3.",
		"Use origin access control that signs requests, and do not forward Authorization.",
	},
	{
		"AllAccessDisabled", "",
		"all access to the bucket has been disabled.",
		"Ask AWS, and look for notices about the account; no signature mends this.",
	},
	{
		"InvalidObjectState", "",
		"the object is archived.",
		"Restore the object, or move it to a storage class that can be read at once.",
	},
	{
		"PermanentRedirect", "",
		"the bucket is in another region than the one that was asked.",
		"Name the bucket with its region as the origin (BUCKET.s3.REGION.amazonaws.com).",
	},
	{
		"TemporaryRedirect", "",
		"the bucket is new, and its name leads to another region until all name servers know it. Viewers who follow arrive at S3 without CloudFront.",
		"Name the bucket with its region as the origin (BUCKET.s3.REGION.amazonaws.com), or wait some hours.",
	},
	{
		"SlowDown", "",
		"there are too many requests at once.",
		"Try again later, and raise the times for which CloudFront keeps the objects.",
	},
}

// s3Unread stands in for an error whose body is missing.
var s3Unread = s3Error{
	meaning: "the body, which would say why, is missing.",
	mend:    mendNoBody,
}

// s3 knows the XML of S3 by the IDs of the request, by its header, or by its words.
func s3(a answer) (Refusal, bool) {
	if !a.xml.found() || a.xml.api {
		return Refusal{}, false
	}
	if !a.xml.ids && !a.signs.byS3() && a.xml.message != "Access Denied" {
		return Refusal{}, false
	}
	if contains(a.xml.message, "Signature, Expires and AWSAccessKeyId") {
		return unsignedS3(a), true
	}
	for _, known := range s3Errors {
		if (known.code == "" || known.code == a.xml.code) && contains(a.xml.code+" "+a.xml.message, known.part) {
			return s3Refusal(a, known), true
		}
	}
	return s3Refusal(a, s3Error{
		meaning: "the code says why.",
		mend:    "Look the code up in S3's list of error codes; signing again does not help.",
	}), true
}

// s3Refusal says, too, what a refusal of S3's tells of the signature. It tells
// something only if CloudFront asked S3.
func s3Refusal(a answer, e s3Error) Refusal {
	r := Refusal{Source: S3, Mend: e.mend}
	switch {
	case a.signs.through && !a.xml.ids && !a.signs.byS3():
		r.Meaning = "By its words this is likely S3, which CloudFront asks only after the check of signatures; but neither the IDs of a request nor the header are S3's. S3 refused: " + e.meaning
	case a.signs.through:
		r.Signature = Passed
		r.Meaning = "The signature was accepted, or the behavior asks for none: CloudFront asks S3 only then. S3 refused: " + e.meaning
	case a.signs.known:
		r.Meaning = "S3 refused, and no header field is CloudFront's: likely the request went to S3 itself, where CloudFront's signatures count for nothing. S3 refused: " + e.meaning
	default:
		r.Meaning = "S3 answers like this, not CloudFront's check of signatures: if the request went to CloudFront, the signature was accepted, or the behavior asks for none. S3 refused: " + e.meaning
	}
	return r
}

// unsignedS3 is S3's answer to CloudFront's parameters, which it took for its own.
// CloudFront removes them where it checks them.
//
// Source: "Cache content based on query string parameters".
func unsignedS3(a answer) Refusal {
	const (
		meaning  = "CloudFront's signing parameters reached S3, which took them for its own. "
		restrict = "Restrict viewer access in the first behavior whose path pattern matches, with a trusted key group."
		request  = "Sign and request the distribution's URL, not the bucket's."
	)
	r := Refusal{Source: S3}
	switch {
	case a.signs.through:
		r.Meaning = meaning + "CloudFront removes them where it checks them: likely the behavior of this path does not restrict viewer access, and nothing was checked."
		r.Mend = restrict
	case a.signs.known:
		r.Meaning = meaning + "No header field is CloudFront's: likely the request went to S3 itself."
		r.Mend = request + " If it was, CloudFront may have passed on a redirect of S3's: name the bucket with its region as the origin."
	default:
		r.Meaning = meaning + "Either the URL is the bucket's, or the behavior does not restrict viewer access, and nothing was checked."
		r.Mend = request + " " + restrict
	}
	return r
}
