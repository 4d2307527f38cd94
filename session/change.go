// SPDX-License-Identifier: Apache-2.0

package session

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A change is what one response does to the cookies of a viewer. Nil: nothing. One without
// lines takes back what was going to be set.
type change struct {
	lines []string // values of Set-Cookie
	event Event
}

// changeFor returns the cookies for grants, or those of them that fit into a response. With
// an error it returns what closes the folders that are not among the grants, or nil.
func (i *Issuer) changeFor(r *http.Request, grants []Grant, kind Kind) (*change, error) {
	grants = cloneGrants(grants) // so that the state says what was signed
	keyPairID := i.signer.KeyPairID()
	wanted, err := i.signAll(r, grants)
	if err == nil {
		err = i.checkBudget(wanted)
	}
	p := i.newPlan(r, keyPairID, kind == Issued)
	if err != nil {
		return i.closing(p, grants), err
	}
	set := p.make(r, wanted)
	pending := p.pending(wanted)
	renewal, left := i.renewalAfter(p, set)
	s := state{pending: pending > 0, swept: p.swept, renewal: renewal, grants: hashAll(i.config, keyPairID, grants), details: p.details(left)}
	return &change{
		lines: append(p.lines, i.stateLines(r, s, left)...),
		event: Event{Kind: kind, Grants: grantsOf(set), Expires: firstExpiry(set), Pending: pending, Err: p.err()},
	}, nil
}

// closing returns what closes the folders that are not among the grants, or nil if there
// are none. It needs no key.
func (i *Issuer) closing(p *plan, grants []Grant) *change {
	var wanted []signedGrant
	for _, g := range grants {
		wanted = append(wanted, signedGrant{grant: g, path: g.path()})
	}
	if p.close(wanted); len(p.lines) == 0 {
		return nil
	}
	s := state{pending: true, renewal: p.renewal, details: p.details(p.left)}
	state := i.ownCookies(s.String(), "", i.maxAge())[0]
	return &change{lines: append(p.lines, state.String()), event: Event{Kind: Cleared, Pending: p.pending(nil), Err: p.err()}}
}

// stateLines returns the issuer's own cookies for a state. The hint stays as it is while
// cookies are still the earlier ones, or before there are any.
func (i *Issuer) stateLines(r *http.Request, s state, left int64) []string {
	own := i.ownCookies(s.String(), strconv.FormatInt(s.renewal+left, 10), i.maxAge())
	if s.pending && hasCookie(r, i.options.HintCookie) || s.renewal == 0 {
		own = own[:1]
	}
	return linesOf(own)
}

func linesOf(cookies []*http.Cookie) []string {
	var lines []string
	for _, cookie := range cookies {
		lines = append(lines, cookie.String())
	}
	return lines
}

func (i *Issuer) maxAge() int { return int(i.options.Attributes.MaxAge / time.Second) }

// signAll returns the cookies for all grants, or an error.
func (i *Issuer) signAll(r *http.Request, grants []Grant) ([]signedGrant, error) {
	if len(grants) > mostGrants {
		return nil, refuse(ErrGrant, "%d grants need more cookies than browsers store for a domain: sign a folder above them, or %d at most", len(grants), mostGrants)
	}
	if err := checkOverlap(grants); err != nil {
		return nil, err
	}
	var all []signedGrant
	for _, g := range grants {
		signed, err := i.sign(r.Context(), g)
		if err != nil {
			return nil, err
		}
		all = append(all, signed)
	}
	return all, nil
}

func grantsOf(signed []signedGrant) []Grant {
	var grants []Grant
	for _, s := range signed {
		grants = append(grants, s.grant)
	}
	return grants
}

// firstExpiry returns when the first of them expires, or the zero time.
func firstExpiry(signed []signedGrant) time.Time {
	if len(signed) == 0 {
		return time.Time{}
	}
	first := slices.MinFunc(signed, func(a, b signedGrant) int { return a.expires.Compare(b.expires) })
	return first.expires
}

// renewalAfter returns when cookies are renewed, and how many seconds later the first one
// expires, once set is added to what the viewer has.
func (i *Issuer) renewalAfter(p *plan, set []signedGrant) (renewal, left int64) {
	if len(set) == 0 {
		return p.renewal, p.left
	}
	end := firstExpiry(set).Unix()
	early := int64(i.options.Renewal / time.Second)
	early += rand.Int64N(early/4 + 1)
	renewal = end - early
	if p.renewal != 0 {
		renewal, end = min(renewal, p.renewal), min(end, p.renewal+p.left)
	}
	return renewal, end - renewal
}

// clearance returns the removal of all that the viewer has and may have for grants, or as
// much of it as fits into a response.
func (i *Issuer) clearance(r *http.Request, grants []Grant) *change {
	p := i.newPlan(r, "", true)
	for _, g := range grants {
		if n := p.find(g.path()); n >= 0 {
			p.folders[n].status = old // another host of the application may have set it again
		} else {
			p.know(folder{path: g.path(), status: old, former: true})
		}
	}
	p.make(r, nil)
	pending := p.pending(nil)
	own := i.ownCookies("", "", -1)
	if pending != 0 {
		s := state{pending: true, swept: p.swept, details: p.details(0)}
		own[0] = ownCookie(i.options.Attributes, i.options.StateCookie, s.String(), i.maxAge())
	}
	if i.hidesState(r) {
		own = nil
	}
	return &change{lines: append(p.lines, linesOf(own)...), event: Event{Kind: Cleared, Pending: pending, Err: p.err()}}
}

// hidesState reports whether r is a form that another site sent, as identity providers do.
// Browsers send no state cookie with it even if they have one.
func (i *Issuer) hidesState(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Sec-Fetch-Site") == "cross-site" &&
		i.options.Attributes.SameSite != http.SameSiteNoneMode && !hasCookie(r, i.options.StateCookie)
}
