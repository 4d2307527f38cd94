// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/fips140"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/sign"
)

// TestCheckOutput: a wrong output is found before anything is measured.
func TestCheckOutput(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("contestants sign SHA-1, which GODEBUG=fips140=only rules out")
	}
	w, err := newWorkload()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sign.New(keyPairID, privateKey(rsa2048), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := cell{rsa2048, rowCanned, ours}
	right, err := oursOnce(rowCanned, s, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkOutput(c, right, w); err != nil {
		t.Error(err)
	}
	other, err := s.URL(t.Context(), w.urls[1], w.expires)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]output{
		"nothing":                   {},
		"another URL's credential":  {URL: strings.Replace(other, w.urls[1], w.url, 1)},
		"valid, but of another URL": {URL: other},
		"no signature":              {Cookies: map[string]string{"CloudFront-Policy": "p"}},
		"another hash":              {Signature: []byte{1}, Hash: "MD5"},
		"a signature of nothing":    {Signature: []byte{1}, Hash: "SHA256"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := checkOutput(c, wrong, w); err == nil {
				t.Error("accepted")
			}
		})
	}
}
