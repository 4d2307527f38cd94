// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/internal/test/vectors"
	"github.com/cfsign/cfsign/policy"
)

// sentinels maps the names in the vectors to the errors they stand for.
var sentinels = map[string]error{
	"ErrScheme": policy.ErrScheme, "ErrUserInfo": policy.ErrUserInfo, "ErrHost": policy.ErrHost,
	"ErrPort": policy.ErrPort, "ErrPath": policy.ErrPath, "ErrDotSegment": policy.ErrDotSegment, "ErrEmptySegment": policy.ErrEmptySegment, "ErrReading": policy.ErrReading,
	"ErrQuery": policy.ErrQuery, "ErrReservedName": policy.ErrReservedName, "ErrFragment": policy.ErrFragment,
	"ErrCharacter": policy.ErrCharacter, "ErrWildcard": policy.ErrWildcard, "ErrTooLong": policy.ErrTooLong,
	"ErrSegment": policy.ErrSegment, "ErrNotDirectory": policy.ErrNotDirectory, "ErrNotCovered": policy.ErrNotCovered,
	"ErrNoExpiry": policy.ErrNoExpiry, "ErrTime": policy.ErrTime, "ErrTimeOrder": policy.ErrTimeOrder,
	"ErrSourceIP": policy.ErrSourceIP, "ErrSyntax": policy.ErrSyntax, "ErrUnknownMember": policy.ErrUnknownMember,
	"ErrRepeatedMember": policy.ErrRepeatedMember, "ErrStatements": policy.ErrStatements, "ErrNoResource": policy.ErrNoResource,
}

// equate lets cmp compare this package's values with ==.
var equate = cmpopts.EquateComparable(policy.Resource{}, policy.Policy{})

// checkRefusal fails unless err is an *Error for the named reason whose text
// has the advice. It fails for every other sentinel as well, so that none is
// returned for two reasons.
func checkRefusal(t *testing.T, err error, refused, advice string) {
	t.Helper()
	var typed *policy.Error
	if !errors.As(err, &typed) || typed.Field == "" {
		t.Fatalf("got error %v (%T), want a *policy.Error with a field", err, err)
	}
	for name, sentinel := range sentinels {
		if is := errors.Is(err, sentinel); is != (name == refused) {
			t.Errorf("errors.Is(%q, %s) = %t, want %t", err, name, is, !is)
		}
	}
	if !strings.Contains(err.Error(), advice) {
		t.Errorf("error %q does not say %q", err, advice)
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
