// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// refresh is Refresh, which has to succeed.
func refresh(t *testing.T, source *awssecrets.Source) {
	t.Helper()
	if err := source.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestRotation goes through a rotation with Secrets Manager's labels, and back.
func TestRotation(t *testing.T) {
	l := newLocal(t, 1)
	var told events
	first := l.secrets.Put(secretName, pairJSON("K1", keyA))
	source := newSource(t, l.secret(), awssecrets.Options{Observe: told.add})
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA})

	second := l.secrets.PutPending(secretName, pairJSON("K2", keyB))
	refresh(t, source)
	checkPair(t, source, "K1", keyA)
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA})

	both := map[string]crypto.Signer{"K1": keyA, "K2": keyB}
	l.secrets.MoveCurrent(secretName, second)
	refresh(t, source)
	checkPair(t, source, "K2", keyB)
	checkTrusted(t, source, both)
	checkTrusted(t, newSource(t, l.secret(), awssecrets.Options{}), both)

	l.secrets.MoveCurrent(secretName, first)
	refresh(t, source)
	checkPair(t, source, "K1", keyA)
	checkTrusted(t, source, both)

	l.secrets.Put(secretName, pairJSON("K3", keyC))
	refresh(t, source)
	checkPair(t, source, "K3", keyC)
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA, "K3": keyC})

	l.secrets.Put(secretName, strings.ReplaceAll(pairJSON("K3", keyC), ", ", ",\n")) // written again
	refresh(t, source)
	checkTrusted(t, source, map[string]crypto.Signer{"K3": keyC})

	if errs := told.take(); len(errs) > 0 {
		t.Errorf("Observe was told %v", errs)
	}
}

// TestParameterRotation does it with the versions of a parameter.
func TestParameterRotation(t *testing.T) {
	l := newLocal(t, 1)
	location := awssecrets.Parameter(l.ssm, parameterName)
	l.parameters.Put(parameterName, pairJSON("K1", keyA))
	source := newSource(t, location, awssecrets.Options{})
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA})
	if n := l.server.Count(awslocal.ParametersGet); n != 1 {
		t.Errorf("%d requests for a first version, before which there is none", n)
	}
	l.parameters.Put(parameterName, pairJSON("K2", keyB))
	refresh(t, source)
	checkPair(t, source, "K2", keyB)
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
	checkTrusted(t, newSource(t, location, awssecrets.Options{}), map[string]crypto.Signer{"K1": keyA, "K2": keyB})

	l.parameters.Delete(parameterName) // and created again, with the same numbers
	l.parameters.Put(parameterName, pairJSON("K3", keyC))
	l.parameters.Put(parameterName, pairJSON("K4", keyA))
	refresh(t, source)
	checkPair(t, source, "K4", keyA)
	checkTrusted(t, source, map[string]crypto.Signer{"K3": keyC, "K4": keyA})
}

// TestRequests counts what reading costs.
func TestRequests(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	l.secrets.Put(idName, "K1")
	counted := 0
	check := func(what string, want int) {
		t.Helper()
		before := counted
		if counted = l.server.Count(awslocal.SecretsGetValue); counted-before != want {
			t.Errorf("%s: %d requests, want %d", what, counted-before, want)
		}
	}
	one := newSource(t, l.secret(), awssecrets.Options{})
	check("at first: the current and the previous version", 2)
	refresh(t, one)
	check("with nothing new", 1)
	l.secrets.Put(secretName, pairJSON("K2", keyB))
	refresh(t, one)
	check("with a new version", 2)

	l.secrets.Put(secretName, pairJSON("K1", keyA))
	two := newSource(t, l.secret(), awssecrets.Options{KeyPairIDFrom: l.id()})
	check("at first, with the ID apart: the ID twice, and no previous ID", 5)
	refresh(t, two)
	check("with nothing new and the ID apart", 2)
}

