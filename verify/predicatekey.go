// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
)

func (e *examination) keyPairID() string { return e.credential.values.get(wire.ParamKeyPairID) }

func keyBegins(prefixes ...string) predicate {
	return func(e *examination, _ error) bool {
		for _, prefix := range prefixes {
			if strings.HasPrefix(e.keyPairID(), prefix) {
				return true
			}
		}
		return false
	}
}

func keyIsUUID(e *examination, _ error) bool {
	return len(e.keyPairID()) == 36 && strings.Count(e.keyPairID(), "-") == 4
}

func keyIsPEM(e *examination, _ error) bool {
	return len(e.keyPairID()) > 64 || strings.Contains(e.keyPairID(), "BEGIN")
}

func keyIsEmpty(e *examination, _ error) bool {
	id, sent := e.credential.values.lookup(wire.ParamKeyPairID)
	return sent && id == ""
}

func keyIsUnset(e *examination, _ error) bool {
	switch e.keyPairID() {
	case "undefined", "null", "nil", "None", "NaN", "false":
		return true
	}
	return false
}

// keyIsDistribution: those of distributions have the form of those of keys, but for the
// first letter.
func keyIsDistribution(e *examination, _ error) bool {
	return len(e.keyPairID()) >= 13 && len(e.keyPairID()) <= 14 && strings.HasPrefix(e.keyPairID(), "E")
}

func keyIsLower(e *examination, _ error) bool {
	upper := strings.ToUpper(e.keyPairID())
	return strings.HasPrefix(upper, "K") && len(upper) >= 13 && e.keyPairID() == strings.ToLower(upper)
}

func keyIsNone(e *examination, _ error) bool { return keys.CheckID(e.keyPairID()) != nil }
