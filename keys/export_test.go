// SPDX-License-Identifier: Apache-2.0

package keys

// CannotOpen is here for errors of other systems, and for permissions, which root does not need.
var CannotOpen = cannotOpen
