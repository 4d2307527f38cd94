// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed" // the text
	"io"
	"path/filepath"
	"text/template"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
)

//go:embed walkthrough.txt
var walkthroughText string

var walkthrough = template.Must(template.New("walkthrough").Parse(walkthroughText))

// explain prints the commands that show the whole flow, as they can be copied: those are the
// lines that begin with two spaces.
func (l *local) explain(w io.Writer) error {
	users := issuer.DemoUsers()
	return walkthrough.Execute(w, struct {
		Address, App, CDN, Pool, AliceJar string
		Alice, Bob                        issuer.User
	}{
		Address: l.address, App: l.app(), CDN: l.cdn(), Pool: l.pool.URL(),
		AliceJar: filepath.ToSlash(l.jar(users[0].Username)), Alice: users[0], Bob: users[1],
	})
}
