// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/edge/fromconfig"
)

// doctorCommand is cfsign doctor.
type doctorCommand struct {
	configurationFlags
	publicKeys []string
	ignore     []string
	json       bool
}

func newDoctor() *cobra.Command {
	var d doctorCommand
	cmd := &cobra.Command{
		Use:   "doctor --config FILE... [flags] [URL]",
		Short: "Find what in a distribution's configuration will refuse or leak",
		Long: `Read the configuration of a distribution, and print what will refuse requests that should
work, or show viewers what they should not see: each with the place and the fix. With a URL,
also say which behavior takes it, and why the others do not.

doctor reads only the files. It does not know the policies of your buckets, and cannot check
what it does not support; both are printed as notes.

The exit code is 0 if nothing is found, 1 if something is, and 2 for invalid usage or input.
If a finding is what you want, such as ipv6 without address conditions, name its rule in
--ignore. With --json, the output is an object with distribution, findings, unsupported and route.`,
		Example: `  cfsign doctor --config template.yaml --parameter Stage=production
  cdk synth | cfsign doctor --config -
  aws cloudfront get-distribution --id E2QWRUHAPOMQZL | cfsign doctor --config - https://cdn.example.com/a.jpg`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneURL(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return d.run(cmd, args) },
	}
	d.register(cmd.Flags())
	cmd.Flags().StringArrayVar(&d.publicKeys, flagPublicKey, nil, publicKeyUsage)
	cmd.Flags().StringArrayVar(&d.ignore, "ignore", nil, "leave out the findings of `RULE`, such as ipv6; may be repeated")
	cmd.Flags().BoolVar(&d.json, "json", false, "print JSON")
	return cmd
}

func (d *doctorCommand) run(cmd *cobra.Command, args []string) error {
	if len(d.files) == 0 {
		return missingFlag(flagConfig, "template.yaml, or - for standard input")
	}
	if err := d.check(); err != nil {
		return err
	}
	if len(args) == 1 && args[0] == input.Stdin {
		return errors.New("the URL is not a URL: give it in quotation marks")
	}
	c, err := d.read(cmd.InOrStdin(), d.publicKeys)
	if err != nil {
		return err
	}
	diagnosis, err := c.diagnose(args)
	if err != nil {
		return err
	}
	diagnosis.leaveOut(d.ignore)
	if d.json {
		err = writeJSON(cmd.OutOrStdout(), diagnosis)
	} else {
		err = diagnosis.write(cmd.OutOrStdout())
	}
	if err == nil && len(diagnosis.Findings) > 0 {
		err = errRefused
	}
	return err
}

// A diagnosis is the output of cfsign doctor.
type diagnosis struct {
	Distribution string        `json:"distribution"`
	Findings     []finding     `json:"findings"`
	Unsupported  []unsupported `json:"unsupported"`
	Route        *route        `json:"route,omitempty"`

	read    string // what was read, for people
	ignored int    // findings that were left out
}

type finding struct {
	Severity fromconfig.Severity `json:"severity"`
	Rule     string              `json:"rule"`
	Where    string              `json:"where"`
	Problem  string              `json:"problem"`
	Fix      string              `json:"fix"`
}

type unsupported struct {
	Where   string `json:"where"`
	Feature string `json:"feature"`
	Effect  string `json:"effect"`
}

// diagnose finds out what is wrong with the configuration and, with an argument, where a URL goes.
func (c configuration) diagnose(args []string) (diagnosis, error) {
	config, err := c.withoutOrigins()
	if err != nil {
		return diagnosis{}, err
	}
	d := diagnosis{
		Distribution: c.Name, Findings: []finding{}, Unsupported: []unsupported{},
		read: fmt.Sprintf("%s, %s and %s", count(len(config.Behaviors)+1, "behavior"), count(len(c.Origins), "origin"), count(len(c.Keys()), "trusted key")),
	}
	for _, f := range c.Findings() {
		d.Findings = append(d.Findings, finding{f.Severity, f.Rule, f.Where, f.Problem, f.Fix})
	}
	for _, u := range c.Unsupported {
		d.Unsupported = append(d.Unsupported, unsupported(u))
	}
	if len(args) == 1 {
		request := explain.WithoutFragment(capture.Request{URL: args[0], Time: time.Now()})
		d.Route, err = c.route(request)
	}
	return d, err
}

// leaveOut removes the findings of some rules.
func (d *diagnosis) leaveOut(rules []string) {
	all := len(d.Findings)
	d.Findings = slices.DeleteFunc(d.Findings, func(f finding) bool { return slices.Contains(rules, f.Rule) })
	d.ignored = all - len(d.Findings)
}

func (d diagnosis) write(w io.Writer) error {
	p := newPalette(w)
	var b strings.Builder
	if d.Route != nil {
		d.Route.write(&b, p)
	}
	for _, f := range d.Findings {
		label := p.yellow(string(f.Severity) + ":")
		if f.Severity != fromconfig.Check {
			label = p.red(string(f.Severity) + ":")
		}
		fmt.Fprintf(&b, "%s %s: %s (%s)\n  fix: %s\n", label, shown(f.Where), shown(f.Problem), f.Rule, shown(f.Fix))
	}
	for _, u := range d.Unsupported {
		fmt.Fprintf(&b, "%s %s\n", p.faint("not modeled:"), shown(fromconfig.Unsupported(u).String()))
	}
	found := "nothing found"
	if len(d.Findings) > 0 {
		found = count(len(d.Findings), "finding")
	}
	if d.ignored > 0 {
		found += fmt.Sprintf(" (and %d ignored)", d.ignored)
	}
	fmt.Fprintf(&b, "%s in %s, with %s\n", p.bold(found), shown(d.Distribution), d.read)
	_, err := io.WriteString(w, b.String())
	return err
}
