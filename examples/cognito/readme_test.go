// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestREADME: it has every setting and every route, and no others.
func TestREADME(t *testing.T) {
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	names := map[string]bool{}
	for _, name := range []string{
		envRegion, envUserPoolID, envAppClientID, envDomain, envSecretRegion, envIssuer, envDatabase, envCookieDomain,
		envAppOrigin, envLifetime, envListen,
	} {
		names[name] = true
		if !strings.Contains(readme, "| `"+name+"` |") {
			t.Errorf("the setting %s is missing", name)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllStringSubmatch(readme, -1) {
		if !names[row[1]] {
			t.Errorf("there is no setting %s", row[1])
		}
	}
	for _, want := range []string{
		"GET /access/", "GET /sign_cookies?request_path=", "GET /sign_url?path=", "GET /shares", "PUT /shares/{user}", "DELETE /shares/{user}",
		"GET " + healthPath, "GET " + readinessPath, privateKeySecret, keyPairIDSecret,
		"`" + strings.TrimSuffix(defaultLifetime.String(), "0s") + "`", "`" + defaultDatabase + "`", "`" + defaultListen + "`",
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("%q is missing", want)
		}
	}
	const longest = 150
	if lines := strings.Count(readme, "\n"); lines > longest {
		t.Errorf("%d lines, and %d are enough", lines, longest)
	}
}
