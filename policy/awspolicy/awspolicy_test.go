// SPDX-License-Identifier: Apache-2.0

package awspolicy_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/policy/awspolicy"
)

var (
	expires   = time.Unix(1767290400, 0).UTC()
	notBefore = time.Unix(1767200000, 0).UTC()
	equate    = cmpopts.EquateComparable(policy.Policy{})
)

const resource = "https://cdn.example.com/u/7/*"

// statement returns an SDK policy with one statement.
func statement(resource string, c sign.Condition) *sign.Policy {
	return &sign.Policy{Statements: []sign.Statement{{Resource: resource, Condition: c}}}
}

func epoch(t time.Time) *sign.AWSEpochTime { return sign.NewAWSEpochTime(t) }

func TestThereAndBack(t *testing.T) {
	prefix := netip.MustParsePrefix("192.0.2.0/24")
	tests := []struct {
		name       string
		conditions policy.Conditions
		sdk        sign.Condition
	}{
		{"expiry", policy.Conditions{Expires: expires}, sign.Condition{DateLessThan: epoch(expires)}},
		{
			"start",
			policy.Conditions{Expires: expires, NotBefore: notBefore},
			sign.Condition{DateLessThan: epoch(expires), DateGreaterThan: epoch(notBefore)},
		},
		{
			"range",
			policy.Conditions{Expires: expires, SourceIP: &prefix},
			sign.Condition{DateLessThan: epoch(expires), IPAddress: &sign.IPAddress{SourceIP: "192.0.2.0/24"}},
		},
		{
			"everything",
			policy.Conditions{Expires: expires, NotBefore: notBefore, SourceIP: &prefix},
			sign.Condition{DateLessThan: epoch(expires), DateGreaterThan: epoch(notBefore), IPAddress: &sign.IPAddress{SourceIP: "192.0.2.0/24"}},
		},
	}
	r, err := policy.PatternFromConfig(resource)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ours, err := policy.Custom(r, tt.conditions)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := awspolicy.To(ours)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(statement(resource, tt.sdk), theirs); diff != "" {
				t.Errorf("To (-want +got):\n%s", diff)
			}
			back, err := awspolicy.From(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ours, back, equate); diff != "" {
				t.Errorf("From (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromKeepsTheMeaning(t *testing.T) {
	tests := []struct {
		name, resource string
		condition      sign.Condition
		want           string
		reason         string
	}{
		{
			"ampersand", "https://cdn.example.com/a?b=1&c=2",
			sign.Condition{DateLessThan: epoch(expires)},
			`"Resource":"https://cdn.example.com/a?b=1&c=2"`, "JSON's escapes are undone",
		},
		{
			"many ampersands", "https://cdn.example.com/a?a" + strings.Repeat("&a", 1100),
			sign.Condition{DateLessThan: epoch(expires)},
			`&a&a&a`, "what counts is the length of our document",
		},
		{
			"both schemes", "http*://cdn.example.com/*",
			sign.Condition{DateLessThan: epoch(expires)},
			`"Resource":"http*://cdn.example.com/*"`, "the SDK's documentation uses it",
		},
		{
			"fraction", resource,
			sign.Condition{DateLessThan: epoch(expires.Add(999 * time.Millisecond))},
			`{"AWS:EpochTime":1767290400}`, "cut, as the SDK does",
		},
		{
			"host bits", resource,
			sign.Condition{DateLessThan: epoch(expires), IPAddress: &sign.IPAddress{SourceIP: "10.52.17.9/8"}},
			`"AWS:SourceIp":"10.0.0.0/8"`, "masked, as the edge compares",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := awspolicy.From(statement(tt.resource, tt.condition))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(p.JSON()), tt.want) {
				t.Errorf("%s has no %s, although %s", p.JSON(), tt.want, tt.reason)
			}
		})
	}
}

