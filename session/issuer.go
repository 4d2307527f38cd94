// SPDX-License-Identifier: Apache-2.0

package session

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/cfsign/cfsign/internal/lostlog"
	"github.com/cfsign/cfsign/sign"
)

// An Issuer sets, renews and clears the signed cookies of viewers. Create it with [New]:
// the zero Issuer panics. An Issuer is safe for concurrent use.
type Issuer struct {
	cache   *sign.Cache
	signer  *sign.Signer
	grants  Grants
	options Options
	config  uint64 // hash of the options
	sizes   sizes
	lost    lostlog.Log
}

// New returns an issuer that signs with s, and uses the clock of s. It calls grants to learn
// what a user may fetch. If an argument is invalid, it returns an error that wraps
// [ErrOptions] and, if package sign refused it, the error of package sign.
func New(s *sign.Signer, grants Grants, o Options) (*Issuer, error) {
	if grants == nil {
		return nil, refuse(ErrOptions, "grants is nil: pass a function")
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	cache, err := sign.NewCache(s, o.Lifetime, o.Cache)
	if err != nil {
		return nil, because(ErrOptions, err)
	}
	return &Issuer{cache: cache, signer: s, grants: grants, options: o, config: o.hash(), sizes: measure(&o)}, nil
}

// Stats returns the counts of the issuer's cache of signed policies.
func (i *Issuer) Stats() sign.CacheStats { return i.cache.Stats() }

// Issue sets the cookies for the grants of r on w, whatever cookies the viewer has. Call it
// at login or after the grants have changed, before you write the response. If the Grants
// function cannot find the user in r yet, as at a login, call [Issuer.IssueFor] instead.
//
// Without grants, Issue returns [ErrNoGrants]. If another site sent r as a form, as
// SAML and form_post do, it returns [ErrCrossSite]. Otherwise it returns the errors of
// [Issuer.Renew].
func (i *Issuer) Issue(w http.ResponseWriter, r *http.Request) error {
	grants, err := i.grantsOf(r)
	if err != nil {
		return i.refused(r, err)
	}
	return i.IssueFor(w, r, grants...)
}

// IssueFor does the same as [Issuer.Issue] for the grants that you pass. Use it at login,
// where r often does not have the user yet.
func (i *Issuer) IssueFor(w http.ResponseWriter, r *http.Request, grants ...Grant) error {
	switch {
	case len(grants) == 0:
		return i.refused(r, refuse(ErrNoGrants, "the request has no user yet, or a user without grants: at login, pass the grants to IssueFor"))
	case i.options.hidesState(r):
		return i.refused(r, refuse(ErrCrossSite, "browsers hide the state cookie from such a form: redirect to a page of your own, and call Issue or Renew there"))
	}
	c, err := i.changeFor(r, grants, Issued)
	if c == nil {
		c = &change{} // It takes back what Renew has set for the user before.
	}
	return i.send(w, r, c, err)
}

// Renew does the work of [Issuer.Handler] in one call before your handler. Use it if the
// authentication is inside a router or framework, such as Gin. Renew sets cookies on w if
// the viewer's cookies are missing or about to expire, or if the user's grants have
// changed. If the user has no grants, it removes the cookies. If the cookies are current,
// or if another site sent r as a form (see [ErrCrossSite]), it does nothing. It always
// calls the Grants function, and signs only if it must.
//
// Renew returns [ErrGrants], [ErrGrant], [ErrKey], [ErrHeader] or [ErrLost]. After an
// error, it sets no signed cookies, but if the grants are known, it still closes the
// folders that are not among them. ErrLost means that w shows that the header was already
// written. The ResponseWriter of net/http does not show this.
//
// After Renew has set cookies, your handler must not change the Cache-Control header.
// Handlers that send files, proxy requests or send early hints do change it: put
// [Issuer.Handler] around them. You can call [Issuer.Issue] or [Issuer.Clear] for the same
// response. It replaces what Renew has set.
func (i *Issuer) Renew(w http.ResponseWriter, r *http.Request) error {
	c, err := i.renewal(r)
	return i.send(w, r, c, err)
}

// Clear removes the cookies that the issuer has set. Call it at logout. It removes the
// cookies of all folders in the state cookie. It also removes cookies for the grants of r,
// because another host of your application, which has a state cookie of its own, may have
// set them. If the Grants function fails, Clear calls [Options].Observe, and removes only
// the cookies of the folders in the state cookie.
//
// Clear cannot remove the cookies of a folder that another host has opened and that the
// user has lost since: the folder stays open until its cookies expire. The same is true of
// cookies that another request sets during a logout or a change of grants, and of cookies
// that were set under another [Options].StateCookie.
//
// It returns [ErrLost] if w shows that the header was already written.
func (i *Issuer) Clear(w http.ResponseWriter, r *http.Request) error {
	grants, err := i.grantsOf(r)
	c := i.clearance(r, grants)
	c.event.Err = errors.Join(err, c.event.Err)
	return i.send(w, r, c, nil)
}

// A change is what one response does to a viewer's cookies. A nil change does nothing. A
// change without lines also takes back what an earlier call was going to set.
type change struct {
	lines []string // values of Set-Cookie
	event Event
}

// renewal returns the change that the viewer of r needs, or nil.
func (i *Issuer) renewal(r *http.Request) (*change, error) {
	grants, err := i.grantsOf(r)
	switch {
	case err != nil:
		return nil, err
	case i.options.hidesState(r):
		return nil, nil
	case len(grants) == 0 && !hasCookie(r, i.options.StateCookie):
		return nil, nil
	case len(grants) == 0:
		return i.clearance(r, nil), nil
	case i.isUpToDate(r, grants):
		return nil, nil
	}
	return i.changeFor(r, grants, Renewed)
}

func (i *Issuer) grantsOf(r *http.Request) ([]Grant, error) {
	grants, err := i.grants(r)
	if err != nil {
		return nil, because(ErrGrants, err)
	}
	return grants, nil
}

// isUpToDate reports whether the viewer has current cookies for all grants. After a change
// of attributes there may be two states: one that is up to date is enough.
func (i *Issuer) isUpToDate(r *http.Request, grants []Grant) bool {
	target := hashAll(i.config, i.signer.KeyPairID(), grants)
	for text := range cookieValues(r, i.options.StateCookie) {
		if s, ok := parseState(text); ok && s.grants == target && !s.pending && s.isCurrent(i.signer.Now(), &i.options) {
			return !i.options.lacksVisible(r, grants)
		}
	}
	return false
}

// changeFor returns the change that sets the cookies for grants, or as many of them as fit
// in a response. With an error, the change closes the folders without a grant, or is nil.
func (i *Issuer) changeFor(r *http.Request, grants []Grant, kind Kind) (*change, error) {
	grants = cloneGrants(grants) // Then the state names what was signed, even if the caller changes its grants.
	keyPairID := i.signer.KeyPairID()
	wanted, err := signAll(r.Context(), i.cache, i.options.Attributes, grants)
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
		lines: append(p.lines, linesOf(i.options.stateCookies(r, s, left))...),
		event: Event{Kind: kind, Grants: grantsIn(set), Expires: firstExpiry(set), Pending: pending, Err: p.err()},
	}, nil
}

