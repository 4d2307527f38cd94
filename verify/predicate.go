// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
)

// A predicate reports whether a rule applies to a failure.
type predicate func(e *examination, err error) bool

func all(predicates ...predicate) predicate {
	return func(e *examination, err error) bool {
		for _, p := range predicates {
			if !p(e, err) {
				return false
			}
		}
		return true
	}
}

func isReason(reason error) predicate {
	return func(_ *examination, err error) bool { return errors.Is(err, reason) }
}
