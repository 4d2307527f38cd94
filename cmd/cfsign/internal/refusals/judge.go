// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/verify"
)

// A digest stands for values that are too long to be kept.
type digest = [sha256.Size]byte

// A judge decides why requests were refused. It is for one goroutine.
type judge struct {
	trusted  keys.Set
	keyless  *verify.Verifier
	keyed    *verify.Verifier // nil: there are no keys
	now      time.Time        // of the request
	verified *lru.Cache[digest, bool]
	policies *lru.Cache[digest, policy.Policy] // the zero Policy is not valid
}

// mostPolicies is how many policies a judge remembers.
const mostPolicies = 1024

func newJudge(trusted keys.Set) *judge {
	j := &judge{trusted: trusted}
	clock := func() time.Time { return j.now }
	j.keyless = &verify.Verifier{AllowSHA1: true, Clock: clock}
	if len(trusted.IDs()) > 0 {
		j.keyed = &verify.Verifier{Keys: trusted, AllowSHA1: true, Clock: clock}
	}
	// A cache has an error only if its size is less than 1.
	j.verified, _ = lru.New[digest, bool](mostPolicies)
	j.policies, _ = lru.New[digest, policy.Policy](mostPolicies)
	return j
}

// decide returns why the request of a record was refused.
func (j *judge) decide(r *accesslogs.Record, c credential) verdict {
	logged := loggedResponse(r)
	if found, ok := response.ClassifyResult(logged); ok {
		return foundVerdict(found)
	}
	found := response.ClassifyLogged(logged)
	switch {
	case logged.FromOrigin, !c.signed && found.Source == response.S3:
		return foundVerdict(found)
	case !r.HasQuery():
		return undecided(fixQuery)
	case !c.signed && !r.Has(accesslogs.Cookie) && found.Code != string(verify.CodeMissingKey):
		v := undecided(fixCookies)
		v.noCookies = true
		return v
	}
	v := j.check(r, c)
	if v.openEnded && found.Source == response.S3 {
		fromS3 := foundVerdict(found)
		fromS3.proven = v.proven
		return fromS3
	}
	return v
}

// loggedResponse returns what a record says about the response.
func loggedResponse(r *accesslogs.Record) response.Logged {
	text := func(f accesslogs.Field) string { s, _ := r.Text(f); return s }
	return response.Logged{
		DetailedResult: text(accesslogs.DetailedResult),
		ContentType:    text(accesslogs.ContentType),
		ContentLength:  text(accesslogs.ContentLength),
		FromOrigin:     r.Raw(accesslogs.OriginFirstByte) != nil,
	}
}

// check decides as the edge does, at the time of the request.
func (j *judge) check(r *accesslogs.Record, c credential) verdict {
	request, complete := requestOf(r, accesslogs.Decode)
	first, last, timed := r.Received()
	switch {
	case !timed && c.signed:
		return undecided(fixTime)
	case !complete && c.signed:
		return undecided(fixHost)
	}
	j.now = last
	if request.err != nil {
		return denied(verify.ExplainError(request.err))
	}
	report := j.keyless.Explain(request.Request)
	if !c.signed {
		return notSigned(report, string(r.Raw(accesslogs.Method)))
	}
	if c.cookies && r.CookiesCut() && slices.Contains(beforePolicy, firstFailed(report)) {
		return undecided(fixCut)
	}
	signed, v := j.checkSignature(r, c, &request, &report)
	if v.name != "" {
		return v
	}
	v = j.afterSignature(request.Request, report, c)
	if start, has := j.policy(c.policy).NotBefore(); v.openEnded && has && first.Unix() <= start.Unix() {
		j.now = first // the start is between the two
		v = j.afterSignature(request.Request, j.keyless.Explain(request.Request), c)
	}
	v.proven = signed
	return v
}

// beforePolicy are the checks that cut cookies cannot pass.
var beforePolicy = []verify.CheckName{
	verify.CheckCredential, verify.CheckSignatureFormat, verify.CheckPolicyFormat, verify.CheckSignature, verify.CheckPolicy,
}

// notSigned is the verdict about a request without any signing value.
func notSigned(report verify.Report, method string) verdict {
	v := denied(report)
	v.name, v.reason = NotSigned, "not signed"
	if method == http.MethodOptions {
		v.fix = explain.Preflight
	}
	return v
}

