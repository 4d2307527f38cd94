// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/keys"
)

const flagResponse = "response"

// explainCommand is cfsign explain.
type explainCommand struct {
	viewerFlags
	configurationFlags
	response string
}

func newExplain() *cobra.Command {
	var e explainCommand
	cmd := &cobra.Command{
		Use:   "explain [flags] [URL]",
		Short: "Explain why a signed URL or signed cookies get a 403",
		Long: `Decode a signed URL or signed cookies, run every check that needs no key, and print the
likely cause of a 403 and the fix. With --public-key, also check the signature, and find
out what was signed instead.

Without an argument, explain reads standard input, which can be:
  a URL, alone, in an HTML element, in JSON or within other words
  a curl command, as typed or from "Copy as cURL (bash)" of a browser
  a HAR entry, or a HAR file with a request that got a 403
  the output of curl -v, or an HTTP request
  cookies: a Cookie header, Set-Cookie lines, the output of curl -i of a login, a cookie
    file, or what cfsign cookies and aws cloudfront sign-cookies print
  a policy document, or its base64 form
  a PEM key (explain reports whether it works with CloudFront)

CloudFront, S3 and a WAF answer with the same status. With --response, explain reads the
answer, as a body or the output of curl -i, and says which of them refused.

With --config, explain also says which behavior of your distribution takes the request, why
the others do not, and which keys can sign for it. The signature is checked with those keys.

explain makes no network requests. Its output contains no credential.`,
		Example: `  cfsign explain 'https://cdn.example.com/a.jpg?Expires=1767290400&Signature=...'
  cfsign explain --response body.xml --cookie-jar cookies.txt https://cdn.example.com/a.jpg
  curl -v "$URL" 2>&1 | cfsign explain
  cfsign explain --config template.yaml https://cdn.example.com/a.jpg`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneURL(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return e.run(cmd, args) },
	}
	stringOnce(cmd.Flags(), &e.response, flagResponse, "", "`FILE` with the answer: its body, or the output of curl -i or curl -v")
	e.viewerFlags.register(cmd.Flags())
	e.configurationFlags.register(cmd.Flags())
	return cmd
}

func (e *explainCommand) run(cmd *cobra.Command, args []string) error {
	if err := e.checkFlags(args); err != nil {
		return err
	}
	question, err := e.question(cmd, args)
	if err != nil {
		return err
	}
	var found *route
	question.Trusted = func(r capture.Request) (trusted keys.Set, err error) {
		found, trusted, err = e.trusted(cmd, r)
		return trusted, err
	}
	answer, err := question.Answer()
	if err != nil {
		return inField(err)
	}
	return e.print(cmd.OutOrStdout(), explanation{Route: found, Explanation: answer})
}

// question returns what the arguments, the flags and standard input have.
func (e *explainCommand) question(cmd *cobra.Command, args []string) (q explain.Question, err error) {
	q.Now, q.Words = time.Now(), commandWords
	q.OnlyURL = len(args) == 1 && isURL(args[0])
	if q.Text, err = e.text(cmd, args); err != nil {
		return q, err
	}
	if q.Additions, err = e.additions(cmd); err != nil || e.response == "" {
		return q, err
	}
	if q.Response, err = input.ReadFile(e.response, response.MaxSize); err != nil {
		return q, inFlag(flagResponse, err)
	}
	return q, nil
}

// checkFlags checks the flags for the configuration. Standard input cannot be two things.
func (e *explainCommand) checkFlags(args []string) error {
	isURL := len(args) == 1 && args[0] != input.Stdin
	if slices.Contains(e.files, input.Stdin) && (!isURL || e.cookie == input.Stdin) {
		return fmt.Errorf("--%s: standard input has the request: save the configuration to a file", flagConfig)
	}
	return e.configurationFlags.check()
}

// trusted returns the keys to check the signature with: the keys of the behavior that takes the
// request or, without a configuration, the keys in --public-key.
func (e *explainCommand) trusted(cmd *cobra.Command, r capture.Request) (*route, keys.Set, error) {
	if len(e.files) == 0 {
		trusted, err := readPublicKeys(e.publicKeys)
		return nil, trusted, err
	}
	c, err := e.read(cmd.InOrStdin(), e.publicKeys)
	if err != nil {
		return nil, keys.Set{}, err
	}
	found, err := c.route(r)
	if err != nil {
		return nil, keys.Set{}, err
	}
	return found, found.keys, nil
}

func (e *explainCommand) print(w io.Writer, explanation explanation) error {
	if e.json {
		return writeJSON(w, explanation)
	}
	return explanation.write(w)
}

// text returns the argument or standard input.
func (e *explainCommand) text(cmd *cobra.Command, args []string) ([]byte, error) {
	switch {
	case len(args) == 1 && args[0] != input.Stdin:
		return []byte(args[0]), nil
	case e.cookie == input.Stdin:
		return nil, fmt.Errorf("--%s: standard input has the cookies: give the URL as an argument", flagCookie)
	case isTerminal(cmd.InOrStdin()):
		fmt.Fprintln(cmd.ErrOrStderr(), "Paste a URL, a curl command, a Cookie header or a HAR entry, and press Ctrl-D.")
	}
	return io.ReadAll(io.LimitReader(cmd.InOrStdin(), capture.MaxHAR+1)) // capture.Read refuses more
}

// isURL reports whether an argument is meant as a URL, however damaged.
func isURL(argument string) bool {
	return strings.Contains(argument, "://") || strings.Contains(argument, `:\/`) || strings.HasPrefix(strings.ToLower(argument), "http")
}
