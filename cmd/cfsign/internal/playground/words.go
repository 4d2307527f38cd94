// SPDX-License-Identifier: Apache-2.0

package playground

import "github.com/cfsign/cfsign/cmd/cfsign/internal/message"

// Words are the words of the page. The names in quotation marks are labels of its fields.
var Words = message.Words{
	message.AddURL:         `paste the URL into "What was refused"`,
	message.AddCookieFile:  `paste the cookie file into "Cookies"`,
	message.AddFile:        `paste the file into "Cookies"`,
	message.AddPublicKey:   `fill in "Public key" and "Key pair ID"`,
	message.ViewerAddress:  `"Viewer's address"`,
	message.ReplaceKey:     "replace the key",
	message.CookieCommands: "aws cloudfront sign-cookies --output json",
	message.DoesNotOpen:    "this page cannot open",
	message.Guessed:        "the page guessed",
	message.Accepts:        "this page accepts",
}
