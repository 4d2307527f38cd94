// SPDX-License-Identifier: Apache-2.0

package session

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A change is what one response does to the cookies of a viewer. Nil: nothing.
type change struct {
	lines []string // values of Set-Cookie
	event Event
}

// changeFor returns the cookies for grants, or those of them that fit into a response.
func (i *Issuer) changeFor(r *http.Request, grants []Grant, kind Kind) (*change, error) {
	wanted, err := i.signAll(r, grants)
	if err != nil {
		return nil, err
	}
	keyPairID := i.signer.KeyPairID()
	p := i.newPlan(r, keyPairID, kind == Issued)
	if err := p.checkBudget(wanted); err != nil {
		return nil, err
	}
	set := p.make(r, wanted)
	renewal, left := i.renewalAfter(p, set)
	pending := p.pending(wanted)
	s := state{pending: pending > 0, renewal: renewal, grants: hashAll(i.config, keyPairID, grantsOf(wanted)), details: p.details(left)}
	own := i.ownCookies(s.String(), strconv.FormatInt(renewal+left, 10), int(i.options.Attributes.MaxAge/time.Second))
	if s.pending && hasCookie(r, i.options.HintCookie) {
		own = own[:1] // some cookies are still the earlier ones
	}
	for _, cookie := range own {
		p.lines = append(p.lines, cookie.String())
	}
	return &change{lines: p.lines, event: Event{Kind: kind, Grants: grantsOf(set), Expires: firstExpiry(set), Pending: pending, Err: p.err()}}, nil
}

// signAll returns the cookies for all grants, or an error. It copies the grants first, so
// that the state says what was signed.
func (i *Issuer) signAll(r *http.Request, grants []Grant) ([]signedGrant, error) {
	if len(grants) > mostGrants {
		return nil, refuse(ErrGrant, "%d grants need more cookies than browsers store for a domain: sign a folder above them, or %d at most", len(grants), mostGrants)
	}
	grants = cloneGrants(grants)
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
		p.know(folder{path: g.path(), status: old, former: true})
	}
	p.make(r, nil)
	pending := p.pending(nil)
	own := i.ownCookies("", "", -1)
	if pending != 0 {
		s := state{pending: true, details: p.details(0)}
		own[0] = ownCookie(i.options.Attributes, i.options.StateCookie, s.String(), int(i.options.Attributes.MaxAge/time.Second))
	}
	for _, cookie := range own {
		p.lines = append(p.lines, cookie.String())
	}
	return &change{lines: p.lines, event: Event{Kind: Cleared, Pending: pending, Err: p.err()}}
}
