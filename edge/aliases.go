// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// checkAliases checks the alternate domain names.
func (c *compiled) checkAliases() error {
	for i, alias := range c.config.Aliases {
		name := strings.TrimPrefix(alias, "*.")
		if name == "" || name != strings.ToLower(name) || isNoHost(name) || strings.ContainsAny(name, "*:") {
			return invalid(fmt.Sprintf("Aliases[%d]", i), "is %q: write a host in lower case without a port, such as cdn.example.com or *.example.com", alias)
		}
	}
	return nil
}

// knowsHost reports whether the Host of r is one of the aliases. A wildcard stands for one or
// more labels.
//
// Source: "Use custom URLs by adding alternate domain names (CNAMEs)",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html
func (c *compiled) knowsHost(r *http.Request) bool {
	if len(c.config.Aliases) == 0 {
		return true
	}
	host := strings.ToLower(r.Host)
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, alias := range c.config.Aliases {
		parent, isWildcard := strings.CutPrefix(alias, "*")
		if alias == host || isWildcard && strings.HasSuffix(host, parent) {
			return true
		}
	}
	return false
}

// unknownHost answers a request for a host that is not an alias.
//
// Source: "HTTP 403 status code (Permission Denied)", on a CNAME that is not configured,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html
func unknownHost(host string) answer {
	return page(http.StatusForbidden, "Bad request.", fmt.Sprintf("the distribution has no alternate domain name %.100q: add it to its Aliases", host))
}
