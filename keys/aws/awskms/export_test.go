// SPDX-License-Identifier: Apache-2.0

package awskms

import "time"

// IsDue reports whether a Region may come in its turn if it failed before age.
func IsDue(isFailing, isProbed bool, age time.Duration) bool {
	now := time.Now()
	h := health{isFailing: isFailing, failedAt: now.Add(-age), isProbed: isProbed}
	return h.isDue(now)
}
