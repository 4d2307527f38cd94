// SPDX-License-Identifier: Apache-2.0

package message_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
)

func ExampleWords_Say() {
	const errWget = "wget commands are not supported: paste the URL alone, and " + message.AddCookieFile
	command := message.Words{message.AddCookieFile: "name the cookie file with --cookie-jar"}
	page := message.Words{message.AddCookieFile: `paste the cookie file into "Cookies"`}
	fmt.Println(command.Say(errWget))
	fmt.Println(page.Say(errWget))
	// Output:
	// wget commands are not supported: paste the URL alone, and name the cookie file with --cookie-jar
	// wget commands are not supported: paste the URL alone, and paste the cookie file into "Cookies"
}

func TestWords(t *testing.T) {
	words := message.Words{message.AddFile: "name the file", message.DoesNotOpen: "cfsign does not open"}
	for _, tt := range []struct {
		text   message.Text
		want   string
		reason string
	}{
		{"a file, which " + message.DoesNotOpen + ": " + message.AddFile, "a file, which cfsign does not open: name the file", "two places"},
		{message.AddFile + ", " + message.AddFile, "name the file, name the file", "a place twice"},
		{"use {} or []", "use {} or []", "braces that are no place"},
		{"and " + message.AddURL, "and {add the URL}", "a place without words stays visible"},
	} {
		if diff := cmp.Diff([]string{tt.want}, words.SayAll([]message.Text{tt.text})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
		if diff := cmp.Diff(tt.want, words.Err(tt.text).Error()); diff != "" {
			t.Errorf("as an error: %s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// TestOtherErrors: an error can contain a part of a user's input, which must not change.
func TestOtherErrors(t *testing.T) {
	words := message.Words{message.AddFile: "name the file"}
	other := errors.New("invalid: " + string(message.AddFile))
	if got := words.Err(other); got != other {
		t.Errorf("another error became %v", got)
	}
	if got := words.Err(nil); got != nil {
		t.Errorf("no error became %v", got)
	}
}
