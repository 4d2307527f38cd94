// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/sign"
)

// A plan is what one response carries within Options.HeaderBudget. What does not fit is
// pending: the state cookie says so, and the next response goes on.
type plan struct {
	issuer  *Issuer
	key     uint32   // hash of the key pair ID
	renewal int64    // of cookies that the viewer keeps; 0: none are kept
	left    int64    // from then until the first of them expires
	former  int      // how many Options.FormerAttributes are cleared
	folders []folder // on which the viewer has cookies when the response has arrived
	lines   []string // values of Set-Cookie
	size    int      // of the header so far
	lost    int      // folders that the state cannot keep
}

// newPlan returns a plan with the folders that the viewer has who sent r. Their cookies
// are current if the key signed them, the options are the same and it is not time for a
// renewal, unless restart is set.
func (i *Issuer) newPlan(r *http.Request, keyPairID string, restart bool) *plan {
	p := &plan{issuer: i, key: keyHash(keyPairID), size: len("Cache-Control: " + cacheControl + "\r\n")}
	for text := range cookieValues(r, i.options.StateCookie) {
		s, ok := parseState(text)
		if !ok {
			continue
		}
		d := parseDetails(s.details)
		keeps := !restart && d.key == p.key && d.config == i.config && i.isCurrent(s) && p.renewal == 0
		if d.config == i.config {
			p.former = min(d.former, len(i.options.FormerAttributes))
		}
		for _, f := range d.folders {
			f.former = f.former || d.config != i.config
			if f.status == current && (!keeps || i.hasLost(r, f.path)) {
				f.status = old
			}
			p.know(f)
			if f.status == current {
				p.renewal, p.left = s.renewal, d.left
			}
		}
	}
	return p
}

func keyHash(keyPairID string) uint32 { return uint32(hashOf(keyPairID, "", nil)) }

// know adds a folder that the viewer has. A path that no cookie can have was not set here.
func (p *plan) know(f folder) {
	a := p.issuer.options.Attributes
	a.Path = f.path
	if _, err := sign.ClearCookies(a); err == nil && p.find(f.path) < 0 {
		p.folders = append(p.folders, f)
	}
}

// trim forgets folders that are not wanted until the state has room for a removal. What is
// revoked goes first.
func (p *plan) trim(unwanted func(folder) bool) {
	removal := 0
	for _, f := range p.folders {
		if unwanted(f) {
			removal = max(removal, sizeOf(p.removal(f, isNoSignature)))
		}
	}
	for _, which := range []func(folder) bool{
		func(f folder) bool { return unwanted(f) && f.status == revoked },
		unwanted,
	} {
		for n := len(p.folders) - 1; n >= 0; n-- {
			own, longest := p.issuer.ownSize(p.folders)
			if p.size+removal+own <= p.issuer.options.HeaderBudget && longest <= wire.MaxCookie {
				return
			}
			if which(p.folders[n]) {
				p.folders = slices.Delete(slices.Clone(p.folders), n, n+1)
				p.lost++
			}
		}
	}
}

// err says what is not done and never will be, or is nil.
func (p *plan) err() error {
	if p.lost == 0 {
		return nil
	}
	return refuse(ErrHeader, "the state has no room for %d folders, whose cookies stay until they expire: HeaderBudget was lowered, or somebody changed the cookie", p.lost)
}

func (p *plan) find(path string) int {
	return slices.IndexFunc(p.folders, func(f folder) bool { return f.path == path })
}

// make plans the response for the grants that are wanted, and returns those whose cookies
// it sets. It begins with what closes folders, and with cookies that a browser would send
// together with the new ones. What opens nothing any more comes last.
func (p *plan) make(r *http.Request, wanted []signedGrant) (set []signedGrant) {
	isWanted := func(f folder) bool {
		return slices.ContainsFunc(wanted, func(w signedGrant) bool { return w.path == f.path })
	}
	isOther := func(f folder) bool {
		return !slices.ContainsFunc(wanted, func(w signedGrant) bool { return w.path == f.path && w.grant.hash() == f.grant })
	}
	overlapsWanted := func(f folder) bool {
		return slices.ContainsFunc(wanted, func(w signedGrant) bool { return overlap(w.path, f.path) })
	}
	unwanted := func(f folder) bool { return !isWanted(f) }
	p.trim(unwanted)
	done := p.revoke(isOther) && p.clearFormer() && p.clearVisible(r) &&
		p.remove(func(f folder) bool { return unwanted(f) && overlapsWanted(f) }) &&
		p.clearFormerOn(wanted)
	if done {
		set = p.set(wanted)
		p.remove(unwanted)
	}
	return set
}

