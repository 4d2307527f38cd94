// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/verify"
)

// runPeers measures what r asks for in JavaScript and Python.
func runPeers(b *testing.B, r peer.Request) {
	b.Run("aws-sdk-js", func(b *testing.B) {
		runPeer(b, peer.StartNode(b, "@aws-sdk/cloudfront-signer", nil), r, "SHA256")
	})
	if r.Op == "cookies" {
		return // botocore has none
	}
	b.Run("botocore", func(b *testing.B) {
		needSHA1(b)
		runPeer(b, peer.StartPython(b, "cryptography", nil), r, "SHA1") // Its URLs name no hash.
	})
}

// runPeer lets the peer repeat the operation, and reports the time that the peer measures.
func runPeer(b *testing.B, p *peer.Process, r peer.Request, hash string) {
	printVersions(p.Versions)
	r.URL, r.Resource, r.Hash, r.Expires = fileURL, base+"/7/*", hash, expires.Unix()
	for _, a := range algorithms {
		r.Key = a.peers
		checkPeer(b, p, a, r)
		measured := r
		measured.Op, measured.Of = "measure", r.Op
		measure := func(count int) int64 {
			measured.Count = count
			answer := p.Ask(b, []peer.Request{measured})[0]
			if answer.Error != "" {
				b.Fatal(answer.Error)
			}
			return answer.Nanoseconds
		}
		measure(50) // Node compiles it meanwhile.
		b.Run(a.name, func(b *testing.B) {
			b.ReportMetric(float64(measure(b.N))/float64(b.N), "ns/op")
		})
	}
}

// printVersions prints versions as configuration lines of Go's benchmark format.
var printVersions = func() func(map[string]string) {
	printed := map[string]bool{}
	return func(versions map[string]string) {
		for _, name := range slices.Sorted(maps.Keys(versions)) {
			if !printed[name] {
				printed[name] = true
				fmt.Printf("%s: %s\n", configurationKey(name), versions[name])
			}
		}
	}
}()

// configurationKey returns a name in lower case and without spaces.
func configurationKey(name string) string {
	return "version-" + strings.ToLower(strings.ReplaceAll(name, " ", "-"))
}

// checkPeer fails unless what the peer makes verifies.
func checkPeer(b *testing.B, p *peer.Process, a algorithm, r peer.Request) {
	b.Helper()
	made := p.Ask(b, []peer.Request{r})[0]
	switch {
	case made.Error != "":
		b.Fatal(made.Error)
	case made.URL != "":
		checkURL(b, a.key, made.URL)
	case made.Cookies != nil:
		var cookies []*http.Cookie
		for name, value := range made.Cookies {
			cookies = append(cookies, &http.Cookie{Name: name, Value: value})
		}
		check(b, a.key, verify.Request{URL: fileURL, Cookies: cookies})
	}
}

// runOpenSSL reports what openssl speed measures, which is the limit of the machine as
// far as we know it. A second is the shortest time that it takes.
func runOpenSSL(b *testing.B, column string) {
	for _, a := range algorithms {
		b.Run("openssl/"+a.name, func(b *testing.B) {
			path := needs.Command(b, "openssl", "openssl")
			name := map[string]string{"rsa": "rsa2048", "p256": "ecdsap256"}[a.peers]
			text, err := exec.CommandContext(b.Context(), path, "speed", "-elapsed", "-seconds", "1", name).Output()
			if err != nil {
				b.Fatal("openssl speed: ", err)
			}
			b.ReportMetric(float64(time.Second)/perSecond(b, string(text), column), "ns/op")
		})
	}
}

// perSecond returns the figure in a column of the table that openssl speed prints. Newer
// versions have more columns, so the heading says which is which.
func perSecond(tb testing.TB, text, column string) float64 {
	tb.Helper()
	var heading []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if slices.Contains(fields, column) {
			heading = fields
		} else if len(heading) > 0 && len(fields) > len(heading) {
			figure := fields[len(fields)-len(heading)+slices.Index(heading, column)]
			rate, err := strconv.ParseFloat(figure, 64)
			if err != nil || rate <= 0 {
				tb.Fatalf("openssl speed: %q in the column %s", figure, column)
			}
			return rate
		}
	}
	tb.Fatalf("openssl speed: no column %s in %q", column, text)
	return 0
}

func TestPerSecond(t *testing.T) {
	for why, text := range map[string]string{
		"OpenSSL 3.0": "                  sign    verify    sign/s verify/s\nrsa 2048 bits 0.000346s 0.000022s   2890.0  44543.0\n",
		"OpenSSL 3.5": "  sign verify encrypt decrypt sign/s verify/s encr./s decr./s\nrsa 2048 bits 0.1s 0.1s 0.1s 0.1s 2890.0 44543.0 43000.1 2700.5\n",
	} {
		if got := perSecond(t, text, "verify/s"); got != 44543 {
			t.Errorf("%s: got %v", why, got)
		}
	}
}
