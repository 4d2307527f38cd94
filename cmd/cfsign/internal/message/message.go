// SPDX-License-Identifier: Apache-2.0

// Package message has the type of texts that several programs show in their own words. The command
// cfsign explain names a flag where the page of the playground names a field:
//
//	const errURL = "the URL decides which cookies a client sends: " + message.AddURL
//
//	words := message.Words{message.AddURL: "give the URL too"}
//	words.Say(errURL) // "the URL decides which cookies a client sends: give the URL too"
package message

import (
	"errors"
	"strings"
)

// A Text is a text for users with places for the words of a program. It is always a constant, so it
// contains no part of a user's input. As an error, you can compare it.
type Text string

// Error returns the text without the words of a program. Show [Words.Err] instead.
func (t Text) Error() string { return string(t) }

// The places for the words of a program. Each is a part of a sentence.
const (
	// AddURL says how to add the URL.
	AddURL Text = "{add the URL}"
	// AddCookieFile says how to add the cookie file.
	AddCookieFile Text = "{add the cookie file}"
	// AddFile is AddCookieFile in a text that has named the cookie file.
	AddFile Text = "{add the file}"
	// AddPublicKey says how to add the public key.
	AddPublicKey Text = "{add the public key}"
	// ViewerAddress is the name of the place for the viewer's address.
	ViewerAddress Text = "{viewer's address}"
	// ReplaceKey says how to replace a key.
	ReplaceKey Text = "{replace the key}"
	// CookieCommands are the commands with an output that the program reads as cookies.
	CookieCommands Text = "{cookie commands}"
	// DoesNotOpen, Guessed and Accepts are the program with a verb.
	DoesNotOpen Text = "{program does not open}"
	Guessed     Text = "{program guessed}"
	Accepts     Text = "{program accepts}"
)

// Words are the words of a program for each place. A place without words stays visible.
type Words map[Text]string

// Say returns a text in these words.
func (w Words) Say(text Text) string {
	said := string(text)
	for place, words := range w {
		said = strings.ReplaceAll(said, string(place), words)
	}
	return said
}

// SayAll returns texts in these words.
func (w Words) SayAll(texts []Text) []string {
	var said []string
	for _, text := range texts {
		said = append(said, w.Say(text))
	}
	return said
}

// Err returns an error in these words if it is a [Text], and any other error unchanged.
func (w Words) Err(err error) error {
	var text Text
	if errors.As(err, &text) {
		return errors.New(w.Say(text))
	}
	return err
}
