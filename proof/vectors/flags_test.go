// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"slices"

	"github.com/cfsign/cfsign/internal/test/vectors"
)

// A flagNote says what a test is about.
type flagNote struct {
	Meaning string `json:"meaning"`
	// MayDiffer: an implementation that decides otherwise is not wrong for it.
	MayDiffer bool `json:"may_differ"`
}

const (
	undocumented = "Undocumented"
	legacySHA1   = "LegacySHA1"
	notOverHTTP  = "NotOverHTTP"
	strict       = "Strict"
)

var flags = map[string]flagNote{
	"AmbiguousDocs": {"CloudFront's pages contradict each other here, or can be read in two ways. cfsign accepts only what every reading accepts.", true},
	undocumented:    {"No page says what CloudFront does. The result, and the code if there is one, are cfsign's: it refuses where some reader would.", true},
	strict:          {"CloudFront may accept it. cfsign refuses on purpose, or writes it in another form, because it is more often a mistake or an attack than meant.", true},

	"Base64":           {"CloudFront's own alphabet: standard base64 with padding, where + = / became - _ ~. One spelling per value.", false},
	"Canned":           {"A canned policy is not sent: it is rebuilt from the requested URL and the expiry, byte by byte.", false},
	"ClientRewrites":   {"Browsers or other clients would send something else than what is written here, so that signed and requested URL would differ.", false},
	"DotSegments":      {"A path segment of one or two dots, in any spelling: clients or origins resolve it, and the result is another file.", false},
	"Encoding":         {"Percent-encoding. Nothing is decoded or normalised before URLs are compared.", false},
	"Forgery":          {"The signature is not that of the named key over these bytes.", false},
	"HashName":         {"The value of Hash-Algorithm is SHA1 or SHA256, in exactly this spelling. Absent means SHA1.", false},
	"Incomplete":       {"Something that every signed request needs is absent or empty.", false},
	"Injection":        {"Data that would become part of the policy's or the query's structure if it were not refused or escaped.", false},
	"KeyIdentity":      {"Which key: its ID, its kind, and that the ID and the key belong together.", false},
	"Limits":           {"At or beyond a limit on length.", false},
	"Literal":          {"No wildcard: the URLs are compared byte by byte.", false},
	"LostRestriction":  {"A reader that skips what it does not understand would lose a restriction. Present but empty never means absent.", false},
	"MalformedPolicy":  {"Not JSON, or values of a type that a policy does not have.", false},
	"Normal":           {"An ordinary case.", false},
	"NotAURL":          {"Not an absolute http or https URL.", false},
	"PolicyBytes":      {"The signature is over the exact bytes of the policy: order, white space and escapes are kept as they are.", false},
	"PolicyReaders":    {"JSON readers in use understand the document differently: repeated names, names in another case, unknown names, numbers.", false},
	"Precedence":       {"One of the reserved names in the query makes it a signed URL. The cookies do not count any more.", false},
	"Repeated":         {"The same parameter or cookie twice, or two that exclude each other.", false},
	"ReservedNames":    {"Expires, Policy, Signature, Key-Pair-Id and Hash-Algorithm belong to CloudFront, with this case.", false},
	"Sections":         {"A URL has four sections (scheme, host, path, query), and a wildcard matches within its own.", false},
	"Time":             {"Epoch seconds: whole numbers, the second of expiry is too late, the second of the start too early.", false},
	"ViewerIP":         {"One range of IPv4. An address that is unknown, or IPv6, is in no range.", false},
	"WildcardWidening": {"If this went wrong, a viewer would get more than was named.", false},

	legacySHA1:  {"Needs SHA-1, which is CloudFront's default where no hash is named. Skip it where SHA-1 is not available.", false},
	notOverHTTP: {"Usual clients or servers cannot carry it. Give it to the verifier's own function.", false},
}

// flagsOf are those that the case has by judgement, and those that follow from it.
func flagsOf(judged vectors.Flags, more map[string]bool) []string {
	all := slices.Clone([]string(judged))
	for name, has := range more {
		if has {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