// revoke removes the signatures of folders, without which CloudFront refuses.
func (p *plan) revoke(which func(folder) bool) bool {
	for n, f := range p.folders {
		if !which(f) || f.status == revoked {
			continue
		}
		after := f
		after.status = revoked
		lines := p.removal(f, isSignature)
		if !p.add(lines, slices.Replace(slices.Clone(p.folders), n, n+1, after)) {
			return false
		}
	}
	return true
}

// remove removes all that is left of revoked folders.
func (p *plan) remove(which func(folder) bool) bool {
	for n := 0; n < len(p.folders); {
		f := p.folders[n]
		if !which(f) {
			n++
			continue
		}
		lines := p.removal(f, isNoSignature)
		if !p.add(lines, slices.Delete(slices.Clone(p.folders), n, n+1)) {
			return false
		}
	}
	return true
}

// removal returns the removal of the named cookies of a folder that may be there. An
// issuer never sets CloudFront-Expires, but an earlier version of the application may
// have done so.
func (p *plan) removal(f folder, named func(string) bool) []string {
	lines := removal(p.issuer.options.Attributes, f.path, func(name string) bool { return named(name) && name != wire.CookieExpires })
	if f.former {
		lines = append(lines, p.formerOn(f.path, named)...)
	}
	return lines
}

// formerOn returns the removal of the named cookies on a path with the former attributes
// that have no path of their own.
func (p *plan) formerOn(path string, named func(string) bool) []string {
	var lines []string
	for _, a := range p.issuer.options.FormerAttributes {
		if a.Path == "" {
			lines = append(lines, removal(a, path, named)...)
		}
	}
	return lines
}

// clearFormer removes cookies with former attributes that have a path of their own, and
// the state cookie that went with them if a browser keeps it apart from today's.
func (p *plan) clearFormer() bool {
	i := p.issuer
	for ; p.former < len(i.options.FormerAttributes); p.former++ {
		a := i.options.FormerAttributes[p.former]
		var lines []string
		if a.Path != "" {
			lines = removal(a, a.Path, isAny)
		}
		if a.Partitioned != i.options.Attributes.Partitioned {
			lines = append(lines, ownCookie(a, i.options.StateCookie, "", -1).String())
		}
		if !p.add(lines, p.folders) {
			return false
		}
	}
	return true
}

// clearVisible removes signed cookies that browsers send to the application, which would
// be sent to all folders as well. It is done once.
func (p *plan) clearVisible(r *http.Request) bool {
	if p.renewal != 0 { // it was done when these were set
		return true
	}
	isOwn := slices.ContainsFunc(p.folders, func(f folder) bool { return p.issuer.isSentWith(r, f.path) })
	lines := removal(p.issuer.options.Attributes, "/", func(name string) bool {
		return hasCookie(r, name) && (!isOwn || name == wire.CookieExpires)
	})
	return p.add(lines, p.folders)
}

// clearFormerOn removes cookies with former attributes on the paths of grants.
func (p *plan) clearFormerOn(wanted []signedGrant) bool {
	for _, w := range wanted {
		n := p.find(w.path)
		if n >= 0 && !p.folders[n].former {
			continue
		}
		lines := p.formerOn(w.path, isAny)
		if len(lines) == 0 && n < 0 {
			continue
		}
		folders := slices.Clone(p.folders)
		if n < 0 {
			n, folders = len(folders), append(folders, folder{path: w.path, status: revoked})
		}
		folders[n].former = false
		if !p.add(lines, folders) {
			return false
		}
	}
	return true
}

// set sets the cookies of grants that are not set yet, and returns these grants. It stops
// at the first that does not fit.
func (p *plan) set(wanted []signedGrant) (set []signedGrant) {
	for _, w := range wanted {
		after := folder{path: w.path, status: current, grant: w.grant.hash()}
		if keyHash(w.keyPairID) != p.key { // it was replaced meanwhile
			after.status = old
		}
		folders, n := slices.Clone(p.folders), p.find(w.path)
		var lines []string
		switch {
		case n < 0:
			folders = append(folders, after)
		case folders[n].status == current:
			continue
		default:
			folders[n] = after
			// With SHA-1 there is no Hash-Algorithm, and one that is left over would be wrong.
			lines = removal(p.issuer.options.Attributes, w.path, func(name string) bool {
				return name != wire.CookieExpires && !slices.ContainsFunc(w.cookies, func(c *http.Cookie) bool { return c.Name == name })
			})
		}
		for _, cookie := range w.cookies {
			lines = append(lines, cookie.String())
		}
		if !p.fits(lines, folders) {
			break
		}
		p.drop(removal(p.issuer.options.Attributes, w.path, isSignature))
		p.take(lines, folders)
		set = append(set, w)
	}
	return set
}

