// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"net/http"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// maxAttribute is the longest attribute, in bytes, that browsers do not ignore
// (RFC 6265bis, section 5.6).
const maxAttribute = 1024

// checkDomain refuses what net/http or a browser would drop or rewrite.
func checkDomain(domain string) error {
	if domain == "" {
		return nil
	}
	if strings.HasPrefix(domain, ".") {
		return refuse(ErrDomain, "browsers ignore the leading dot: write %q", strings.TrimLeft(domain, "."))
	}
	_, urlErr := policy.URL("https://" + domain + "/")
	if urlErr != nil || strings.ContainsAny(domain, ":/?") || (&http.Cookie{Name: "name", Domain: domain}).Valid() != nil {
		return refuse(ErrDomain, "write a DNS name in lower case, without scheme, port, path or wildcard, such as example.com")
	}
	if isAddress(domain) {
		return nil
	}
	if !strings.Contains(domain, ".") {
		return refuse(ErrDomain, "%q has one label, which browsers do not take here: leave Domain empty, or write a domain of your own", domain)
	}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain || wire.IsDistributionParent(domain) {
		return refuse(ErrDomain, "%q is a public suffix, whose hosts belong to many owners; browsers drop such cookies: write a domain of your own, or leave Domain empty", domain)
	}
	return nil
}

// checkPath refuses what net/http or a browser would drop, and what no request
// would ever match.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return refuse(ErrPath, "begin it with a slash, or leave it empty for all paths")
	}
	if strings.Contains(path, "*") {
		return refuse(ErrPath, "browsers have no wildcards here and take * literally: write /images/ to cover all below it")
	}
	if len(path) > maxAttribute {
		return refuse(ErrPath, "browsers ignore attributes of more than %d bytes: write a path further up", maxAttribute)
	}
	if _, err := policy.URL("https://host" + path); err != nil || strings.ContainsAny(path, "?;") {
		return refuse(ErrPath, "write it as in a URL, percent-encoded and without query, such as /users/j%%C3%%BCrgen/")
	}
	return nil
}
