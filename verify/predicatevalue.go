// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto/ecdsa"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

func hasBoth(one, other string) predicate {
	return func(e *examination, _ error) bool {
		_, hasOne := e.credential.values.lookup(one)
		_, hasOther := e.credential.values.lookup(other)
		return hasOne && hasOther
	}
}

// raw returns the value of a parameter as it was sent, also where it could not be
// read as part of a credential.
func (e *examination) raw(param string) string {
	if e.credential.cookies || e.credential.values.get(param) != "" {
		return e.credential.values.get(param)
	}
	_, query, _ := strings.Cut(e.request.URL, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(parameter, "="); name == param {
			return value
		}
	}
	return ""
}

// decoded returns the value of a parameter without its percent-encoding.
func (e *examination) decoded(param string) string {
	value, err := url.PathUnescape(e.raw(param))
	if err != nil {
		return e.raw(param)
	}
	return value
}

func isEncoded(param string) predicate {
	return func(e *examination, _ error) bool { return strings.Contains(e.raw(param), "%") }
}

func unpadded(param string) predicate {
	return func(e *examination, _ error) bool { return len(e.decoded(param))%4 != 0 }
}

func isHex(param string) predicate {
	return func(e *examination, _ error) bool {
		const shortest = 128 // of 64 bytes
		value := e.raw(param)
		return len(value) >= shortest && strings.Trim(strings.ToLower(value), "0123456789abcdef") == ""
	}
}

// isUnset: what JavaScript and templates write for a value that is none.
func isUnset(param string) predicate {
	return func(e *examination, _ error) bool {
		value := e.decoded(param)
		return value == "undefined" || value == "null" || strings.HasPrefix(value, "[object")
	}
}

func hashIsUnnamed(e *examination, _ error) bool {
	_, named := e.credential.values.lookup(wire.ParamHashAlgorithm)
	return !named
}

// rawECDSA: 64 bytes are the length of no other signature.
func rawECDSA(e *examination, _ error) bool { return len(e.signature) == 64 }

func tooShort(e *examination, _ error) bool {
	const shortestECDSA = 64 // r and s are seldom a byte or two shorter
	if _, isECDSA := e.key.(*ecdsa.PublicKey); isECDSA {
		return len(e.signature) < shortestECDSA
	}
	return len(e.signature) < 256
}

func otherSize(e *examination, _ error) bool {
	const rsaSize, longestECDSA = 256, 72
	if _, isECDSA := e.key.(*ecdsa.PublicKey); isECDSA {
		return len(e.signature) > longestECDSA
	}
	return len(e.signature) != rsaSize
}
