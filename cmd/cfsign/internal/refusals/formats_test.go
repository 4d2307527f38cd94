// SPDX-License-Identifier: Apache-2.0

package refusals_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/logmixture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
)

// standardNames are some fields of standard logs, and realTimeNames the first 40 of real-time logs,
// under the names that the standard log has for them.
var (
	standardNames = strings.Fields(`sc-status cs-uri-stem cs-uri-query cs(Cookie) x-host-header cs-protocol c-ip date time
		time-taken cs-method x-edge-detailed-result-type x-edge-response-result-type sc-content-type sc-content-len`)
	realTimeNames = strings.Fields(`timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol x-host-header
		cs-uri-stem cs-bytes x-edge-location x-edge-request-id cs(Host) time-taken cs-protocol-version none cs(User-Agent)
		cs(Referer) cs(Cookie) cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher
		x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end c-port
		x-edge-detailed-result-type none none none none none none none`)
)

// TestFormats: the same records have the same report in every format.
func TestFormats(t *testing.T) {
	sent := logmixture.Send(t, 1000)
	want := normalized(run(t, sent.Log, refusals.Options{Keys: sent.Keys}))
	if want.Requests != 1000 || len(want.Causes) < 10 {
		t.Fatalf("%+v", want)
	}
	named := func(delimiter, first string) []byte {
		return append([]byte(first+"\n"), logmixture.Columns(t, sent.Log, delimiter, standardNames)...)
	}
	half := bytes.LastIndexByte(sent.Log[:len(sent.Log)/2], '\n') + 1
	header := sent.Log[:bytes.Index(sent.Log, []byte("\n2"))+1]
	for _, tt := range []struct {
		why    string
		log    []byte
		fields []string
	}{
		{"gzip", logmixture.Gzip(t, sent.Log), nil},
		{"two gzip files, one after the other, as zcat and cat write them", append(logmixture.Gzip(t, sent.Log[:half]), logmixture.Gzip(t, slices.Concat(header, sent.Log[half:]))...), nil},
		{"JSON", logmixture.JSON(t, sent.Log), nil},
		{"JSON in gzip", logmixture.Gzip(t, logmixture.JSON(t, sent.Log)), nil},
		{"Parquet", logmixture.Parquet(t, sent.Log), nil},
		{"line breaks of Windows", bytes.ReplaceAll(sent.Log, []byte("\n"), []byte("\r\n")), nil},
		{"no line break at the end", bytes.TrimSuffix(sent.Log, []byte("\n")), nil},
		{"a mark at the start", append([]byte("\xef\xbb\xbf"), sent.Log...), nil},
		{"fewer fields in another order", named("\t", "#Version: 1.0\n#Fields: "+strings.Join(standardNames, " ")), nil},
		{"spaces between the values", named(" ", "#Fields: "+strings.Join(standardNames, " ")), nil},
		{"a first line with the names, and bars", named("|", strings.Join(standardNames, "|")), nil},
		{"a first line with the names, and tabs", named("\t", strings.Join(standardNames, "\t")), nil},
		{"no names, but all fields", sent.Log[len(header):], nil},
		{"no names, and the names as a flag", logmixture.Columns(t, sent.Log, "\t", standardNames), standardNames},
	} {
		o := refusals.Options{Keys: sent.Keys}
		if diff := cmp.Diff(want, normalized(runFields(t, tt.log, tt.fields, o))); diff != "" {
			t.Errorf("%s: %s", tt.why, diff)
		}
	}
}

// TestRealTime: real-time logs have no names, other times, and cut the cookies.
func TestRealTime(t *testing.T) {
	sent := logmixture.Send(t, 1000)
	log := logmixture.Columns(t, sent.Log, "\t", realTimeNames)
	got := run(t, log, refusals.Options{Keys: sent.Keys})
	counts := map[refusals.Name]int64{}
	for _, c := range got.Causes {
		counts[c.Name] += c.Requests
	}
	if diff := cmp.Diff(sent.Refused, counts); diff != "" || got.Requests != 1000 {
		t.Errorf("%d requests: %s", got.Requests, diff)
	}
	more := bytes.ReplaceAll(log, []byte("\n"), []byte("\tnew\tnewer\n")) // fields that CloudFront adds
	if diff := cmp.Diff(normalized(got), normalized(run(t, more, refusals.Options{Keys: sent.Keys}))); diff != "" {
		t.Error(diff)
	}
}

// normalized returns a report without what differs between formats: the size, the places in files,
// and how many lines are no requests.
func normalized(r *refusals.Report) *refusals.Report {
	r.Bytes, r.Files, r.Notes = 0, 0, nil
	for _, c := range r.Causes {
		for i := range c.Fixes {
			c.Fixes[i].Example.File, c.Fixes[i].Example.Line = "", 0
		}
	}
	return r
}
