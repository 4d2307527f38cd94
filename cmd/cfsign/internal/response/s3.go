// SPDX-License-Identifier: Apache-2.0

package response

// An s3Error is the meaning of a code of S3, or of a part of its message.
type s3Error struct {
	code    string // empty: any
	part    string // of code and message, regardless of case; empty: any
	meaning string // after "S3 refused: "
	fix     string
}

const (
	closedKey = "the object is encrypted with an AWS KMS key that CloudFront may not use, or cannot use, as with an origin access identity."
	fixKey    = "Use origin access control that signs requests, and allow kms:Decrypt to cloudfront.amazonaws.com for this distribution in the key's policy. Check that the key is enabled."
)

// s3Errors are the known errors. Errors whose message says more than the code come first.
//
// Sources: "Error responses", list of error codes,
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; "Restrict access to
// an Amazon S3 origin",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html;
// and "HTTP 403 status code (Permission Denied)",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html.
var s3Errors = []s3Error{
	{
		"AccessDenied", "has expired",
		"a URL presigned for S3 has expired. That is not a signature of CloudFront.",
		"For S3's own URLs, presign again. For CloudFront, sign the distribution's URL with a key of a trusted key group.",
	},
	{
		"AccessDenied", "headers present in the request which were not signed",
		"a URL presigned for S3 came with header fields that it does not cover. CloudFront adds such fields.",
		"Use the distribution's own signed URLs together with origin access control, not S3's presigned ones.",
	},
	{"", "kms:", closedKey, fixKey}, // an action
	{"", "kms.", closedKey, fixKey}, // KMS.DisabledException and others
	{"", "aws kms", closedKey, fixKey},
	{
		"AccessDenied", "is not authorized to perform",
		"the message names an action that the requester may not perform.",
		"Allow that action to the distribution's origin access control in the bucket's policy (or in the key's policy, for KMS), and look for a Deny.",
	},
	{
		"AccessDenied", "",
		"likely the bucket's policy does not let CloudFront read, or the object does not exist and CloudFront may not list the bucket, or CloudFront may not use the object's KMS key. S3 gives the same answer to all of these.",
		"Check that the object exists under exactly this key (origin path, case, encoding, a missing index.html), and that the bucket's policy allows s3:GetObject to the distribution's origin access control. With s3:ListBucket, S3 answers 404 for a missing object.",
	},
	{
		"NoSuchKey", "",
		"the bucket has no such object.",
		"Compare the path, with the origin path before it, with the object's key: case, encoding, and a missing index.html.",
	},
	{
		"NoSuchBucket", "",
		"no such bucket exists.",
		"Name an existing bucket as the origin of the behavior.",
	},
	{
		"SignatureDoesNotMatch", "",
		"it does not mean CloudFront's signature, but one of AWS's own: from a presigned URL, the viewer's Authorization header, or origin access control.",
		"Forward neither Host nor Authorization to an S3 origin, and do not mix S3's presigned URLs with CloudFront's.",
	},
	{
		"InvalidAccessKeyId", "",
		"it expected the ID of an AWS access key. A key pair ID of CloudFront is not an access key.",
		"Request the distribution's URL, and do not rename Key-Pair-Id to AWSAccessKeyId.",
	},
	{
		"AuthorizationQueryParametersError", "",
		"the X-Amz-... parameters of a presigned URL are wrong. CloudFront's parameters have other names.",
		"Request the distribution's signed URL, without X-Amz-... parameters.",
	},
	{
		"AuthorizationHeaderMalformed", "",
		"CloudFront, or a forwarded header, signed for another region than the bucket's.",
		"Name the bucket with its region as the origin (BUCKET.s3.REGION.amazonaws.com), and wait if the bucket was moved.",
	},
	{
		"InvalidRequest", "authorization mechanism",
		"it wants AWS Signature Version 4: likely the origin has an origin access identity, or the viewer's Authorization header reached S3.",
		"Use origin access control that signs requests, and do not forward Authorization.",
	},
	{
		"AllAccessDisabled", "",
		"all access to the bucket has been disabled.",
		"Ask AWS, and look for notices about the account. No signature fixes this.",
	},
	{
		"InvalidObjectState", "",
		"the object is archived.",
		"Restore the object, or move it to a storage class with instant access.",
	},
	{
		"PermanentRedirect", "",
		"the bucket is in another region than the one in the request.",
		"Name the bucket with its region as the origin (BUCKET.s3.REGION.amazonaws.com).",
	},
	{
		"TemporaryRedirect", "",
		"the bucket is new, and its name leads to another region until all name servers know it. Viewers that follow the redirect reach S3 without CloudFront.",
		"Name the bucket with its region as the origin (BUCKET.s3.REGION.amazonaws.com), or wait some hours.",
	},
	{
		"SlowDown", "",
		"too many requests arrived at once.",
		"Try again later, and let CloudFront cache the objects for longer.",
	},
}

