// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"slices"

	"github.com/cfsign/cfsign/sign"
)

// Removal returns the cookies that make a browser remove all that the issuer has set:
// under all names, on all paths that the state cookie of r names, and with the former
// attributes. The rights are not asked.
func (i *Issuer) Removal(r *http.Request) ([]*http.Cookie, error) {
	cookies, err := i.cleared(r, []string{"/"})
	if err != nil {
		return nil, err
	}
	return append(cookies, i.ownCookies("", "", -1)...), nil
}

// pathsOf returns the paths on which the viewer has cookies, as far as that is known.
// What is no path was not set here.
func (i *Issuer) pathsOf(r *http.Request) []string {
	var paths []string
	for text := range cookieValues(r, i.options.StateCookie) {
		had, _ := parseState(text)
		for _, path := range decodePaths(had.paths) {
			a := i.options.Attributes
			a.Path = path
			if _, err := sign.ClearCookies(a); err == nil && !slices.Contains(paths, path) && len(paths) < 2*mostGrants {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// cleared returns the removal of all cookies on the paths and on those that the viewer
// has, with the attributes of now and of former times. The path "/" is one if the
// application sees signed cookies there.
func (i *Issuer) cleared(r *http.Request, paths []string) ([]*http.Cookie, error) {
	all := slices.Clone(paths)
	if hasSigned(r) {
		all = append(all, "/")
	}
	all = append(all, i.pathsOf(r)...)
	slices.Sort(all)
	all = slices.Compact(all)
	var cookies []*http.Cookie
	for _, a := range append([]sign.CookieAttributes{i.options.Attributes}, i.options.Former...) {
		on := all
		if a.Path != "" {
			on = []string{a.Path}
		}
		for _, path := range on {
			a.Path = path
			removal, err := sign.ClearCookies(a)
			if err != nil {
				return nil, because(ErrGrant, err)
			}
			cookies = append(cookies, removal...)
		}
		if a.Partitioned != i.options.Attributes.Partitioned {
			cookies = append(cookies, ownCookie(a, i.options.StateCookie, "", -1))
		}
	}
	return cookies, nil
}

// withoutReplaced leaves out removals of cookies that are set anew.
func withoutReplaced(removals, set []*http.Cookie) []*http.Cookie {
	return slices.DeleteFunc(removals, func(old *http.Cookie) bool {
		return slices.ContainsFunc(set, func(c *http.Cookie) bool {
			return c.Name == old.Name && c.Path == old.Path && c.Domain == old.Domain && c.Partitioned == old.Partitioned
		})
	})
}