// renewalAfter returns when to renew the viewer's cookies after a response that sets some,
// and how many seconds later the first of them expires.
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

// closing returns the change that closes the folders without a grant, or nil. It needs no
// key.
func (i *Issuer) closing(p *plan, grants []Grant) *change {
	if p.close(unsigned(grants)); len(p.lines) == 0 {
		return nil
	}
	s := state{pending: true, renewal: p.renewal, details: p.details(p.left)}
	own := i.options.ownCookies(s.String(), "", i.options.maxAge())[:1]
	return &change{lines: append(p.lines, linesOf(own)...), event: Event{Kind: Cleared, Pending: p.pending(nil), Err: p.err()}}
}

// clearance returns the change that removes all cookies that the viewer has, and may have
// for grants, or as many of them as fit in a response.
func (i *Issuer) clearance(r *http.Request, grants []Grant) *change {
	p := i.newPlan(r, "", true)
	for _, g := range grants {
		if n := p.find(g.path()); n >= 0 {
			p.folders[n].status = old // Another host of the application may have set it again.
		} else {
			p.know(folder{path: g.path(), status: old, former: true})
		}
	}
	p.make(r, nil)
	pending := p.pending(nil)
	own := i.options.ownCookies("", "", -1)
	if pending != 0 {
		s := state{pending: true, swept: p.swept, details: p.details(0)}
		own[0] = ownCookie(i.options.Attributes, i.options.StateCookie, s.String(), i.options.maxAge())
	}
	if i.options.hidesState(r) {
		own = nil
	}
	return &change{lines: append(p.lines, linesOf(own)...), event: Event{Kind: Cleared, Pending: pending, Err: p.err()}}
}

// send adds a change to a response, and returns err. Behind the middleware it replaces the
// change that the middleware was going to send.
func (i *Issuer) send(w http.ResponseWriter, r *http.Request, c *change, err error) error {
	if err != nil {
		_ = i.refused(r, err)
	}
	if c == nil {
		return err
	}
	x := i.responseOf(w)
	switch {
	case x != nil && x.Sent(), x == nil && isWritten(w):
		return errors.Join(err, i.refused(r, refuse(ErrLost, "the header was already written: call the issuer before you write the response")))
	case x != nil:
		x.change = c
		if len(c.lines) == 0 {
			x.change = nil
		}
	default:
		header := headerOf(w)
		if h, ok := header.(http.Header); ok {
			i.withdraw(h, r)
		}
		if len(c.lines) > 0 {
			apply(header, c.lines)
			i.tell(r, c.event)
		}
	}
	return err
}

// tell calls the hook.
func (i *Issuer) tell(r *http.Request, e Event) {
	if i.options.Observe != nil {
		i.options.Observe(r.Context(), e)
	}
}

// lose logs an error that neither a hook nor Failed gets, unless the viewer has gone.
func (i *Issuer) lose(r *http.Request, err error) {
	if i.options.Observe == nil && i.options.Failed == nil && r.Context().Err() == nil {
		i.lost.Write(r.Context(), slog.LevelError, "session: a viewer gets no cookies", slog.String("error", err.Error()))
	}
}

// refused tells the hook that there was an error, and returns it.
func (i *Issuer) refused(r *http.Request, err error) error {
	i.tell(r, Event{Kind: Refused, Err: err})
	return err
}