// TestHalfRotations refuses what comes after a good pair, one after the other, and takes
// the good ones.
func TestHalfRotations(t *testing.T) {
	group := setOf(t, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
	const refused = ""
	type step struct {
		key, id string // what is written; "": it stays
		want    string // the ID of the pair; refused: that from before stays
	}
	tests := []struct {
		name    string
		options awssecrets.Options
		apart   bool
		steps   []step
	}{
		{name: "the key alone, then both", steps: []step{
			{key: pairJSON("K1", keyB), want: refused}, {key: pairJSON("K2", keyB), want: "K2"},
		}},
		{name: "the key alone, then back", steps: []step{
			{key: pairJSON("K1", keyB), want: refused}, {key: pairJSON("K1", keyA), want: "K1"}, {key: pairJSON("K2", keyB), want: "K2"},
		}},
		{name: "the ID alone, then both", steps: []step{
			{key: pairJSON("K2", keyA), want: refused}, {key: pairJSON("K2", keyB), want: "K2"},
		}},
		{name: "the ID alone, with the old public key next to it", steps: []step{
			{key: jsonOf("keyPairId", "K2", "privateKey", pemOf(keyA), "publicKey", publicOf(keyA)), want: refused}, {key: pairJSON("K2", keyB), want: "K2"},
		}},
		{name: "the ID alone, then back, and the key alone", steps: []step{
			{key: pairJSON("K2", keyA), want: refused}, {key: pairJSON("K1", keyB), want: refused}, {key: pairJSON("K2", keyB), want: "K2"},
		}},
		{name: "an earlier ID with a third key", steps: []step{
			{key: pairJSON("K2", keyB), want: "K2"}, {key: pairJSON("K1", keyC), want: refused}, {key: pairJSON("K3", keyC), want: "K3"},
		}},
		{name: "the public key stays behind", steps: []step{
			{key: jsonOf("keyPairId", "K2", "privateKey", pemOf(keyB), "publicKey", publicOf(keyA)), want: refused},
			{key: jsonOf("keyPairId", "K2", "privateKey", pemOf(keyB), "publicKey", publicOf(keyB)), want: "K2"},
		}},
		{name: "a key group", options: awssecrets.Options{KeyGroup: group}, steps: []step{
			{key: pairJSON("K2", keyA), want: refused},
			{key: pairJSON("K1", keyB), want: refused},
			{key: pairJSON("K3", keyC), want: refused},
			{key: pairJSON("K2", keyB), want: "K2"},
		}},
		{name: "a fixed ID", options: awssecrets.Options{KeyPairID: "K1"}, steps: []step{
			{key: pairJSON("K2", keyB), want: refused}, {key: pemOf(keyB), want: refused}, {key: pemOf(keyA), want: "K1"},
		}},
		{name: "apart: the key first", apart: true, steps: []step{{key: pemOf(keyB), want: refused}, {id: "K2", want: "K2"}}},
		{name: "apart: the ID first", apart: true, steps: []step{{id: "K2", want: refused}, {key: pemOf(keyB), want: "K2"}}},
		{name: "apart: the ID first, then back", apart: true, steps: []step{{id: "K2", want: refused}, {id: "K1", want: "K1"}}},
		{name: "apart: both at once", apart: true, steps: []step{{id: "K2", key: pemOf(keyB), want: "K2"}}},
		{name: "apart: an ID of its own for the same key, which is named there", apart: true, steps: []step{
			{id: jsonOf("keyPairId", "K2", "publicKey", publicOf(keyA)), want: "K2"},
		}},
		{name: "apart: the ID's public key", apart: true, steps: []step{
			{id: jsonOf("keyPairId", "K2", "publicKey", publicOf(keyB)), want: refused}, {key: pemOf(keyB), want: "K2"},
		}},
		{name: "apart: a key group", apart: true, options: awssecrets.Options{KeyGroup: group}, steps: []step{
			{id: "K2", want: refused}, {key: pemOf(keyB), want: "K2"}, {key: pemOf(keyA), want: refused},
		}},
		{
			name: "apart: a key group that has the key twice", apart: true,
			options: awssecrets.Options{KeyGroup: setOf(t, map[string]crypto.Signer{"K1": keyA, "K2": keyA})},
			steps:   []step{{id: "K2", want: "K2"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLocal(t, 1)
			first := pairJSON("K1", keyA)
			if tt.apart {
				first, tt.options.KeyPairIDFrom = pemOf(keyA), l.id()
				l.secrets.Put(idName, "K1")
			}
			l.secrets.Put(secretName, first)
			source := newSource(t, l.secret(), tt.options)
			id := "K1"
			for i, s := range tt.steps {
				if s.key != "" {
					l.secrets.Put(secretName, s.key)
				}
				if s.id != "" {
					l.secrets.Put(idName, s.id)
				}
				_, before := source.Pair()
				err := source.Refresh(t.Context())
				if s.want == refused {
					checkOnly(t, err, keys.ErrMismatch)
					checkPair(t, source, id, before)
					continue
				}
				if id = s.want; err != nil {
					t.Errorf("step %d: %v", i, err)
				}
				if got, _ := source.Pair(); got != id {
					t.Errorf("step %d: got %s, want %s", i, got, id)
				}
			}
		})
	}
}

// TestChangesDuringReading rotates after the ID was read and before the key is.
func TestChangesDuringReading(t *testing.T) {
	ids, private := &memory{values: []string{"K1"}}, &memory{values: []string{pemOf(keyA)}}
	rotate := func() {
		private.put(pemOf(keyB))
		ids.put("K2")
	}
	once := sync.OnceFunc(rotate)
	private.before = func(context.Context) { once() }
	o := awssecrets.Options{KeyPairIDFrom: awssecrets.Secret(ids, idName)}
	source := newSource(t, awssecrets.Secret(private, secretName), o)
	checkPair(t, source, "K2", keyB)

	changes := 0
	private.before = func(context.Context) {
		changes++
		ids.put(fmt.Sprint("K", changes))
	}
	_, err := awssecrets.New(t.Context(), awssecrets.Secret(private, secretName), o)
	checkOnly(t, err, keys.ErrUnavailable)
}

// TestReadingApart fails at each of the requests that two places take.
func TestReadingApart(t *testing.T) {
	for failing := 1; failing <= 3; failing++ {
		l := newLocal(t, 1)
		l.secrets.Put(idName, "K1")
		l.secrets.Put(secretName, pemOf(keyA))
		answers := 0
		l.secrets.Alter(func(v *awslocal.SecretValue) {
			if answers++; answers == failing {
				v.SecretString = nil
			}
		})
		_, err := awssecrets.New(t.Context(), l.secret(), awssecrets.Options{KeyPairIDFrom: l.id()})
		checkOnly(t, err, keys.ErrUnavailable)
		if want := map[bool]string{true: secretName + ":", false: idName + ":"}[failing == 2]; !strings.Contains(err.Error(), want) {
			t.Errorf("request %d: %v does not say where", failing, err)
		}
	}
}

// TestPreviousParameter: Parameter Store forgets versions, or does not hand one out.
func TestPreviousParameter(t *testing.T) {
	l := newLocal(t, 1)
	l.parameters.Put(parameterName, pairJSON("K1", keyA))
	l.parameters.Put(parameterName, pairJSON("K2", keyB))
	for _, tt := range []struct {
		code string
		told int
	}{{"ParameterVersionNotFound", 0}, {"InternalServerError", 1}} {
		fail := true
		l.parameters.Alter(func(*awslocal.Parameter) {
			if fail {
				l.server.Fail(awslocal.ParametersGet, 1, &awslocal.Error{Status: http.StatusBadRequest, Type: tt.code})
			}
			fail = false
		})
		var told events
		source := newSource(t, awssecrets.Parameter(l.ssm, parameterName), awssecrets.Options{Observe: told.add})
		checkTrusted(t, source, map[string]crypto.Signer{"K2": keyB})
		if errs := told.take(); len(errs) != tt.told {
			t.Errorf("%s: Observe was told %v", tt.code, errs)
		}
	}
}

// TestPrevious: what is wrong with AWSPREVIOUS is told, and nothing else.
func TestPrevious(t *testing.T) {
	tests := []struct {
		name     string
		previous string
		options  awssecrets.Options
		want     error // nil: nothing is told
		trusted  map[string]crypto.Signer
	}{
		{name: "fine", previous: pairJSON("K1", keyA), trusted: map[string]crypto.Signer{"K1": keyA, "K2": keyB}},
		{name: "the same", previous: pairJSON("K2", keyB)},
		{name: "another ID of the key", previous: pairJSON("K3", keyB), trusted: map[string]crypto.Signer{"K2": keyB, "K3": keyB}},
		{name: "no key", previous: "text", want: keys.ErrNoKey},
		{name: "no layout", previous: "{", want: keys.ErrMalformedKey},
		{name: "no id", previous: pemOf(keyA)},
		{name: "the ID of the current one", previous: pairJSON("K2", keyA), want: keys.ErrMismatch},
		{name: "another public key", previous: jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyC)), want: keys.ErrMismatch},
		{name: "retired", previous: pairJSON("K1", keyA), options: awssecrets.Options{KeyGroup: setOf(t, map[string]crypto.Signer{"K2": keyB})}},
		{name: "another key in the key group", previous: pairJSON("K1", keyA), options: awssecrets.Options{KeyGroup: setOf(t, map[string]crypto.Signer{"K1": keyC, "K2": keyB})}, want: keys.ErrMismatch},
		{name: "before an ID that is fixed", previous: pairJSON("K1", keyA), options: awssecrets.Options{KeyPairID: "K2"}, trusted: map[string]crypto.Signer{"K1": keyA, "K2": keyB}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLocal(t, 1)
			l.secrets.Put(secretName, tt.previous)
			l.secrets.Put(secretName, pairJSON("K2", keyB))
			var told events
			tt.options.Observe = told.add
			source := newSource(t, l.secret(), tt.options)
			checkPair(t, source, "K2", keyB)
			if tt.trusted == nil {
				tt.trusted = map[string]crypto.Signer{"K2": keyB}
			}
			checkTrusted(t, source, tt.trusted)
			errs := told.take()
			if len(errs) != 0 && tt.want == nil || tt.want != nil && (len(errs) != 1 || !errors.Is(errs[0], tt.want)) {
				t.Errorf("Observe was told %v, want %v", errs, tt.want)
			}
			for _, err := range errs {
				checkNoSecret(t, err.Error(), keyA, keyB, keyC)
			}
			refresh(t, source)
			if errs := told.take(); len(errs) != 0 {
				t.Errorf("Observe was told once more: %v", errs)
			}
		})
	}
}