// add adds lines to the response, and reports whether they fit. The first ones are always
// added, so that the viewer gets on.
func (p *plan) add(lines []string, folders []folder) bool {
	if len(lines) > 0 && len(p.lines) > 0 && !p.fits(lines, folders) {
		return false
	}
	p.take(lines, folders)
	return true
}

func (p *plan) take(lines []string, folders []folder) {
	p.lines, p.folders, p.size = append(p.lines, lines...), folders, p.size+sizeOf(lines)
}

// drop takes lines out of the response that are replaced by others.
func (p *plan) drop(lines []string) {
	p.lines = slices.DeleteFunc(p.lines, func(line string) bool {
		if !slices.Contains(lines, line) {
			return false
		}
		p.size -= sizeOf([]string{line})
		return true
	})
}

func isSignature(name string) bool { return name == wire.CookieSignature }

func isNoSignature(name string) bool { return name != wire.CookieSignature }

func isAny(string) bool { return true }

func (p *plan) fits(lines []string, folders []folder) bool {
	own, longest := p.issuer.ownSize(folders)
	return longest <= wire.MaxCookie && p.size+sizeOf(lines)+own <= p.issuer.options.HeaderBudget
}

// ownSize returns the size of the issuer's own cookies in the header, at most, and the
// length of the longest.
func (i *Issuer) ownSize(folders []folder) (all, longest int) {
	n := sizeOfFolders(folders)
	return i.ownLines + n, i.ownLine + n
}

// measureOwn measures the issuer's own cookies for a state without folders.
func (i *Issuer) measureOwn() {
	const latest = wire.MaxEpoch
	d := details{left: latest, config: 1<<64 - 1, key: 1<<32 - 1, former: len(i.options.FormerAttributes)}
	s := state{renewal: latest, grants: 1<<64 - 1, details: d.String()}
	for _, cookie := range i.ownCookies(s.String(), strconv.Itoa(latest), int(i.options.Attributes.MaxAge.Seconds())) {
		line := cookie.String()
		i.ownLines, i.ownLine = i.ownLines+sizeOf([]string{line}), max(i.ownLine, len(line))
	}
}

// details returns the details of the state that the response sets.
func (p *plan) details(left int64) string {
	return details{left: left, config: p.issuer.config, key: p.key, former: p.former, folders: p.folders}.String()
}

// sizeOf returns how many bytes of the header are for lines of Set-Cookie.
func sizeOf(lines []string) int {
	size := 0
	for _, line := range lines {
		size += len("Set-Cookie: \r\n") + len(line)
	}
	return size
}

// checkBudget refuses grants that would never get on: the cookies of one grant have to
// fit into a response, with a state for all of them.
func (p *plan) checkBudget(wanted []signedGrant) error {
	var folders []folder
	for _, w := range wanted {
		folders = append(folders, folder{path: w.path, status: current})
	}
	own, longest := p.issuer.ownSize(folders)
	if longest > wire.MaxCookie {
		return refuse(ErrGrant, "the state needs a cookie of %d bytes for the paths, and browsers store %d: sign fewer folders, or one above them", longest, wire.MaxCookie)
	}
	for _, w := range wanted {
		size := len("Cache-Control: "+cacheControl+"\r\n") + own
		for _, cookie := range w.cookies {
			size += sizeOf([]string{cookie.String()})
		}
		if size > p.issuer.options.HeaderBudget {
			return refuse(ErrHeader, "the cookies for %s need %d bytes, and HeaderBudget is %d: raise it together with the limit of the proxy in front of the application (proxy_buffer_size of nginx, tune.bufsize of HAProxy), or sign a shorter path", w.path, size, p.issuer.options.HeaderBudget)
		}
	}
	return nil
}

// pending returns how many folders are left to do.
func (p *plan) pending(wanted []signedGrant) int {
	n := len(wanted) + len(p.issuer.options.FormerAttributes) - p.former
	for _, f := range p.folders {
		isWanted := slices.ContainsFunc(wanted, func(w signedGrant) bool { return w.path == f.path })
		switch {
		case !isWanted:
			n++
		case f.status == current:
			n--
		}
	}
	return n
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
