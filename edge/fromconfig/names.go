// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"cmp"
	"fmt"
)

// Names are what a program calls the documents and the options of [Read], so that errors, notes and
// findings tell its users what to change.
type Names struct {
	// Documents are the names of the documents, such as their files. A document without a name is
	// called by its number, such as document 1.
	Documents []string
	// Distribution, Parameters and PublicKeys are where users set the options, such as --parameter.
	// Empty: Options.Distribution, Options.Parameters and Options.PublicKeys.
	Distribution, Parameters, PublicKeys string
}

// document returns the name of the document with an index.
func (n Names) document(i int) string {
	if i < len(n.Documents) && n.Documents[i] != "" {
		return n.Documents[i]
	}
	return fmt.Sprintf("document %d", i+1)
}

func (n Names) distribution() string { return cmp.Or(n.Distribution, "Options.Distribution") }

func (n Names) parameters() string { return cmp.Or(n.Parameters, "Options.Parameters") }

func (n Names) publicKeys() string { return cmp.Or(n.PublicKeys, "Options.PublicKeys") }