func TestFromRefuses(t *testing.T) {
	until := sign.Condition{DateLessThan: epoch(expires)}
	source := func(ip string) sign.Condition {
		return sign.Condition{DateLessThan: epoch(expires), IPAddress: &sign.IPAddress{SourceIP: ip}}
	}
	two := statement(resource, until)
	two.Statements = append(two.Statements, two.Statements[0])
	tests := []struct {
		name    string
		policy  *sign.Policy
		refused error
		reason  string
	}{
		{"nil", nil, policy.Reason("statements"), "nothing is allowed"},
		{"zero", &sign.Policy{}, policy.Reason("statements"), "nothing is allowed"},
		{"no statement", &sign.Policy{Statements: []sign.Statement{}}, policy.Reason("statements"), "nothing is allowed"},
		{"two statements", two, policy.Reason("statements"), "CloudFront takes one; the SDK signs both"},
		{"no resource", statement("", until), policy.Reason("no_resource"), "would be everything"},
		{"no resource and no expiry", statement("", sign.Condition{}), policy.Reason("no_resource"), "would be everything for ever"},
		{"two statements without resource", &sign.Policy{Statements: make([]sign.Statement, 2)}, policy.Reason("no_resource"), "each would be everything"},
		{"space", statement(" ", until), policy.Reason("scheme"), "not a URL"},
		{"no expiry", statement(resource, sign.Condition{}), policy.Reason("no_expiry"), "the SDK signs it without a word"},
		{"zero expiry", statement(resource, sign.Condition{DateLessThan: &sign.AWSEpochTime{}}), policy.Reason("time"), "a forgotten value"},
		{"milliseconds", statement(resource, sign.Condition{DateLessThan: epoch(time.Unix(expires.UnixMilli(), 0))}), policy.Reason("time"), "the year 57973"},
		{"zero start", statement(resource, sign.Condition{DateLessThan: epoch(expires), DateGreaterThan: &sign.AWSEpochTime{}}), policy.Reason("time"), "a restriction must not get lost"},
		{"start after expiry", statement(resource, sign.Condition{DateLessThan: epoch(notBefore), DateGreaterThan: epoch(expires)}), policy.Reason("time_order"), "no viewer would have access"},
		{"empty range", statement(resource, source("")), policy.ErrSourceIP, "a restriction must not get lost"},
		{"bare address", statement(resource, source("192.0.2.10")), policy.ErrSourceIP, "CloudFront demands the length"},
		{"ipv6", statement(resource, source("2001:db8::/32")), policy.ErrSourceIP, "CloudFront does not compare it"},
		{"json injection", statement(resource, source(`192.168.0.0/24","IpAddress":{"AWS:SourceIp":"0.0.0.0/0`)), policy.ErrSourceIP, "AWS's shared case"},
		{"json injection in resource", statement(`https://example.com/file","Resource":"*","x":"`, until), policy.Reason("character"), "AWS's shared case"},
		{"not utf-8", statement("https://cdn.example.com/\xff", until), policy.Reason("character"), "not a URL"},
		{"relative", statement("/u/7/*", until), policy.Reason("scheme"), "CloudFront compares whole URLs"},
		{"rtmp", statement("videos/a", until), policy.Reason("scheme"), "CloudFront has no RTMP any more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := awspolicy.From(tt.policy)
			var typed *policy.Error
			if !errors.Is(err, tt.refused) || !errors.As(err, &typed) || p != (policy.Policy{}) {
				t.Errorf("got %v, %v, want %v: %s", p, err, tt.refused, tt.reason)
			}
		})
	}
}

// TestFromNamesTheResource: the error for a forgotten Resource says what it would do.
func TestFromNamesTheResource(t *testing.T) {
	_, err := awspolicy.From(statement("", sign.Condition{DateLessThan: epoch(expires)}))
	const want = "policy: Resource: it is missing, and CloudFront would read that as everything the key may sign for: make one with URL, Directory, Under or Pattern"
	var named *policy.Error
	if !errors.As(err, &named) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(want, named.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTo(t *testing.T) {
	canned, err := policy.Canned("https://cdn.example.com/a?b=1", expires)
	if err != nil {
		t.Fatal(err)
	}
	got, err := awspolicy.To(canned)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sign.NewCannedPolicy("https://cdn.example.com/a?b=1", expires), got); diff != "" {
		t.Errorf("a canned policy (-want +got):\n%s", diff)
	}
	if got, err := awspolicy.To(policy.Policy{}); !errors.Is(err, policy.Reason("no_resource")) || got != nil {
		t.Errorf("the zero policy: %v, %v", got, err)
	}
	ambiguous, err := policy.Canned("https://cdn.example.com/a?b=/c?d", expires)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := awspolicy.To(ambiguous); !errors.Is(err, policy.ErrWildcard) || got != nil {
		t.Errorf("a canned policy that is another one when sent: %v, %v", got, err)
	}
}