// TestPairBetweenReadings: a pair that came and went between two readings is trusted, because
// another process may have signed with it.
func TestPairBetweenReadings(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	source := newSource(t, l.secret(), awssecrets.Options{})
	l.secrets.Put(secretName, pairJSON("K2", keyB))
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	refresh(t, source)
	checkPair(t, source, "K1", keyA)
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
}

// TestStartAfterRotation: after a start that found nothing odd, an ID cannot get another key.
func TestStartAfterRotation(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	l.secrets.Put(secretName, pairJSON("K2", keyB))
	source := newSource(t, l.secret(), awssecrets.Options{})
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
	for _, id := range []string{"K1", "K2"} {
		l.secrets.Put(secretName, pairJSON(id, keyC))
		checkOnly(t, source.Refresh(t.Context()), keys.ErrMismatch)
		checkPair(t, source, "K2", keyB)
	}
}

// TestPublicKeyWithoutID: a public key next to the private key says nothing about the ID,
// which is in another place. If only the ID changes, the rotation is half done.
func TestPublicKeyWithoutID(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, jsonOf("privateKey", pemOf(keyA), "publicKey", publicOf(keyA)))
	l.secrets.Put(idName, "K1")
	source := newSource(t, l.secret(), awssecrets.Options{KeyPairIDFrom: l.id()})
	l.secrets.Put(idName, "K2")
	checkOnly(t, source.Refresh(t.Context()), keys.ErrMismatch)
	checkPair(t, source, "K1", keyA)
}

