// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/verify"
)

// explainCommand is cfsign explain.
type explainCommand struct {
	publicKeys []string
	viewer     viewerFlags
	response   string
	json       bool
}

func newExplain() *cobra.Command {
	var e explainCommand
	cmd := &cobra.Command{
		Use:   "explain [flags] [URL]",
		Short: "Say why a signed URL or signed cookies get a 403",
		Long: `Explain decodes a signed URL or signed cookies, checks everything that can be checked
without a key, and says the likely cause of a 403 and the fix. With --public-key it
checks the signature as well, and finds what was signed instead.

Without an argument it reads standard input, which may be any of these:
  a URL
  a curl command, as typed or from "Copy as cURL (bash)" of a browser
  a Cookie header
  a HAR entry, or a HAR file with one request that got a 403
  the output of curl -v, or an HTTP request
  a key in PEM, which is said to be usable or not

With --response it reads what came back, the body or the output of curl -i, and says
whose error it is: that of CloudFront's check of signatures, of S3, of a WAF or of
somebody else. They look alike.

Nothing is requested from anybody, and the output has no credential.`,
		Example: `  cfsign explain 'https://cdn.example.com/a.jpg?Expires=1767290400&Signature=...'
  cfsign explain --response body.xml --cookie-jar cookies.txt https://cdn.example.com/a.jpg
  curl -v "$URL" 2>&1 | cfsign explain`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneURL(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return e.run(cmd, args) },
	}
	stringOnce(cmd.Flags(), &e.response, "response", "", "`FILE` with what came back: the body, or the output of curl -i")
	cmd.Flags().StringArrayVar(&e.publicKeys, flagPublicKey, nil, publicKeyUsage)
	e.viewer.register(cmd.Flags())
	cmd.Flags().BoolVar(&e.json, "json", false, "print the explanation as JSON")
	return cmd
}

func (e *explainCommand) run(cmd *cobra.Command, args []string) error {
	text, err := e.text(cmd, args)
	if err != nil {
		return err
	}
	request, err := e.request(text, args)
	if errors.Is(err, capture.ErrKey) {
		return explainKey(cmd.OutOrStdout(), text)
	}
	if err != nil {
		return err
	}
	unsent, err := e.viewer.complete(cmd, &request, time.Now())
	if err != nil {
		return err
	}
	if e.response != "" {
		if request.Response, err = readResponse(e.response); err != nil {
			return err
		}
	}
	verifier, err := e.verifier(request.Time)
	if err != nil {
		return err
	}
	explanation := explain(incident{request: request, unsent: unsent}, verifier)
	if e.json {
		return writeJSON(cmd.OutOrStdout(), explanation)
	}
	return explanation.write(cmd.OutOrStdout())
}

// text returns the text that is to be explained.
func (e *explainCommand) text(cmd *cobra.Command, args []string) ([]byte, error) {
	switch {
	case len(args) == 1 && args[0] != input.Stdin:
		return []byte(args[0]), nil
	case e.viewer.cookie == input.Stdin:
		return nil, fmt.Errorf("--%s: standard input has the cookies: give the URL as an argument", flagCookie)
	case isTerminal(cmd.InOrStdin()):
		fmt.Fprintln(cmd.ErrOrStderr(), "Paste a URL, a curl command, a Cookie header or a HAR entry, and end it with Ctrl-D.")
	}
	const most = 64<<20 + 1
	return io.ReadAll(io.LimitReader(cmd.InOrStdin(), most))
}

// request returns the request that the text tells of. An argument is a URL, whatever
// it looks like.
func (e *explainCommand) request(text []byte, args []string) (capture.Request, error) {
	if len(args) == 1 && args[0] != input.Stdin {
		return withoutFragment(capture.Request{Form: capture.FormURL, URL: args[0]}), nil
	}
	request, err := capture.Read(text)
	return withoutFragment(request), err
}

// withoutFragment cuts off what clients do not send.
func withoutFragment(r capture.Request) capture.Request {
	url, _, found := strings.Cut(r.URL, "#")
	if found {
		r.URL = url
		r.Faults = append(r.Faults, "what follows a # in a URL never reaches CloudFront, and is left out here: put the query before it, or write %23 if it is part of a name")
	}
	return r
}

// verifier returns the one with the keys of the flags, if there are any. Without keys
// it checks the rest.
func (e *explainCommand) verifier(at time.Time) (*verify.Verifier, error) {
	trusted, err := readPublicKeys(e.publicKeys)
	if err != nil {
		return nil, err
	}
	return &verify.Verifier{Keys: trusted, AllowSHA1: true, Clock: func() time.Time { return at }}, nil
}

func readResponse(path string) (*response.Response, error) {
	data, err := input.ReadFile(path, response.MaxSize)
	if err != nil {
		return nil, inFlag("response", err)
	}
	response, err := capture.ParseResponse(data)
	if err != nil {
		return nil, inFlag("response", err)
	}
	return &response, nil
}
