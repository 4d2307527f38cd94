// SPDX-License-Identifier: Apache-2.0

// Package playground answers the page of the playground: it explains requests as cfsign explain
// does, and signs with a key that exists only while the page is open.
//
//	answer := playground.Explain(playground.ExplainRequest{Text: pasted}, time.Now())
//
// Everything that the page shows comes from here. The package makes no network requests, and it
// never keeps a key of the user.
package playground

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/keys"
)

// An ExplainRequest has the fields of the tab that explains. Only Text is required.
type ExplainRequest struct {
	Text       string      `json:"text"`
	Response   string      `json:"response"`
	Cookies    string      `json:"cookies"`
	Address    string      `json:"address"`
	At         string      `json:"at"`
	PublicKeys []PublicKey `json:"publicKeys"`
}

// A PublicKey is a trusted key in PEM.
type PublicKey struct {
	ID  string `json:"id"`
	PEM string `json:"pem"`
}

const errPrivateKey = "this is a private key, and this page does not take one: never paste a private key into a web page. The field was cleared. If others can see the key, replace it"

// Explain explains a request as cfsign explain does, in the words of the page. Whatever else it finds,
// its answer names all fields that must be cleared.
func Explain(r ExplainRequest, now time.Time) Answer {
	private := withPrivateKey(r.fields())
	others := slices.DeleteFunc(slices.Clone(private), func(f Field) bool { return f == FieldText })
	var answer Answer
	switch {
	case len(others) > 0:
		answer = Answer{Error: errPrivateKey, Field: others[0]}
	case len(private) > 0:
		answer = reportKey(r.Text)
	default:
		answer = explainRequest(r, now)
	}
	answer.Forget = private
	if e := answer.Explanation; e != nil && e.Key != nil && e.Key.Private && len(private) == 0 { // another secret
		answer.Forget = []Field{FieldText}
	}
	isOther := func(key PublicKey) bool { _, err := publicKey(key.PEM); return err != nil && optional(key.PEM) != nil }
	if slices.ContainsFunc(r.PublicKeys, isOther) && !slices.Contains(answer.Forget, FieldPublicKey) {
		answer.Forget = append(answer.Forget, FieldPublicKey)
	}
	return answer
}

// fields returns the texts of the fields.
func (r ExplainRequest) fields() map[Field]string {
	fields := map[Field]string{FieldText: r.Text, FieldResponse: r.Response, FieldCookies: r.Cookies, FieldAddress: r.Address, FieldAt: r.At}
	for _, key := range r.PublicKeys {
		fields[FieldPublicKey] += key.PEM + "\n"
		fields[FieldKeyPairID] += key.ID + "\n"
	}
	return fields
}

// reportKey says what a text with a private key is, so that a user can find out whether a key is
// damaged. The other fields do not matter.
func reportKey(text string) Answer {
	e, err := explain.Question{Text: []byte(text), Words: Words}.Answer()
	if err == nil && e.Key != nil && e.Key.Private {
		return Answer{Explanation: &e}
	}
	return Answer{Error: errPrivateKey, Field: FieldText}
}

// explainRequest is Explain without private keys.
func explainRequest(r ExplainRequest, now time.Time) Answer {
	place := FieldText
	if strings.TrimSpace(r.Text) == "" && optional(r.Response) != nil { // the answer alone shows which server refused
		place = FieldResponse
		if _, err := capture.ParseResponse([]byte(r.Response)); err != nil {
			return failure(Words.Err(err), place)
		}
		r.Text, r.Response = r.Response, ""
	}
	trusted, err := trustedKeys(r.PublicKeys)
	if err != nil {
		return failure(err, FieldPublicKey)
	}
	if err = checkLengths(map[Field]string{FieldAddress: r.Address, FieldAt: r.At}); err != nil {
		return failure(err, FieldText)
	}
	question := explain.Question{
		Text: []byte(r.Text), Response: optional(r.Response), Now: now, Words: Words,
		Additions: explain.Additions{At: strings.TrimSpace(r.At), Address: strings.TrimSpace(r.Address), Cookies: optional(r.Cookies)},
		Trusted:   func(capture.Request) (keys.Set, error) { return trusted, nil },
	}
	e, err := question.Answer()
	if err != nil && place == FieldResponse {
		err = errAnswerAlone
	}
	if err != nil {
		return failure(err, place)
	}
	if e.Key != nil {
		return Answer{Explanation: &e}
	}
	return answerOf(e)
}

var errAnswerAlone = errors.New(`this is not an answer that shows a server: paste its body or the output of curl -i, or paste the request into "What was refused"`)

// checkLengths checks fields that have one short value.
func checkLengths(fields map[Field]string) error {
	const longest = 4 << 10 // bytes
	for field, text := range fields {
		if len(text) > longest {
			return &fieldError{field, errors.New("this is too long: the limit is 4 KiB")}
		}
	}
	return nil
}

// optional returns nil for an empty field.
func optional(text string) []byte {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []byte(text)
}

// withPrivateKey returns the fields that have a private key.
func withPrivateKey(fields map[Field]string) []Field {
	var found []Field
	for _, field := range []Field{
		FieldText, FieldResponse, FieldCookies, FieldAddress, FieldAt, FieldPublicKey, FieldKeyPairID,
		FieldURL, FieldPattern, FieldExpires, FieldStart, FieldRange, FieldDomain,
	} {
		if capture.HasPrivateKey([]byte(fields[field])) {
			found = append(found, field)
		}
	}
	return found
}

// trustedKeys returns the keys that the user gave. Without any, it returns the zero Set.
func trustedKeys(given []PublicKey) (keys.Set, error) {
	byID := map[string]crypto.PublicKey{}
	for _, key := range given {
		id, text := strings.TrimSpace(key.ID), strings.TrimSpace(key.PEM)
		if id == "" && text == "" {
			continue
		}
		public, err := publicKey(key.PEM)
		if text != "" && err != nil { // first, because the page clears the field
			return keys.Set{}, err
		}
		if err := checkID(id); err != nil {
			return keys.Set{}, &fieldError{FieldKeyPairID, err}
		}
		if text == "" {
			return keys.Set{}, &fieldError{FieldPublicKey, errors.New("the key is missing: paste the public key with this ID, or leave the ID out")}
		}
		byID[id] = public
	}
	if len(byID) == 0 {
		return keys.Set{}, nil
	}
	return keys.NewSet(byID)
}

// checkID checks the ID of a public key.
func checkID(id string) error {
	if id == "" {
		return errors.New("the ID is missing: write the ID of the public key in CloudFront, such as K2JCJMDEHXQW5F")
	}
	return keys.CheckID(id)
}

// publicKey returns the key in the field for it. Everything else in this field can be a private key in
// an unknown form, so the page clears it.
func publicKey(text string) (crypto.PublicKey, error) {
	err := fmt.Errorf("this is too long: the limit is %d MiB", capture.MaxText>>20)
	if len(text) <= capture.MaxText {
		var public crypto.PublicKey
		if public, err = keys.ParsePublic([]byte(text)); err == nil {
			return public, nil
		}
	}
	return nil, &fieldError{FieldPublicKey, fmt.Errorf("%w. The field was cleared, because it had no public key", err)}
}