// TestPreviousParametersApart: each parameter counts its own versions.
func TestPreviousParametersApart(t *testing.T) {
	l := newLocal(t, 1)
	for _, key := range []crypto.Signer{keyC, keyA, keyB} {
		l.parameters.Put(parameterName, pemOf(key))
	}
	l.parameters.Put(idParameter, "K1")
	l.parameters.Put(idParameter, "K2")
	var told events
	source := newSource(t, awssecrets.Parameter(l.ssm, parameterName), awssecrets.Options{KeyPairIDFrom: awssecrets.Parameter(l.ssm, idParameter), Observe: told.add})
	checkPair(t, source, "K2", keyB)
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
	if errs := told.take(); len(errs) > 0 {
		t.Errorf("Observe was told %v", errs)
	}
}

// TestPreviousApart has the ID in a place of its own.
func TestPreviousApart(t *testing.T) {
	tests := []struct {
		name    string
		keys    []string
		ids     []string
		want    error
		trusted map[string]crypto.Signer
	}{
		{"both were rotated", []string{pemOf(keyA), pemOf(keyB)}, []string{"K1", "K2"}, nil, map[string]crypto.Signer{"K1": keyA, "K2": keyB}},
		{"the key alone", []string{pemOf(keyA), pemOf(keyB)}, []string{"K2"}, keys.ErrMismatch, nil},
		{"the same key written again", []string{pemOf(keyB), pemOf(keyB) + "\n"}, []string{"K2"}, nil, nil},
		{"the key alone, and the ID written again", []string{pemOf(keyA), pemOf(keyB)}, []string{"K2", "K2\n"}, keys.ErrMismatch, nil},
		{"the ID was corrected", []string{pemOf(keyB)}, []string{"K1", "K2"}, nil, nil},
		{"a placeholder", []string{"to do", pemOf(keyB)}, []string{"K2"}, keys.ErrNoKey, nil},
		{"a placeholder of the ID", []string{pemOf(keyA), pemOf(keyB)}, []string{"to do", "K2"}, keys.ErrKeyPairID, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLocal(t, 1)
			for _, key := range tt.keys {
				l.secrets.Put(secretName, key)
			}
			for _, id := range tt.ids {
				l.secrets.Put(idName, id)
			}
			var told events
			source := newSource(t, l.secret(), awssecrets.Options{KeyPairIDFrom: l.id(), Observe: told.add})
			checkPair(t, source, "K2", keyB)
			if tt.trusted == nil {
				tt.trusted = map[string]crypto.Signer{"K2": keyB}
			}
			checkTrusted(t, source, tt.trusted)
			errs := told.take()
			if len(errs) != 0 && tt.want == nil || tt.want != nil && (len(errs) != 1 || !errors.Is(errs[0], tt.want)) {
				t.Errorf("Observe was told %v, want %v", errs, tt.want)
			}
		})
	}
}