// checkSignature makes the checks up to the signature. It returns a verdict if one of them fails, or
// the zero verdict. signed is whether a key has verified the signature. If the log is unclear about
// the URL, checkSignature changes the request and its report to the reading that was signed.
func (j *judge) checkSignature(r *accesslogs.Record, c credential, request *viewerRequest, report *verify.Report) (signed bool, v verdict) {
	failed := firstFailed(*report)
	if failed == verify.CheckCredential {
		return false, denied(*report)
	}
	if j.keyed == nil {
		return false, verdict{}
	}
	if _, known := j.trusted.Lookup(string(c.keyPairID)); !known {
		return false, denied(j.keyed.Explain(request.Request))
	}
	switch failed {
	case verify.CheckSignatureFormat, verify.CheckPolicyFormat, verify.CheckHash, verify.CheckSignature:
		return false, denied(*report)
	}
	if j.isSigned(c, request.Request) {
		return true, verdict{}
	}
	if !request.exact {
		if other, complete := requestOf(r, asLogged); complete && other.err == nil && j.isSigned(c, other.Request) {
			*request, *report = other, j.keyless.Explain(other.Request)
			return true, verdict{}
		}
		if c.expires != nil {
			return false, undecided(fixRebuild)
		}
	}
	return false, verdict{name: WrongSignature, code: verify.CodeAccessDenied, reason: verify.ErrBadSignature.Error(), request: request.Request}
}

// isSigned reports whether a trusted key made the signature. A custom policy does not depend on
// the URL, so its result is remembered.
func (j *judge) isSigned(c credential, request verify.Request) bool {
	isSigned := func() bool {
		_, err := j.keyed.Verify(request)
		return !errors.Is(err, verify.ErrBadSignature)
	}
	if c.expires != nil {
		return isSigned()
	}
	key := digestOf(c.keyPairID, c.policy, c.signature, c.hash)
	signed, known := j.verified.Get(key)
	if !known {
		signed = isSigned()
		j.verified.Add(key, signed)
	}
	return signed
}

// digestOf returns the digest of several values.
func digestOf(values ...[]byte) (d digest) {
	h := sha256.New()
	for _, value := range values {
		_, _ = h.Write(value)
		_, _ = h.Write([]byte{0})
	}
	h.Sum(d[:0])
	return d
}

// afterSignature is the verdict of the checks after the signature.
func (j *judge) afterSignature(request verify.Request, report verify.Report, c credential) verdict {
	if report.Verdict != verify.Denied {
		switch {
		case report.Check(verify.CheckViewerIP).Outcome == verify.NotReached:
			return undecided(fixAddress)
		case j.keyed == nil:
			v := undecided(fixKeys)
			v.openEnded = true
			return v
		}
		return verdict{name: BehindCheck, reason: "signed correctly", fix: fixBehind, openEnded: true}
	}
	v := denied(report)
	switch v.name {
	case Expired:
		v.timed, v.seconds = true, j.now.Unix()-j.expires(c)
	case NotYetValid:
		start, _ := j.policy(c.policy).NotBefore()
		v.timed, v.seconds = true, start.Unix()-j.now.Unix()
	case WrongAddress:
		if request.ViewerIP.Is6() {
			v.name = WrongAddressIPv6
		}
	}
	return v
}

// policy returns the policy in a value, or the zero Policy.
func (j *judge) policy(value []byte) policy.Policy {
	key := digestOf(value)
	if p, ok := j.policies.Get(key); ok {
		return p
	}
	text, _ := accesslogs.Decode(value)
	var p policy.Policy
	if document, err := wire.Decode(text); err == nil {
		p, _ = policy.Parse(document) // else the zero Policy
	}
	j.policies.Add(key, p)
	return p
}

// expires returns the expiry of the policy in seconds since 1970, or 0.
func (j *judge) expires(c credential) int64 {
	if c.expires != nil {
		seconds, err := strconv.ParseInt(string(c.expires), 10, 64)
		if err != nil || seconds < 0 || seconds > wire.MaxEpoch {
			return 0
		}
		return seconds
	}
	if len(c.policy) == 0 {
		return 0
	}
	return max(j.policy(c.policy).Expires().Unix(), 0)
}
