// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/policy"
)

func checkField(t *testing.T, err error, want string) {
	t.Helper()
	var typed *policy.Error
	if !errors.As(err, &typed) {
		t.Fatal(err)
	}
	field := string(typed.Field)
	if typed.Segment > 0 {
		field += " " + strconv.Itoa(typed.Segment)
	}
	if diff := cmp.Diff(want, field); diff != "" {
		t.Errorf("field (-want +got):\n%s", diff)
	}
}

// TestAlternative: what a caller shows instead of a function of Go is apart from the advice.
func TestAlternative(t *testing.T) {
	literal := "use UnderForLiteralOrigin if the origin takes names literally, as S3 does"
	tests := []struct {
		name string
		err  func() error
		want policy.Error
	}{
		{
			"wildcard in a URL", func() error { _, err := policy.URL(host + "/*"); return err },
			policy.Error{Field: policy.FieldURL, Reason: "wildcard", Alternative: "use Directory, Under or Pattern if it is meant"},
		},
		{
			"wildcard in a host", func() error { _, err := policy.Pattern("https://*/a"); return err },
			policy.Error{Field: policy.FieldPattern, Reason: "wildcard", Alternative: "use PatternAnyHost if every host is meant"},
		},
		{
			"second question mark", func() error { _, err := policy.Pattern(host + "/a?b?c"); return err },
			policy.Error{Field: policy.FieldPattern, Reason: "wildcard"},
		},
		{
			"directory", func() error { _, err := policy.Directory(host + "/bob;x/"); return err },
			policy.Error{Field: policy.FieldBaseURL, Reason: "reading", Alternative: literal},
		},
	}
	for _, tt := range tests {
		var got *policy.Error
		if !errors.As(tt.err(), &got) {
			t.Fatalf("%s: not refused", tt.name)
		}
		if diff := cmp.Diff(tt.want, *got, cmpopts.IgnoreUnexported(policy.Error{}), cmpopts.IgnoreFields(policy.Error{}, "Problem", "Advice")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if got.Problem == "" || got.Advice == "" {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// TestErrorsKeepQueries passes URLs that carry credentials by mistake.
func TestErrorsKeepQueries(t *testing.T) {
	secret := "SeCrEt~SiGnAtUrE_"
	folder, err := policy.Directory(host + "/u/7/")
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Check(host + "/u/8/a&Signature=" + secret); strings.Contains(err.Error(), secret) {
		t.Errorf("%v repeats what was written as a query", err)
	}
	r, err := policy.URL(host + "/a?token=" + secret)
	if err != nil {
		t.Fatal(err)
	}
	_, tooLong := policy.URL(host + "/" + strings.Repeat("a", 8192) + "?Signature=" + secret)
	_, signed := policy.URL(host + "/a?Expires=1&Signature=" + secret + "&Key-Pair-Id=K1")
	_, fragment := policy.URL(host + "/a?Signature=" + secret + "#x")
	_, character := policy.URL(host + "/a?Signature=" + secret + " ")
	_, password := policy.URL("https://alice:" + secret + "@cdn.example.com/a")
	_, scheme := policy.URL("HTTPS://cdn.example.com/a?Signature=" + secret)
	_, directory := policy.Directory(host + "/a?x=" + secret)
	_, document := policy.Parse([]byte(`{"Policy":"` + secret + `"}`))
	for i, err := range []error{tooLong, signed, fragment, character, password, scheme, directory, document, r.Check(host + "/a")} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("error %d: %v", i, err)
		}
	}
}

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