// s3WithoutBody stands for an error whose body is missing.
var s3WithoutBody = s3Error{
	meaning: "the body, which would say why, is missing.",
	fix:     fixNoBody,
}

// s3 recognizes the XML of S3 by the IDs of the request, the header, or its words.
func s3(a answer) (Finding, bool) {
	if !a.xml.found() || a.xml.api {
		return Finding{}, false
	}
	if !a.xml.ids && !a.signs.byS3() && a.xml.message != "Access Denied" {
		return Finding{}, false
	}
	if contains(a.xml.message, "Signature, Expires and AWSAccessKeyId") {
		return unsignedS3(a), true
	}
	for _, known := range s3Errors {
		if (known.code == "" || known.code == a.xml.code) && contains(a.xml.code+" "+a.xml.message, known.part) {
			return s3Finding(a, known), true
		}
	}
	return s3Finding(a, s3Error{
		meaning: "the code says why.",
		fix:     "Look the code up in S3's list of error codes. Signing again does not help.",
	}), true
}

// s3Finding adds what the error says about the signature. It says something only if
// CloudFront asked S3.
func s3Finding(a answer, e s3Error) Finding {
	f := Finding{Source: S3, Fix: e.fix}
	switch {
	case a.signs.through && !a.xml.ids && !a.signs.byS3():
		f.Meaning = "By its words this is likely S3, which CloudFront asks only after the check of signatures. But the response has neither S3's request IDs nor its header fields. S3 refused: " + e.meaning
	case a.signs.through:
		f.Signature = Passed
		f.Meaning = "The signature was accepted, or the behavior does not require one: CloudFront asks S3 only then. S3 refused: " + e.meaning
	case a.signs.known:
		f.Meaning = "No header field is CloudFront's: likely the request went to S3 itself, where CloudFront's signatures have no effect. S3 refused: " + e.meaning
	default:
		f.Meaning = "S3 answers like this, not CloudFront's check of signatures: if the request went to CloudFront, the signature was accepted, or the behavior does not require one. S3 refused: " + e.meaning
	}
	return f
}

// unsignedS3 is S3's answer to CloudFront's parameters, which S3 mistakes for its own.
// CloudFront removes the parameters if it checks them.
//
// Source: "Cache content based on query string parameters",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/QueryStringParameters.html.
func unsignedS3(a answer) Finding {
	const (
		meaning  = "CloudFront's signing parameters reached S3, which mistook them for its own. "
		restrict = "Restrict viewer access in the first behavior whose path pattern matches, with a trusted key group."
		request  = "Sign and request the distribution's URL, not the bucket's."
	)
	f := Finding{Source: S3}
	switch {
	case a.signs.through:
		f.Meaning = meaning + "CloudFront removes them if it checks them: likely the behavior of this path does not restrict viewer access, and nothing was checked."
		f.Fix = restrict
	case a.signs.known:
		f.Meaning = meaning + "No header field is CloudFront's: likely the request went to S3 itself."
		f.Fix = request + " If you did, CloudFront may have passed on a redirect of S3: name the bucket with its region as the origin."
	default:
		f.Meaning = meaning + "Either the URL is the bucket's, or the behavior does not restrict viewer access, and nothing was checked."
		f.Fix = request + " " + restrict
	}
	return f
}
