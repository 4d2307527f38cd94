// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"crypto"
	"crypto/fips140"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// TestVerify runs the published requests as a stranger would who has nothing but the file.
func TestVerify(t *testing.T) {
	var f file[verifyTest]
	if err := json.Unmarshal(read(t, "verify.json"), &f); err != nil {
		t.Fatal(err)
	}
	trusted := trustedKeys(t, f.TrustedKeys)
	for _, tt := range f.Tests {
		t.Run(tt.ID, func(t *testing.T) {
			if fips140.Enforced() && slices.Contains(tt.Flags, legacySHA1) {
				t.Skip("SHA-1 is ruled out in this process")
			}
			v := &verify.Verifier{Keys: trusted, AllowSHA1: true, Clock: func() time.Time { return time.Unix(tt.Time, 0) }}
			for _, r := range tt.Requests {
				_, err := v.Verify(verify.Request{URL: r.URL, Cookies: httpCookies(r.Cookies), ViewerIP: address(t, tt.ViewerIP)})
				var denied *verify.DeniedError
				if err == nil && tt.Result == valid {
					continue
				}
				if !errors.As(err, &denied) || string(denied.Code) != tt.Code {
					t.Errorf("%s: got %v, want %s %s, because %s", r.Carrier, err, tt.Result, tt.Code, tt.Comment)
				}
			}
		})
	}
}

func trustedKeys(t testing.TB, all map[string]string) keys.Set {
	t.Helper()
	public := map[string]crypto.PublicKey{}
	for id, text := range all {
		key, err := keys.ParsePublic([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		public[id] = key
	}
	set, err := keys.NewSet(public)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func httpCookies(all []cookie) []*http.Cookie {
	var cookies []*http.Cookie
	for _, c := range all {
		cookies = append(cookies, &http.Cookie{Name: c.Name, Value: c.Value})
	}
	return cookies
}

// address returns the zero address for none.
func address(t testing.TB, text *string) netip.Addr {
	t.Helper()
	if text == nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(*text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
