// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/cfsign/cfsign/cmd/cfsign/internal/message"

// commandWords are the words of the command. The words of the page are in package playground.
var commandWords = message.Words{
	message.AddURL:         "give the URL too",
	message.AddCookieFile:  "name the cookie file with --" + flagCookieJar,
	message.AddFile:        "name the file with --" + flagCookieJar,
	message.AddPublicKey:   "give the public key: cfsign explain --" + flagPublicKey + " ID=public_key.pem",
	message.ViewerAddress:  "--" + flagIPAddress,
	message.ReplaceKey:     "replace the key: cfsign keygen",
	message.CookieCommands: "cfsign cookies or aws cloudfront sign-cookies --output json",
	message.DoesNotOpen:    "cfsign does not open",
	message.Guessed:        "cfsign guessed",
	message.Accepts:        "cfsign accepts",
}
