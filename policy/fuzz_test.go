// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/vectors"
	"github.com/cfsign/cfsign/policy"
)

// document is a policy document as encoding/json reads it.
type document struct {
	Statement []struct {
		Resource  string
		Condition struct {
			DateLessThan    *epochTime `json:",omitempty"`
			DateGreaterThan *epochTime `json:",omitempty"`
			IPAddress       *struct {
				SourceIP string `json:"AWS:SourceIp"`
			} `json:"IpAddress,omitempty"`
		}
	}
}

type epochTime struct {
	Seconds int64 `json:"AWS:EpochTime"`
}

// FuzzParse: whatever is accepted means the same to the standard library's
// reader, and is accepted again from its own JSON.
func FuzzParse(f *testing.F) {
	for _, v := range vectors.Documents(f) {
		f.Add([]byte(v.Document))
	}
	for _, folder := range []string{";", "%20", ";v=1", "%20;x", ".", "a%2Fb"} {
		f.Add([]byte(`{"Statement":[{"Resource":"` + host + `/users/` + folder + `/*","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Parse(data)
		if err != nil {
			if p != (policy.Policy{}) {
				t.Fatal("a policy together with an error")
			}
			return
		}
		if diff := cmp.Diff(data, p.JSON()); diff != "" {
			t.Fatalf("the received bytes were not kept (-want +got):\n%s", diff)
		}
		again, err := policy.Parse(p.JSON())
		if err != nil || again != p {
			t.Fatalf("parsed again: %v, %v", again, err)
		}
		checkSpaced(t, data, p)
		checkMeaning(t, data, p)
	})
}

// checkSpaced compares p with the policy of the same document with a space, which takes the long
// way.
func checkSpaced(t *testing.T, data []byte, p policy.Policy) {
	t.Helper()
	spaced, err := policy.Parse(append(bytes.Clone(data), ' '))
	if errors.Is(err, policy.ErrTooLong) {
		return
	}
	if err != nil || spaced.Resource() != p.Resource() || !spaced.Expires().Equal(p.Expires()) {
		t.Fatalf("with a space at its end, the document says %v: %v", spaced, err)
	}
}

// checkMeaning compares p with what encoding/json reads in data.
func checkMeaning(t *testing.T, data []byte, p policy.Policy) {
	t.Helper()
	var d document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("encoding/json refuses what was accepted: %v", err)
	}
	if len(d.Statement) != 1 {
		t.Fatalf("%d statements", len(d.Statement))
	}
	statement := d.Statement[0]
	condition := statement.Condition
	if expanded(statement.Resource) != p.Resource().String() || condition.DateLessThan.Seconds != p.Expires().Unix() {
		t.Fatalf("resource or expiry differ: %+v", statement)
	}
	notBefore, ok := p.NotBefore()
	if ok != (condition.DateGreaterThan != nil) || ok && notBefore.Unix() != condition.DateGreaterThan.Seconds {
		t.Fatalf("start differs: %v, %t", notBefore, ok)
	}
	sourceIP, ok := p.SourceIP()
	if ok != (condition.IPAddress != nil) || ok && netip.MustParsePrefix(condition.IPAddress.SourceIP).Masked() != sourceIP {
		t.Fatalf("address range differs: %v, %t", sourceIP, ok)
	}
}

// expanded returns the resource that CloudFront's page describes for a missing one, or for
// one that omits its scheme.
func expanded(resource string) string {
	name, path, hasPath := strings.Cut(resource, "/")
	switch {
	case resource == "":
		return "*"
	case resource == "*" || strings.Contains(resource, "://") || !strings.HasPrefix(resource, "*"):
		return resource
	case hasPath || strings.Contains(name, "?") || strings.HasSuffix(name, "*"):
		return "*://" + resource
	}
	return "*://" + name + "/" + path
}

// FuzzConstructors: no accepted input changes the shape of the JSON, and
// Parse(p.JSON()) gives p.
func FuzzConstructors(f *testing.F) {
	for _, v := range vectors.URLs(f) {
		f.Add(v.URL, "segment", int64(1767290400), int64(0), []byte(nil), byte(0))
	}
	f.Add(host+"/*", `*","Resource":"*`, int64(1767290400), int64(1767200000), []byte{192, 0, 2, 1}, byte(24))
	f.Fuzz(func(t *testing.T, text, segment string, expires, notBefore int64, ip []byte, bits byte) {
		conditions := policy.Conditions{Expires: time.Unix(expires, 0)}
		if notBefore != 0 {
			conditions.NotBefore = time.Unix(notBefore, 0)
		}
		if len(ip) > 0 {
			addr, _ := netip.AddrFromSlice(ip)
			prefix := netip.PrefixFrom(addr, int(bits))
			conditions.SourceIP = &prefix
		}
		for _, r := range resources(text, segment) {
			p, err := policy.Custom(r, conditions)
			if err != nil {
				continue
			}
			parsed, err := policy.Parse(p.JSON())
			if err != nil || parsed != p {
				t.Fatalf("Parse(p.JSON()) = %s, %v, want %s", parsed.JSON(), err, p.JSON())
			}
			checkMeaning(t, p.JSON(), p)
			checkConditions(t, conditions, p)
		}
		if p, err := policy.Canned(text, time.Unix(expires, 0)); err == nil {
			checkMeaning(t, p.JSON(), p)
			if _, err := policy.URL(text); err != nil && strings.Count(text, "?") < 2 {
				t.Fatalf("Canned accepts %q, and URL says %v", text, err)
			}
		}
	})
}

// resources returns whatever the constructors make of text and segment.
func resources(text, segment string) []policy.Resource {
	var made []policy.Resource
	for _, constructor := range []func(string) (policy.Resource, error){
		policy.URL, policy.Directory, policy.PatternFromConfig, policy.PatternAnyHostFromConfig,
		func(text string) (policy.Resource, error) { return policy.Under(text, segment) },
		func(text string) (policy.Resource, error) { return policy.Under(host, text, segment) },
	} {
		if r, err := constructor(text); err == nil {
			made = append(made, r)
		}
	}
	return made
}

// FuzzUnder: no segment ever covers a URL outside its directory, and every
// child is in it.
func FuzzUnder(f *testing.F) {
	f.Add("alice", "a.jpg", "/u/bob/a.jpg")
	f.Add("*", "*", "/u/bob/a.jpg")
	f.Add("..", "%2e%2e", "/u/%2A/../bob/a")
	f.Add("a?b", "c#d", "/u/a?b/c")
	f.Add("alice", "a/b c+/", "/u/alice/a/b%20c%2B/")
	f.Fuzz(func(t *testing.T, segment, child, path string) {
		r, err := policy.Under(host+"/u", segment)
		if err != nil {
			return
		}
		childURL, err := r.Child(child)
		if err == nil {
			checkInside(t, r, childURL, segment, child)
		}
		if objectURL, err := r.ChildForS3Key(child); err == nil {
			checkInside(t, r, objectURL, segment, child)
			if err := r.CheckStrict(objectURL); err != nil {
				t.Fatalf("%q cannot be signed: %v", objectURL, err)
			}
		}
		if rawURL := host + path; r.Matches(rawURL) {
			checkInside(t, r, rawURL, segment, "")
		}
	})
}

// checkInside reads rawURL as a server would, decoded and resolved, and fails
// unless it is below /u/segment/.
func checkInside(t *testing.T, r policy.Resource, rawURL, segment, child string) {
	t.Helper()
	if !r.Matches(rawURL) {
		t.Fatalf("%q is not covered by %q", rawURL, r)
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatalf("net/url refuses %q: %v", rawURL, err)
	}
	if u.Scheme+"://"+u.Host != host {
		t.Fatalf("%q is on another host", rawURL)
	}
	directory := "/u/" + segment + "/"
	if !strings.HasPrefix(u.Path, directory) || !strings.HasPrefix(u.JoinPath().Path, directory) {
		t.Fatalf("%q, path %q, is outside %q", rawURL, u.Path, directory)
	}
	if child != "" && u.Path != directory+child {
		t.Fatalf("%q is not the child %q", rawURL, child)
	}
}

// FuzzMatch: the matcher agrees with a slow reference.
func FuzzMatch(f *testing.F) {
	for _, v := range vectors.Matches(f) {
		f.Add(v.Resource, v.URL)
	}
	f.Fuzz(func(t *testing.T, pattern, rawURL string) {
		r, err := policy.PatternAnyHostFromConfig(pattern)
		if err != nil {
			return
		}
		if got := r.MatchesBytes([]byte(rawURL)); got != r.Matches(rawURL) {
			t.Errorf("%q covers %q: %t as bytes", pattern, rawURL, got)
		}
		if diff := cmp.Diff(slowMatch(pattern, rawURL), r.Matches(rawURL)); diff != "" {
			t.Fatalf("%q on %q (-reference +matcher):\n%s", pattern, rawURL, diff)
		}
	})
}
