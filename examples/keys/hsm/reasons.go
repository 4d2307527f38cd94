// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/miekg/pkcs11"

	"github.com/cfsign/cfsign/keys"
)

// unusable says why a token refuses, with one of the reasons of package keys. The
// errors of crypto11 and PKCS#11 are wrapped as they are: they consist of fixed texts,
// codes and labels.
func unusable(err error) error {
	var code pkcs11.Error
	if !errors.As(err, &code) { // it is not the token's, such as that the token was closed
		return fmt.Errorf("hsm: %w: %w", keys.ErrUnavailable, err)
	}
	advice, reason := explain(code)
	return fmt.Errorf("hsm: %w: %s: %w", reason, advice, err)
}

// explain returns what to do about an answer of the token, and the reason behind it.
func explain(code pkcs11.Error) (advice string, reason error) {
	switch code {
	case pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE:
		return "the PIN is wrong, and after a few more such attempts most tokens lock it", keys.ErrAccessDenied
	case pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_PIN_EXPIRED:
		return "the PIN is locked or has expired: the token's security officer sets a new one", keys.ErrAccessDenied
	case pkcs11.CKR_USER_PIN_NOT_INITIALIZED:
		return "the token has no user PIN yet: set one with: pkcs11-tool --init-pin", keys.ErrAccessDenied
	case pkcs11.CKR_USER_NOT_LOGGED_IN:
		return "nobody is logged in, or the key wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE): make one that does not", keys.ErrAccessDenied
	case pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED:
		return "the key is not there to sign (CKA_SIGN): make one that is", keys.ErrAccessDenied
	case pkcs11.CKR_MECHANISM_INVALID:
		return "the token does not sign digests with such keys (CKM_RSA_PKCS, CKM_ECDSA): its policy may forbid it", keys.ErrAccessDenied
	case pkcs11.CKR_OBJECT_HANDLE_INVALID, pkcs11.CKR_KEY_HANDLE_INVALID,
		pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED:
		// A key that was deleted looks the same. Who opens the token again sees which.
		return "the session is lost, or the key was deleted: open the token again", keys.ErrUnavailable
	}
	return "the token fails", keys.ErrUnavailable
}

// notOpened says why a token could not be opened. Where crypto11 has no code for it,
// it may be the module or the label.
func notOpened(file, label string, err error) error {
	if code := pkcs11.Error(0); errors.As(err, &code) {
		return unusable(err)
	}
	module := pkcs11.New(file)
	if module == nil {
		return fmt.Errorf("hsm: %w: %q is no PKCS#11 module for %s that can be loaded: install the package that has it (in Debian softhsm2, opensc-pkcs11 for most smart cards, ykcs11 for a YubiKey; else from the maker of the device), and name its file",
			keys.ErrUnavailable, file, runtime.GOARCH)
	}
	defer module.Destroy()
	return fmt.Errorf("hsm: %w: there is no token with the label %q, but %s: %w", keys.ErrUnavailable, label, list(tokenLabels(module)), err)
}

// tokenLabels returns the labels of the tokens that are there.
func tokenLabels(module *pkcs11.Ctx) []string {
	if module.Initialize() == nil { // else it is in use, and stays so
		defer module.Finalize()
	}
	slots, err := module.GetSlotList(true)
	if err != nil {
		return nil
	}
	var labels []string
	for _, slot := range slots {
		if info, err := module.GetTokenInfo(slot); err == nil && info.Label != "" {
			labels = append(labels, info.Label)
		}
	}
	return labels
}

// notFound says why there is no key pair with the label.
func (t *token) notFound(label string) error {
	if found, err := t.context.FindPrivateKeys(nil, []byte(label)); err == nil && len(found) > 0 {
		return fmt.Errorf("hsm: %w: the private key %q is there without its public key: put that beside it, with the same ID",
			keys.ErrKeyNotFound, label)
	}
	return fmt.Errorf("hsm: %w: no key pair has the label %q, but %s", keys.ErrKeyNotFound, label, list(t.keyLabels()))
}

// keyLabels returns the labels of the key pairs that are there.
func (t *token) keyLabels() []string {
	pairs, err := t.context.FindAllKeyPairs()
	if err != nil {
		return nil // it gives up where a single key is of a type it does not know
	}
	var labels []string
	for _, pair := range pairs {
		label, err := t.context.GetAttribute(pair, pkcs11.CKA_LABEL)
		if err == nil && label != nil && len(label.Value) > 0 {
			labels = append(labels, string(label.Value))
		}
	}
	return labels
}

// list returns labels for people. They are the token's, so they are quoted.
func list(labels []string) string {
	if len(labels) == 0 {
		return "none with a label can be seen"
	}
	const most = 10
	var quoted []string
	slices.Sort(labels)
	for _, label := range labels[:min(len(labels), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", label))
	}
	if len(labels) > most {
		quoted = append(quoted, "...")
	}
	return "there are " + strings.Join(quoted, ", ")
}