// TestPreviousMistake: an ID that was given to the wrong key, which was put right before
// the process began, may still be given to the right one.
func TestPreviousMistake(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K2", keyA))
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	source := newSource(t, l.secret(), awssecrets.Options{})
	l.secrets.Put(secretName, pairJSON("K2", keyB))
	refresh(t, source)
	checkPair(t, source, "K2", keyB)
}

// TestPreviousIsAway: AWSPREVIOUS that cannot be read is read again later, and the pair
// that was in use is trusted until then.
func TestPreviousIsAway(t *testing.T) {
	l := newLocal(t, 1)
	var told events
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	source := newSource(t, l.secret(), awssecrets.Options{Observe: told.add})
	l.secrets.Put(secretName, "not a key")
	checkOnly(t, source.Refresh(t.Context()), nil) // none of the sentinels of services
	l.secrets.Put(secretName, pairJSON("K2", keyB))
	refresh(t, source)
	checkTrusted(t, source, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
	if errs := told.take(); len(errs) != 1 || !errors.Is(errs[0], keys.ErrKeyPairID) && !errors.Is(errs[0], keys.ErrNoKey) {
		t.Errorf("Observe was told %v", errs)
	}

	l.secrets.Put(secretName, pairJSON("K3", keyC))
	for range 2 {
		l.failPrevious()
		refresh(t, source)
		checkPair(t, source, "K3", keyC)
		checkTrusted(t, source, map[string]crypto.Signer{"K2": keyB, "K3": keyC})
		if errs := told.take(); len(errs) != 1 || !errors.Is(errs[0], keys.ErrUnavailable) {
			t.Errorf("Observe was told %v", errs)
		}
	}
	refresh(t, source)
	checkTrusted(t, source, map[string]crypto.Signer{"K2": keyB, "K3": keyC})
	l.secrets.Unlabel(secretName, awslocal.StagePrevious)
	l.secrets.Put(secretName, pairJSON("K3", keyC)+" ")
	l.secrets.Unlabel(secretName, awslocal.StagePrevious)
	refresh(t, source)
	checkTrusted(t, source, map[string]crypto.Signer{"K3": keyC})
	if errs := told.take(); len(errs) != 0 {
		t.Errorf("Observe was told %v", errs)
	}
}

// failPrevious has the service answer the next request for AWSPREVIOUS with nothing.
func (l *local) failPrevious() {
	done := false
	l.secrets.Alter(func(v *awslocal.SecretValue) {
		if len(v.VersionStages) == 1 && v.VersionStages[0] == awslocal.StagePrevious && !done {
			v.SecretString, done = nil, true
		}
	})
}
