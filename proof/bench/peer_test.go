// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePeerResult(t *testing.T) {
	tests := []struct {
		name, line string
		want       peerResult
	}{
		{"measurement", `{"count":12,"nanoseconds":3456}`, peerResult{Count: 12, Nanoseconds: 3456}},
		{"URL", `{"url":"https://cdn.example.com/a"}`, peerResult{output: output{URL: "https://cdn.example.com/a"}}},
		{"cookies", `{"cookies":{"CloudFront-Policy":"p"}}`, peerResult{output: output{Cookies: map[string]string{"CloudFront-Policy": "p"}}}},
		{"signature", `{"signature":"AQI=","hash":"SHA1"}`, peerResult{output: output{Signature: []byte{1, 2}, Hash: "SHA1"}}},
		{"versions", `{"versions":{"node":"20.1.0"}}`, peerResult{Versions: map[string]string{"node": "20.1.0"}}},
		{"missing package", `{"missing":"botocore","error":"No module"}`, peerResult{Missing: "botocore", Error: "No module"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parsePeerResult([]byte(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(peerResult{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePeerResultRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"not JSON":        "Traceback (most recent call last):",
		"nothing":         "",
		"the job failed":  `{"error":"ValueError"}`,
		"count is a text": `{"count":"12"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parsePeerResult([]byte(line)); err == nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}
