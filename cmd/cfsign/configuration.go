// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/fromconfig"
	"github.com/cfsign/cfsign/keys"
)

const (
	flagConfig       = "config"
	flagParameter    = "parameter"
	flagDistribution = "distribution"
)

// configurationFlags are the flags of the commands that read the configuration of a
// distribution.
type configurationFlags struct {
	files, parameters []string
	distribution      string
}

func (c *configurationFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&c.files, flagConfig, nil, "`FILE` with the configuration: a CloudFormation or SAM template, or the output of cdk synth, terraform show -json or aws cloudfront get-distribution; - is standard input; may be repeated")
	flags.StringArrayVar(&c.parameters, flagParameter, nil, "value of a parameter of the template, as `NAME=VALUE`; may be repeated")
	stringOnce(flags, &c.distribution, flagDistribution, "", "`NAME` of the distribution in --"+flagConfig+", if there are several: its logical ID, Terraform address, ID or alias")
}

// check returns an error for flags that need --config.
func (c *configurationFlags) check() error {
	for flag, given := range map[string]bool{flagParameter: len(c.parameters) > 0, flagDistribution: c.distribution != ""} {
		if given && len(c.files) == 0 {
			return fmt.Errorf("--%s is for --%s: add the file, or leave it out", flag, flagConfig)
		}
	}
	stdin := 0
	for _, file := range c.files {
		if file == input.Stdin {
			stdin++
		}
	}
	if stdin > 1 {
		return fmt.Errorf("--%s: standard input is given twice: leave out one of them", flagConfig)
	}
	return nil
}

// A configuration is a distribution that was read from files.
type configuration struct{ *fromconfig.Distribution }

// read reads the files. The public keys are the values of --public-key.
func (c *configurationFlags) read(stdin io.Reader, publicKeys []string) (configuration, error) {
	options := fromconfig.Options{Distribution: c.distribution, Parameters: map[string]string{}, Names: c.names()}
	for _, parameter := range c.parameters {
		name, value, ok := strings.Cut(parameter, "=")
		if !ok || name == "" {
			return configuration{}, fmt.Errorf("--%s: %q is not NAME=VALUE: write Stage=production", flagParameter, parameter)
		}
		options.Parameters[name] = value
	}
	var err error
	if options.PublicKeys, err = publicKeysByID(publicKeys); err != nil {
		return configuration{}, err
	}
	var documents [][]byte
	for _, file := range c.files {
		document, err := readDocument(file, stdin)
		if err != nil {
			return configuration{}, inFlag(flagConfig, err)
		}
		documents = append(documents, document)
	}
	d, err := fromconfig.Read(options, documents...)
	if err != nil {
		return configuration{}, inFlag(flagConfig, withoutSentinel(err))
	}
	found := configuration{d}
	return found, found.checkKeys(slices.Sorted(maps.Keys(options.PublicKeys)))
}

// checkKeys returns an error for a key of --public-key that no behavior trusts: a wrong ID must not
// be silent.
func (c configuration) checkKeys(ids []string) error {
	for _, id := range ids {
		if slices.ContainsFunc(c.Keys(), func(key fromconfig.Key) bool { return key.ID == id }) {
			continue
		}
		return fmt.Errorf("--%s: no behavior of %s trusts %s: correct the ID, or leave the flag out", flagPublicKey, shown(c.Name), id)
	}
	return nil
}

func readDocument(file string, stdin io.Reader) ([]byte, error) {
	const most = 64 << 20
	if file != input.Stdin {
		return input.ReadFile(file, most)
	}
	document, err := io.ReadAll(io.LimitReader(stdin, most+1))
	if err == nil && len(document) > most {
		err = fmt.Errorf("standard input is too long: the limit is %d bytes", most)
	}
	return document, err
}

// names returns what errors, notes and findings call the files and the flags.
func (c *configurationFlags) names() fromconfig.Names {
	n := fromconfig.Names{Distribution: "--" + flagDistribution, Parameters: "--" + flagParameter, PublicKeys: "--" + flagPublicKey}
	for _, file := range c.files {
		if file == input.Stdin {
			file = "standard input"
		}
		n.Documents = append(n.Documents, file)
	}
	return n
}

// withoutSentinel returns an error of package fromconfig in one line and without its sentinels, which say
// nothing to users.
func withoutSentinel(err error) error {
	prefixes := strings.NewReplacer(fromconfig.ErrDocument.Error()+": ", "", fromconfig.ErrOrigins.Error()+": ", "", "\n", "; ")
	return errors.New(prefixes.Replace(err.Error()))
}

// edgeConfig returns the configuration for the edge.
func (c configuration) edgeConfig(origins map[string]http.Handler) (edge.Config, error) {
	config, err := c.Config(origins)
	if err != nil {
		err = inFlag(flagConfig, withoutSentinel(err))
	}
	return config, err
}

// withoutOrigins returns the configuration for the edge with origins that answer nothing. Their
// responses are not kept, so a decision says nothing about them.
func (c configuration) withoutOrigins() (edge.Config, error) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	origins := map[string]http.Handler{}
	for _, origin := range c.Origins {
		origins[origin.ID] = nothing
	}
	config, err := c.edgeConfig(origins)
	config.Default.CachePolicy = nil
	for i := range config.Behaviors {
		config.Behaviors[i].CachePolicy = nil
	}
	return config, err
}

// withHosts returns the configuration with more aliases, if it has any. They stand for the domain
// name of the distribution, which CloudFront always accepts.
func withHosts(config edge.Config, hosts ...string) edge.Config {
	if len(config.Aliases) == 0 {
		return config
	}
	config.Aliases = slices.Clone(config.Aliases)
	for _, host := range hosts {
		if !slices.Contains(config.Aliases, host) {
			config.Aliases = append(config.Aliases, host)
		}
	}
	return config
}

// A signer is a key that can sign for a behavior.
type signer struct {
	// ID is the key pair ID.
	ID string `json:"id"`
	// Name is the name of the key in the configuration.
	Name string `json:"name"`
	// Assumed reports whether the key gets its real ID when it is deployed.
	Assumed bool `json:"assumed"`
}

// signers returns the keys that can sign for a behavior.
func (c configuration) signers(behavior string) (signers []signer) {
	for _, key := range c.Keys() {
		if slices.Contains(key.Behaviors, behavior) {
			signers = append(signers, signer{key.ID, key.Name, key.Assumed})
		}
	}
	return signers
}

// trusted returns the keys of a behavior.
func trusted(b edge.Behavior) (keys.Set, error) {
	all := map[string]crypto.PublicKey{}
	for _, group := range b.TrustedKeyGroups {
		for _, id := range group.IDs() {
			all[id], _ = group.Lookup(id)
		}
	}
	if len(all) == 0 {
		return keys.Set{}, nil
	}
	return keys.NewSet(all)
}
