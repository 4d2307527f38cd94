// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A cookieWriter returns the cookies for a policy as a text.
type cookieWriter func(cookies []*http.Cookie, p policy.Policy) (string, error)

// cookieWriters are the formats by their names.
var cookieWriters = map[string]cookieWriter{
	"header":   setCookieLines,
	"json":     jsonObject,
	"curl":     curlConfig,
	"netscape": cookieFile,
	"env":      assignments,
}

func cookieFormats() []string { return slices.Sorted(maps.Keys(cookieWriters)) }

func setCookieLines(cookies []*http.Cookie, _ policy.Policy) (string, error) {
	var b strings.Builder
	for _, cookie := range cookies {
		fmt.Fprintf(&b, "Set-Cookie: %s\n", cookie)
	}
	return b.String(), nil
}

func jsonObject(cookies []*http.Cookie, _ policy.Policy) (string, error) {
	values := map[string]string{}
	for _, cookie := range cookies {
		values[cookie.Name] = cookie.Value
	}
	text, err := json.MarshalIndent(values, "", "    ")
	return string(text) + "\n", err
}

// curlConfig needs no quoting: the values are in CloudFront's base64.
func curlConfig(cookies []*http.Cookie, _ policy.Policy) (string, error) {
	var pairs []string
	for _, cookie := range cookies {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return fmt.Sprintf("cookie = \"%s\"\n", strings.Join(pairs, "; ")), nil
}

// cookieFile is in the format of Netscape's cookies.txt. The cookies end with the
// policy, because some programs drop those of a session when they read them.
func cookieFile(cookies []*http.Cookie, p policy.Policy) (string, error) {
	var b strings.Builder
	b.WriteString("# Netscape HTTP Cookie File\n")
	for _, cookie := range cookies {
		domain, subdomains := p.Resource().Host(), "FALSE"
		if cookie.Domain != "" {
			domain, subdomains = "."+cookie.Domain, "TRUE"
		}
		if strings.Contains(domain, "*") {
			return "", fmt.Errorf("--%s is missing: a cookie file needs one, because the pattern has no host of its own", flagDomain)
		}
		secure := strings.ToUpper(fmt.Sprint(cookie.Secure))
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", domain, subdomains, cookie.Path, secure, p.Expires().Unix(), cookie.Name, cookie.Value)
	}
	return b.String(), nil
}

// assignments are quoted, because a shell would take a ~ at the start of a value for a
// home folder.
func assignments(cookies []*http.Cookie, _ policy.Policy) (string, error) {
	var b strings.Builder
	for _, cookie := range cookies {
		name := strings.ToUpper(strings.ReplaceAll(cookie.Name, "-", "_"))
		fmt.Fprintf(&b, "%s='%s'\n", name, cookie.Value)
	}
	return b.String(), nil
}

// cookieError names the flag with which cookies cannot be made.
func cookieError(err error) error {
	for reason, flag := range map[error]string{
		sign.ErrDomain: flagDomain, sign.ErrPath: flagPath,
		sign.ErrCookieScheme: flagPolicyResource, sign.ErrWider: flagPolicyResource, sign.ErrCookieTooLong: flagPolicyResource,
	} {
		if errors.Is(err, reason) {
			return inFlag(flag, err)
		}
	}
	return err
}
