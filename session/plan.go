// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"slices"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/sign"
)

// A plan is what one response carries within Options.HeaderBudget. What does not fit is
// pending: the state cookie says so, and the next response goes on.
//
// Every response makes progress: a state always leaves room to remove one of its folders
// ([plan.hasRoom]), and without folders to remove there is room for each other step
// ([Issuer.checkBudget]).
type plan struct {
	issuer  *Issuer
	key     uint32   // hash of the key pair ID
	known   bool     // there is a state of today's options
	swept   bool     // clearVisible is done
	renewal int64    // of cookies that the viewer keeps; 0: none are kept
	left    int64    // from then until the first of them expires
	former  int      // how many Options.FormerAttributes are cleared
	folders []folder // on which the viewer has cookies when the response has arrived
	lines   []string // values of Set-Cookie
	size    int      // of the header so far

	forgotten, open int // folders that the state cannot keep: revoked ones, and others
}

// mostFolders is how many folders a state has at most, so that a state that somebody made
// up costs little.
const mostFolders = 4 * mostGrants

// newPlan returns a plan that begins with the folders of the state in r. Their cookies are
// current if the key signed them, the options are the same and it is not time for a
// renewal, unless restart is set.
func (i *Issuer) newPlan(r *http.Request, keyPairID string, restart bool) *plan {
	p := &plan{issuer: i, key: keyHash(keyPairID), size: cacheControlSize}
	// While attributes change there may be two states. Today's is the newer one.
	for _, today := range []bool{true, false} {
		for text := range cookieValues(r, i.options.StateCookie) {
			s, ok := parseState(text)
			d := parseDetails(s.details)
			if !ok || (d.config == i.config) != today {
				continue
			}
			if today && !p.known {
				p.known, p.swept, p.former = true, s.swept, min(d.former, len(i.options.FormerAttributes))
			}
			keeps := today && !restart && d.key == p.key && i.isCurrent(s) && p.renewal == 0
			for _, f := range d.folders {
				f.former = f.former || !today
				if f.status == current && (!keeps || i.isSentWith(r, f.path) && !hasSet(r)) {
					f.status = old
				}
				if p.know(f) && f.status == current {
					p.renewal, p.left = s.renewal, d.left
				}
			}
		}
	}
	return p
}

func keyHash(keyPairID string) uint32 { return uint32(hashOf(keyPairID, "", nil)) }

// know adds a folder, and reports whether it is new. A path that no cookie can have was not
// set here.
func (p *plan) know(f folder) bool {
	a := p.issuer.options.Attributes
	a.Path = f.path
	_, err := sign.ClearCookies(a)
	isNew := err == nil && p.find(f.path) < 0
	if isNew {
		p.folders = append(p.folders, f)
	}
	return isNew
}

func (p *plan) find(path string) int {
	return slices.IndexFunc(p.folders, func(f folder) bool { return f.path == path })
}

// make plans the response for the grants that are wanted, and returns those whose cookies
// it sets. First it closes what is not wanted, then it removes what a browser would send
// together with new cookies, and what opens nothing any more comes last.
func (p *plan) make(r *http.Request, wanted []signedGrant) (set []signedGrant) {
	p.close(wanted)
	isUnwanted := func(f folder) bool { return !isWanted(f, wanted) }
	overlaps := func(f folder) bool { return isUnwanted(f) && overlapsAny(f, wanted) }
	if p.clearFormer() && p.clearVisible(r) && p.remove(overlaps) && p.clearFormerOn(wanted) {
		set = p.set(wanted)
	}
	p.remove(isUnwanted)
	return set
}

// isWanted reports whether a folder has the path of a grant.
func isWanted(f folder, wanted []signedGrant) bool {
	return slices.ContainsFunc(wanted, func(w signedGrant) bool { return w.path == f.path })
}

// overlapsAny reports whether browsers send the cookies of a folder together with those of a
// grant.
func overlapsAny(f folder, wanted []signedGrant) bool {
	return slices.ContainsFunc(wanted, func(w signedGrant) bool { return overlap(w.path, f.path) })
}

// close removes the signatures of all folders that have no grant or another one, without
// which CloudFront refuses. If the state has no room for what is left of their cookies, it
// forgets them.
func (p *plan) close(wanted []signedGrant) {
	isSame := func(f folder) bool {
		return slices.ContainsFunc(wanted, func(w signedGrant) bool { return w.path == f.path && w.grant.hash() == f.grant })
	}
	// What is left of a folder does no harm, unless a grant overlaps it.
	isRest := func(f folder) bool { return f.status == revoked && !overlapsAny(f, wanted) }
	for n, f := range p.folders {
		if f.status == revoked || isSame(f) {
			continue
		}
		lines := p.removal(f, isSignature)
		kept := slices.DeleteFunc(slices.Clone(p.folders), isRest)
		if own, _ := p.issuer.ownSize(kept); p.size+sizeOf(lines)+own > p.issuer.options.HeaderBudget {
			continue
		}
		p.folders[n].status = revoked
		p.take(lines, p.folders)
	}
	for _, which := range []func(folder) bool{
		isRest,
		func(f folder) bool { return !isWanted(f, wanted) },
	} {
		for n := len(p.folders) - 1; n >= 0 && !p.fits(nil, p.folders); n-- {
			if f := p.folders[n]; which(f) {
				p.folders = slices.Delete(p.folders, n, n+1)
				if p.forgotten++; f.status != revoked {
					p.open++
				}
			}
		}
	}
}

