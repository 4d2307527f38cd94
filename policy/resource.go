// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// A Resource says which URLs a policy covers: one URL, everything under a directory, or a
// pattern. It is made by [URL], [Directory], [Under], [Pattern] or one of their variants.
// So CloudFront always accepts its form, and it covers no more than its constructor says.
// The resource of a policy from [Parse] or [Rebuild] can have other forms that CloudFront
// accepts; [Custom] refuses them.
//
// Resources are immutable and comparable with ==. The zero Resource covers nothing, and
// [Custom] refuses it.
type Resource struct {
	pattern string
	base    int // the length of the base URL, if the pattern is a plain directory; it depends on the pattern alone

	received bool // it came with a request, in a form that no constructor accepts
	literal  bool // an asterisk in the pattern is a character, as in a canned policy
}

// URL returns the resource that is exactly rawURL, including its query.
//
// You must write rawURL as clients send it, because CloudFront compares the bytes that are
// signed: scheme and host in lower case, everything else percent-encoded, and no wildcard.
// The host is the one that viewers use: a host of Amazon S3 is an error.
// It can have one "?", but not a second one, which CloudFront's pages read in two ways.
// Even the first may stand for any character in a custom policy; see [Resource.Wider]. In
// a canned policy, "?" always stands for itself: use [Canned] if you can.
//
// URL accepts what browsers, curl and net/http send as it is. Some other programs change such
// a URL, so that CloudFront denies the request: html/template encodes "(", ")" and "'", for
// example. Write %28, %29 and %27, or make the URL with [Resource.Child]. The page
// docs/clients.md lists these programs.
//
// The errors are [ErrURL], [ErrWildcard] and [ErrTooLong].
func URL(rawURL string) (Resource, error) {
	_, err := parseExact(rawURL)
	if err == nil {
		err = checkQuestionMarks(rawURL)
	}
	if err != nil {
		return Resource{}, inField(FieldURL, err)
	}
	return Resource{pattern: strings.Clone(rawURL)}, nil
}

// Directory returns the resource for everything below baseURL, at any depth and with any
// query: the pattern baseURL*. baseURL must come from your code. If a part of it is data,
// such as a user's ID, use [Under].
//
// baseURL must end in a slash. So if your code puts an ID into it after all, as in
// Directory(base + id + "/"), an empty ID leaves two slashes at the end, which is an error
// and does not grant every user's folder. baseURL must not have a query or a wildcard, and
// every server in use must read the same directory in it: a segment cannot have ";", "%3F",
// "%23", "%2F", "%5C", "%0A" or "%00", a space at its end, or anything that can be decoded
// twice.
//
// The errors are the errors of [URL], and [ErrNotDirectory].
func Directory(baseURL string) (Resource, error) {
	err := checkDirectory(baseURL)
	if err == nil && !strings.HasSuffix(baseURL, "/") {
		err = refuse("not_directory", "there is no slash at its end", "write one, or use Under if the last part is an ID")
	}
	if err == nil {
		err = checkLength(baseURL + "*")
	}
	if err != nil {
		return Resource{}, inField(FieldBaseURL, err)
	}
	return newResource(baseURL + "*"), nil
}

// MustDirectory is [Directory] for a URL that is a constant in your code. It panics if the URL
// is invalid, so you find the mistake when you start the program:
//
//	var videos = policy.MustDirectory("https://cdn.example.com/videos/")
//
// A variable does not compile, because data must not end a program.
func MustDirectory(baseURL constant) Resource { return must(Directory(string(baseURL))) }

// must returns r, or panics.
func must(r Resource, err error) Resource {
	if err != nil {
		panic(err)
	}
	return r
}

// checkDirectory refuses URLs that do not name one directory for all servers in use.
func checkDirectory(baseURL string) error {
	if base, ok := strings.CutSuffix(baseURL, "/*"); ok && !strings.Contains(base, "*") {
		return refuse("wildcard", "everything below is covered anyway", "leave out the asterisk at the end, or write %2A if it is part of a name")
	}
	s, err := parseExact(baseURL)
	if err != nil {
		return err
	}
	if s.hasQuery {
		return refuse("not_directory", "a directory has no query", "leave out the ? and what follows")
	}
	return checkFolder(s.path)
}

// String returns the resource as it stands in the policy document.
func (r Resource) String() string { return r.pattern }

// Scheme returns the scheme, which is "https", "http" or, in a pattern, "*" or "http*". It
// returns "" for the zero Resource.
func (r Resource) Scheme() string {
	s := split(r.pattern)
	return s.scheme
}

// Host returns the host, without the port. The host of a pattern may have wildcards. It
// returns "" for the zero Resource.
func (r Resource) Host() string {
	s := split(r.pattern)
	name, _, _ := strings.Cut(s.host, ":")
	return name
}

// PathPrefix returns the path up to its first wildcard, and whether that is the whole path.
// It returns "/" for the zero Resource, and for a pattern such as https://*, which has no
// path.
func (r Resource) PathPrefix() (prefix string, whole bool) {
	s := split(r.pattern)
	if s.path == "" {
		return "/", false
	}
	prefix, _, wild := strings.Cut(s.path, "*")
	if r.literal {
		return s.path, true
	}
	return prefix, !wild
}
