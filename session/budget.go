// SPDX-License-Identifier: Apache-2.0

package session

import (
	"strconv"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/sign"
)

// sizes are how many bytes of a header the issuer's lines need.
type sizes struct {
	own     int // the state and the hint, without folders
	longest int // the longer of them, as browsers count
	visible int // the removal of all cookies with the path "/"
	rest    int // the removal of what is left of a revoked folder, with the path "/"
	former  int // the same with the former attributes
	copies  int // of a path in former
}

const cacheControlSize = len("Cache-Control: " + cacheControl + "\r\n")

// measure sets the sizes, once.
func (i *Issuer) measure() {
	const latest = wire.MaxEpoch
	d := details{left: latest, config: 1<<64 - 1, key: 1<<32 - 1, former: len(i.options.FormerAttributes)}
	s := state{renewal: latest, grants: 1<<64 - 1, details: d.String()}
	for _, cookie := range i.ownCookies(s.String(), strconv.FormatInt(latest, 10), int(i.options.Attributes.MaxAge/time.Second)) {
		line := cookie.String()
		i.sizes.own, i.sizes.longest = i.sizes.own+sizeOf([]string{line}), max(i.sizes.longest, len(line))
	}
	i.sizes.visible = sizeOf(removal(i.options.Attributes, "/", isAny))
	i.sizes.rest = sizeOf(removal(i.options.Attributes, "/", func(name string) bool { return isNoSignature(name) && isSet(name) }))
	former := i.formerOn("/", isNoSignature)
	i.sizes.former, i.sizes.copies = sizeOf(former), len(former)
}

// ownSize returns the size of the issuer's own cookies in the header, at most, and the
// length of the longest.
func (i *Issuer) ownSize(folders []folder) (all, longest int) {
	n := sizeOfFolders(folders)
	return i.sizes.own + n, i.sizes.longest + n
}

// hasRoom reports whether a state with these folders can be stored, and leaves room in the
// next response to remove any of them.
func (i *Issuer) hasRoom(folders []folder) bool {
	const restCookies = 3
	own, longest := i.ownSize(folders)
	removal := 0
	for _, f := range folders {
		size := i.sizes.rest + restCookies*len(f.path)
		if f.former {
			size += i.sizes.former + i.sizes.copies*len(f.path)
		}
		removal = max(removal, size)
	}
	return len(folders) <= mostFolders && longest <= wire.MaxCookie && cacheControlSize+own+removal <= i.options.HeaderBudget
}

// checkBudget refuses grants of which a response could not carry each step. A response that
// can carry the largest step and a state for all grants can also close all of them.
func (i *Issuer) checkBudget(wanted []signedGrant) error {
	var folders []folder
	step := i.sizes.visible
	for n := range i.options.FormerAttributes {
		step = max(step, sizeOf(i.formerAlone(n)))
	}
	for _, w := range wanted {
		folders = append(folders, folder{path: w.path, status: current, former: true})
		step = max(step, sizeOf(w.lines), sizeOf(i.formerOn(w.path, isAny)))
	}
	own, longest := i.ownSize(folders)
	switch need := cacheControlSize + own + step; {
	case longest > wire.MaxCookie:
		return refuse(ErrGrant, "the state needs a cookie of %d bytes for the paths, and browsers store %d: sign fewer folders, or one above them", longest, wire.MaxCookie)
	case need > i.options.HeaderBudget || !i.hasRoom(folders):
		return refuse(ErrHeader, "the cookies of %d folders with these paths need %d bytes at once, and HeaderBudget is %d: raise it together with the limit of the proxy in front of the application (proxy_buffer_size of nginx, tune.bufsize of HAProxy), or sign shorter paths or fewer folders", len(wanted), max(need, i.options.HeaderBudget+1), i.options.HeaderBudget)
	}
	return nil
}

// formerOn returns the removal of the named cookies on a path with the former attributes
// that have no path of their own.
func (i *Issuer) formerOn(path string, named func(string) bool) []string {
	var lines []string
	for _, a := range i.options.FormerAttributes {
		if a.Path == "" {
			lines = append(lines, removal(a, path, named)...)
		}
	}
	return lines
}

// formerAlone returns the removal of what does not depend on a grant: of cookies with the
// former attributes n on their own path, and of the state cookie that went with them if a
// browser keeps it apart from today's.
func (i *Issuer) formerAlone(n int) []string {
	a := i.options.FormerAttributes[n]
	var lines []string
	if a.Path != "" {
		lines = removal(a, a.Path, isAny)
	}
	if a.Partitioned != i.options.Attributes.Partitioned {
		lines = append(lines, ownCookie(a, i.options.StateCookie, "", -1).String())
	}
	return lines
}

// removal returns the Set-Cookie lines that remove the named signed cookies on a path.
func removal(a sign.CookieAttributes, path string, named func(string) bool) []string {
	a.Path = path
	cookies, err := sign.ClearCookies(a)
	if err != nil { // New and know have checked both
		return nil
	}
	var lines []string
	for _, cookie := range cookies {
		if named(cookie.Name) {
			lines = append(lines, cookie.String())
		}
	}
	return lines
}

// isSet reports whether an issuer ever sets the signed cookie of a name.
func isSet(name string) bool { return name != wire.CookieExpires }

func isSignature(name string) bool { return name == wire.CookieSignature }

func isNoSignature(name string) bool { return name != wire.CookieSignature }

func isAny(string) bool { return true }

// sizeOf returns how many bytes of the header are for lines of Set-Cookie.
func sizeOf(lines []string) int {
	size := 0
	for _, line := range lines {
		size += len("Set-Cookie: \r\n") + len(line)
	}
	return size
}
