// SPDX-License-Identifier: Apache-2.0

package refusal

// A Refusal is what a response says. All texts are printable, in one line, and
// without anything that looks like a credential.
type Refusal struct {
	// Source is whose refusal it is.
	Source Source
	// Signature is what it tells of the check of signatures.
	Signature Verdict
	// Code is that of CloudFront's or S3's XML, such as "MissingKey". Empty: there
	// is none.
	Code string
	// Message is that of the response, shortened. Empty: there is none.
	Message string
	// Meaning says what this tells of the signature.
	Meaning string
	// Mend says what to do.
	Mend string
	// Explanation is that of a local edge, which has a header for it. Empty: there
	// is none, and nothing says that the response is not CloudFront's own.
	Explanation string
}

// Of judges r. It never fails: where the response does not say enough, the source is
// [Unknown]. Of a body it reads the first [MaxSize] bytes. The names of r.Header are
// canonical, as http.Header.Add writes them.
func Of(r Response) Refusal {
	a := answerOf(r)
	refusal := a.judge()
	refusal.Code = a.xml.code
	if refusal.Message == "" {
		refusal.Message = a.message()
	}
	refusal.Message = printable(refusal.Message, longestMessage)
	refusal.Explanation = printable(r.Header.Get("Cfsign-Explanation"), longestExplanation)
	return refusal
}

// judge asks everybody who knows some answers, those with the surest signs first.
func (a answer) judge() Refusal {
	for _, judge := range []func(answer) (Refusal, bool){
		edgeFunction, keyCheck, s3, awsAPI, geographic, cloudFrontPage, bodiless, redirect,
		delivered, errorPage, apiGateway, origin, stranger, unnamed,
	} {
		if refusal, ok := judge(a); ok {
			return refusal
		}
	}
	return Refusal{
		Source:  Unknown,
		Meaning: "The response has no sign of CloudFront, of S3 or of another server that is known here: it says nothing of the signature.",
		Mend:    "Save the whole response with its header fields: curl -i, with the URL in quotation marks.",
	}
}
