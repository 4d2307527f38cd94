// SPDX-License-Identifier: Apache-2.0

package refusal

// A Source is the party that refused. Its text is stable, for programs that read the
// output; [Source.Words] has those for people. Any other value, the zero value too,
// is none that [Of] returns.
type Source string

// The parties that may refuse.
const (
	// Unknown is anybody: the response does not say.
	Unknown Source = "unknown"
	// Firewall is AWS WAF, or CloudFront's geographic restriction.
	Firewall Source = "firewall"
	// Signatures is CloudFront's check of signatures.
	Signatures Source = "signatures"
	// CloudFront is CloudFront for another reason.
	CloudFront Source = "cloudfront"
	// EdgeFunction is a CloudFront function or Lambda@Edge.
	EdgeFunction Source = "edge-function"
	// ErrorPage is a page of the site in place of the refusal, which hides whose it
	// is.
	ErrorPage Source = "error-page"
	// S3 is Amazon S3, or a store that speaks like it.
	S3 Source = "s3"
	// OtherServer is an origin that is not S3, or a server that has nothing to do
	// with CloudFront.
	OtherServer Source = "other-server"
	// Nobody means that the response is no refusal.
	Nobody Source = "nobody"
)

// Words returns s as it stands in a sentence, "somebody unknown" for values that
// are not a source.
func (s Source) Words() string {
	switch s {
	case Firewall:
		return "AWS WAF or a geographic restriction"
	case Signatures:
		return "CloudFront's check of signatures"
	case CloudFront:
		return "CloudFront itself, not its check of signatures"
	case EdgeFunction:
		return "a function at the edge"
	case ErrorPage:
		return "somebody behind an error page of the site"
	case S3:
		return "S3"
	case OtherServer:
		return "another server"
	case Nobody:
		return "nobody"
	}
	return "somebody unknown"
}