// err says what of the viewer's cookies is out of reach, or is nil.
func (p *plan) err() error {
	switch {
	case p.open > 0:
		return refuse(ErrHeader, "the state has no room for %d folders, whose cookies open them until they expire: HeaderBudget was lowered, or somebody changed the state", p.open)
	case p.forgotten > 0:
		return refuse(ErrHeader, "the state has no room for %d folders: what is left of their cookies opens nothing, and stays until it expires", p.forgotten)
	}
	return nil
}

// remove removes all that is left of revoked folders, and reports whether all of it fits.
func (p *plan) remove(which func(folder) bool) bool {
	for n := 0; n < len(p.folders); {
		f := p.folders[n]
		if !which(f) {
			n++
			continue
		}
		if f.status != revoked || !p.add(p.removal(f, isNoSignature), slices.Delete(slices.Clone(p.folders), n, n+1)) {
			return false
		}
	}
	return true
}

// removal returns the removal of the named cookies of a folder that may be there. An
// issuer never sets CloudFront-Expires, but an earlier version of the application may
// have done so.
func (p *plan) removal(f folder, named func(string) bool) []string {
	lines := removal(p.issuer.options.Attributes, f.path, func(name string) bool { return named(name) && isSet(name) })
	if f.former {
		lines = append(lines, p.issuer.formerOn(f.path, named)...)
	}
	return lines
}

// clearFormer removes cookies with former attributes that have a path of their own, and
// the state cookie that went with them if a browser keeps it apart from today's.
func (p *plan) clearFormer() bool {
	for p.former < len(p.issuer.options.FormerAttributes) {
		if !p.add(p.issuer.formerAlone(p.former), p.folders) {
			return false
		}
		p.former++
	}
	return true
}

// clearVisible removes signed cookies that other code has set at the application's host,
// which browsers would send to all folders as well. It is done once until nothing is pending.
func (p *plan) clearVisible(r *http.Request) bool {
	names := wire.CookieNames()
	if p.swept || !slices.ContainsFunc(names[:], func(name string) bool { return hasCookie(r, name) }) {
		p.swept = true
		return true
	}
	isOwn := slices.ContainsFunc(p.folders, func(f folder) bool { return p.issuer.isSentWith(r, f.path) })
	lines := removal(p.issuer.options.Attributes, "/", func(name string) bool {
		return hasCookie(r, name) && (!isOwn || !isSet(name))
	})
	p.swept = p.add(lines, p.folders)
	return p.swept
}

// clearFormerOn removes cookies with former attributes on the paths of grants.
func (p *plan) clearFormerOn(wanted []signedGrant) bool {
	for _, w := range wanted {
		n := p.find(w.path)
		lines := p.issuer.formerOn(w.path, isAny)
		if n >= 0 && !p.folders[n].former || len(lines) == 0 {
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
		switch {
		case n < 0:
			folders = append(folders, after)
		case folders[n].status == current:
			continue
		default:
			folders[n] = after
		}
		if !p.add(w.lines, folders) {
			break
		}
		if n >= 0 {
			p.drop(removal(p.issuer.options.Attributes, w.path, isSignature))
		}
		set = append(set, w)
	}
	return set
}

// add adds lines to the response if they fit, and reports whether they do.
func (p *plan) add(lines []string, folders []folder) bool {
	fits := p.fits(lines, folders)
	if fits {
		p.take(lines, folders)
	}
	return fits
}

func (p *plan) take(lines []string, folders []folder) {
	p.lines, p.folders, p.size = append(p.lines, lines...), folders, p.size+sizeOf(lines)
}

// drop takes lines out of the response that others replace.
func (p *plan) drop(lines []string) {
	p.lines = slices.DeleteFunc(p.lines, func(line string) bool {
		if !slices.Contains(lines, line) {
			return false
		}
		p.size -= sizeOf([]string{line})
		return true
	})
}

func (p *plan) fits(lines []string, folders []folder) bool {
	own, _ := p.issuer.ownSize(folders)
	return p.size+sizeOf(lines)+own <= p.issuer.options.HeaderBudget && p.issuer.hasRoom(folders)
}

// pending returns how many folders are left to do.
func (p *plan) pending(wanted []signedGrant) int {
	n := len(wanted) + len(p.issuer.options.FormerAttributes) - p.former
	for _, f := range p.folders {
		switch {
		case !isWanted(f, wanted):
			n++
		case f.status == current:
			n--
		}
	}
	return n
}

// details returns the details of the state that the response sets.
func (p *plan) details(left int64) string {
	return details{left: left, config: p.issuer.config, key: p.key, former: p.former, folders: p.folders}.String()
}
