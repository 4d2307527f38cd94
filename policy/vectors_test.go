// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/internal/test/vectors"
	"github.com/cfsign/cfsign/policy"
)

// sentinels are the reasons that each sentinel stands for.
var sentinels = map[error][]policy.Reason{
	policy.ErrURL: {
		"scheme", "user_info", "host", "port", "path", "dot_segment", "empty_segment", "reading", "query", "reserved_name", "fragment", "character",
	},
	policy.ErrTooLong:      {"too_long"},
	policy.ErrWildcard:     {"wildcard"},
	policy.ErrSegment:      {"segment"},
	policy.ErrNotDirectory: {"not_directory"},
	policy.ErrNotCovered:   {"not_covered"},
	policy.ErrExpiry:       {"no_expiry", "time", "time_order"},
	policy.ErrSourceIP:     {"source_ip"},
	policy.ErrDocument:     {"syntax", "unknown_member", "repeated_member", "statements", "no_resource"},
}

// equate lets cmp compare this package's values with ==.
var equate = cmpopts.EquateComparable(policy.Resource{}, policy.Policy{})

// checkRefusal fails unless err is an *Error for the reason whose text has the advice. It
// also fails for every other reason and sentinel, so that no error stands for two.
func checkRefusal(t *testing.T, err error, refused, advice string) {
	t.Helper()
	var typed *policy.Error
	if !errors.As(err, &typed) || typed.Field == "" || typed.Problem == "" {
		t.Fatalf("got error %v (%T), want a *policy.Error with a field and a problem", err, err)
	}
	if diff := cmp.Diff(refused, string(typed.Reason)); diff != "" {
		t.Errorf("reason of %q (-want +got):\n%s", err, diff)
	}
	for sentinel, reasons := range sentinels {
		if is := errors.Is(err, sentinel); is != slices.Contains(reasons, policy.Reason(refused)) {
			t.Errorf("errors.Is(%q, %q) = %t, want %t", err, sentinel, is, !is)
		}
		for _, reason := range reasons {
			if is := errors.Is(err, reason); is != (reason == policy.Reason(refused)) {
				t.Errorf("errors.Is(%q, %q) = %t, want %t", err, reason, is, !is)
			}
		}
	}
	if !strings.Contains(err.Error(), advice) {
		t.Errorf("error %q does not say %q", err, advice)
	}
	checkText(t, err)
}

// checkText fails if err has more than two colons after the name of the package, apart from
// those of URLs and in quotation marks, or ends in a full stop.
func checkText(t *testing.T, err error) {
	t.Helper()
	text, ok := strings.CutPrefix(err.Error(), "policy: ")
	if !ok || strings.Count(text, ": ") > 2 || strings.HasSuffix(text, ".") {
		t.Errorf("the form of the error is not right: %q", err)
	}
}

// TestReasons: the comment of Reason lists every reason below its sentinel.
func TestReasons(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	_, comment, _ := strings.Cut(string(source), "// A Reason says")
	comment, _, _ = strings.Cut(comment, "type Reason string")
	for _, reasons := range sentinels {
		for _, reason := range reasons {
			if !strings.Contains(comment, "- "+string(reason)+": ") && len(reasons) > 1 || !strings.Contains(comment, string(reason)) {
				t.Errorf("the comment does not list %s", reason)
			}
		}
	}
}

func TestURLVectors(t *testing.T) {
	expires := time.Unix(1767290400, 0)
	for _, tt := range vectors.URLs(t) {
		t.Run(tt.ID, func(t *testing.T) {
			r, err := policy.URL(tt.URL)
			p, cannedErr := policy.Canned(tt.URL, expires)
			checkErr := allURLs(t).Check(tt.URL)
			matches := allURLs(t).Matches(tt.URL)
			if tt.Refused != "" {
				checkRefusal(t, err, tt.Refused, tt.Advice)
				checkRefusal(t, cannedErr, tt.Refused, tt.Advice)
				checkRefusal(t, checkErr, tt.Refused, tt.Advice)
				if matches {
					t.Errorf("Matches is true for a URL that is refused because %s", tt.Reason)
				}
				if diff := cmp.Diff(policy.Resource{}, r, equate); diff != "" {
					t.Errorf("resource beside an error (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil || cannedErr != nil || checkErr != nil || !matches {
				t.Fatalf("refused although %s: URL %v, Canned %v, Check %v, Matches %t", tt.Reason, err, cannedErr, checkErr, matches)
			}
			if diff := cmp.Diff(tt.URL, r.String()); diff != "" {
				t.Errorf("the resource is not what was passed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(r, p.Resource(), equate); diff != "" {
				t.Errorf("resource of the canned policy (-want +got):\n%s", diff)
			}
			if !r.Matches(tt.URL) {
				t.Error("the resource does not match its own URL")
			}
		})
	}
}

func TestDocumentVectors(t *testing.T) {
	for _, tt := range vectors.Documents(t) {
		t.Run(tt.ID, func(t *testing.T) {
			p, err := policy.Parse([]byte(tt.Document))
			if tt.Refused != "" {
				checkRefusal(t, err, tt.Refused, tt.Advice)
				if diff := cmp.Diff(policy.Policy{}, p, equate); diff != "" {
					t.Errorf("policy beside an error (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatalf("refused although %s: %v", tt.Reason, err)
			}
			if diff := cmp.Diff(tt.Document, string(p.JSON())); diff != "" {
				t.Errorf("the received bytes were not kept (-want +got):\n%s", diff)
			}
			if p.IsCanned() {
				t.Error("a policy that was sent is a custom one")
			}
		})
	}
}

func TestMatchVectors(t *testing.T) {
	for _, tt := range vectors.Matches(t) {
		t.Run(tt.ID, func(t *testing.T) {
			r, err := policy.PatternAnyHostFromConfig(tt.Resource)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.Covered, r.Matches(tt.URL)); diff != "" {
				t.Errorf("Matches, where %s (-want +got):\n%s", tt.Reason, diff)
			}
			if diff := cmp.Diff(tt.Covered, r.Check(tt.URL) == nil); diff != "" {
				t.Errorf("Check, where %s (-want +got):\n%s", tt.Reason, diff)
			}
			if diff := cmp.Diff(tt.Covered, slowMatch(tt.Resource, tt.URL)); diff != "" {
				t.Errorf("the slow reference, where %s (-want +got):\n%s", tt.Reason, diff)
			}
		})
	}
}

// allURLs returns the resource that covers every URL.
func allURLs(t testing.TB) policy.Resource {
	t.Helper()
	r, err := policy.PatternAnyHost("*")
	if err != nil {
		t.Fatal(err)
	}
	return r
}
