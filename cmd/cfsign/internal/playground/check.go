// SPDX-License-Identifier: Apache-2.0

package playground

import (
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
)

// A CheckRequest is a field that the user has changed.
type CheckRequest struct {
	Field Field  `json:"field"`
	Text  string `json:"text"`
	// Pasted means that the text is complete. While a user types, a public key is not yet one.
	Pasted bool `json:"pasted"`
}

// Check returns what is wrong with a field that the page must clear: it has a private key, or
// something else in the field for the public key. Otherwise, the answer is empty.
func Check(r CheckRequest) Answer {
	if capture.HasPrivateKey([]byte(r.Text)) {
		return Answer{Error: errPrivateKey, Field: r.Field, Forget: []Field{r.Field}}
	}
	if r.Field == FieldPublicKey && r.Pasted && optional(r.Text) != nil {
		if _, err := publicKey(r.Text); err != nil {
			answer := failure(err, FieldPublicKey)
			answer.Forget = []Field{FieldPublicKey}
			return answer
		}
	}
	return Answer{}
}

// CheckFile is [Check] for the content of a file, before it becomes text: a private key in binary
// form is no text. If the file is a private key, the answer reports on it as [Explain] does.
func CheckFile(content []byte) Answer {
	if !capture.HasPrivateKey(content) {
		return Answer{}
	}
	return Explain(ExplainRequest{Text: string(content)}, time.Time{})
}
