// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/keyfile"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// placeFlags say where the key pair of a rotation is.
type placeFlags struct {
	privateKey, passphrase, idFile string
	secret, kmsKey                 string
	kmsTags                        []string
	first                          bool
}

func (p *placeFlags) register(flags *pflag.FlagSet) {
	stringOnce(flags, &p.privateKey, flagPrivateKey, "", "private key in file://`FILE`")
	stringOnce(flags, &p.passphrase, flagPassphrase, "", "`PASSPHRASE` of an encrypted key, and of the next one: file://FILE, env:NAME or - (default: ask on a terminal)")
	stringOnce(flags, &p.idFile, flagIDFile, "", "write the key pair ID into `FILE`, together with the private key")
	stringOnce(flags, &p.secret, flagSecret, "", "key pair in the secret with this `NAME` or ARN in AWS Secrets Manager")
	stringOnce(flags, &p.kmsKey, flagKMSKey, "", "private key behind this `ALIAS` in AWS KMS, such as alias/cdn")
	flags.StringArrayVar(&p.kmsTags, flagKMSTag, nil, "`NAME=VALUE` of a tag for new KMS keys, by which an IAM policy can allow your programs to use them; may be repeated")
	flags.BoolVar(&p.first, flagFirst, false, "make the first key pair, if the secret has no value or the alias does not exist")
}

// check returns an error for flags that are missing or do not fit.
func (p *placeFlags) check() error {
	places := slices.DeleteFunc([]string{p.privateKey, p.secret, p.kmsKey}, func(s string) bool { return s == "" })
	switch {
	case len(places) == 0:
		return fmt.Errorf("the place of the key pair is missing: add --%s file://private_key.pem, --%s NAME or --%s alias/NAME", flagPrivateKey, flagSecret, flagKMSKey)
	case len(places) > 1:
		return fmt.Errorf("the key pair has two places: give one of --%s, --%s and --%s", flagPrivateKey, flagSecret, flagKMSKey)
	case p.privateKey == "" && p.passphrase != "":
		return fmt.Errorf("--%s is for --%s: leave it out", flagPassphrase, flagPrivateKey)
	case p.privateKey == "" && p.idFile != "":
		return fmt.Errorf("--%s is for --%s: leave it out, and take keyPairId from --json", flagIDFile, flagPrivateKey)
	case p.privateKey != "" && p.first:
		return fmt.Errorf("--%s is for --%s and --%s: make the first key file with cfsign keygen", flagFirst, flagSecret, flagKMSKey)
	case p.kmsKey == "" && len(p.kmsTags) > 0:
		return fmt.Errorf("--%s is for --%s: leave it out", flagKMSTag, flagKMSKey)
	}
	_, err := p.tags()
	return err
}

// tags returns the tags of new KMS keys.
func (p *placeFlags) tags() (map[string]string, error) {
	tags := map[string]string{}
	for _, text := range p.kmsTags {
		name, value, ok := strings.Cut(text, "=")
		if _, repeated := tags[name]; !ok || name == "" || repeated {
			return nil, fmt.Errorf("--%s: %q is not a tag, or is given twice: write NAME=VALUE", flagKMSTag, text)
		}
		tags[name] = value
	}
	return tags, nil
}

// A place is where the key pair of a rotation is.
type place struct {
	store keygroup.Store
	// restart says what to do after the key was switched to an ID, and former where the key is
	// that programs sign with until then.
	restart func(id string) string
	former  string
	// writeID writes the ID next to the key, unless the place has it.
	writeID func(id string) error
	// lock keeps other processes from rotating the key.
	lock func() (unlock func(), err error)
}

func noID(string) error { return nil }

func noLock() (unlock func(), err error) { return func() {}, nil }

// openFile opens the key file of the flags, or returns nil if the key pair is elsewhere.
func (p *placeFlags) openFile(cmd *cobra.Command) (*keyfile.Store, error) {
	if p.privateKey == "" {
		return nil, nil
	}
	path, isFile, err := input.SecretPath(p.privateKey)
	if err != nil {
		return nil, inFlag(flagPrivateKey, err)
	}
	if !isFile {
		return nil, fmt.Errorf("--%s: rotate must replace the key, so it must be a file: write file://FILE", flagPrivateKey)
	}
	var passphraseErr error
	file, err := keyfile.New(path, keyfile.Options{IDFile: p.idFile, Passphrase: func() (secret []byte, err error) {
		secret, passphraseErr = readPassphrase(cmd, p.passphrase)
		return secret, passphraseErr
	}})
	switch {
	case passphraseErr != nil:
		return nil, passphraseErr // it names the flag
	case err != nil:
		return nil, inFlag(flagPrivateKey, err)
	case p.passphrase != "" && !file.Encrypted():
		return nil, fmt.Errorf("--%s: the private key is not encrypted, and the next one would not be: leave out the flag, or encrypt the key first", flagPassphrase)
	}
	return file, nil
}

func placeOfFile(file *keyfile.Store) place {
	if file == nil {
		return place{}
	}
	return place{
		store: file, writeID: file.WriteID, lock: file.Lock,
		restart: func(id string) string {
			return fmt.Sprintf("Restart the programs that sign with %s, with the key pair ID %s.", file.Path(), id)
		},
		former: "The former key is in " + file.OldPath() + ".",
	}
}

// openRemote opens the secret or the KMS key of the flags.
func (p *placeFlags) openRemote(ctx context.Context, c aws.Config) (place, error) {
	if c.Region == "" {
		return place{}, errors.New("the AWS Region is missing: add --region, or set AWS_REGION")
	}
	found, err := p.openSecretOrKey(c)
	if err != nil || p.first {
		return found, err
	}
	switch current, err := found.store.Current(ctx); {
	case err != nil:
		return found, err
	case current == nil:
		return found, fmt.Errorf("there is no key pair yet in %s: check the name and the Region, or add --%s to make the first one", p.secret+p.kmsKey, flagFirst)
	}
	return found, nil
}

func (p *placeFlags) openSecretOrKey(c aws.Config) (place, error) {
	if p.secret != "" {
		store, err := awssecrets.NewStore(secretsmanager.NewFromConfig(c), p.secret, awssecrets.StoreOptions{})
		if err != nil {
			return place{}, inFlag(flagSecret, err)
		}
		return place{
			store: store, writeID: noID, lock: noLock,
			restart: func(string) string {
				return "Programs that follow " + p.secret + " with package awssecrets sign with it soon. Restart all others."
			},
			former: "The former pair is in the version AWSPREVIOUS.",
		}, nil
	}
	tags, err := p.tags()
	if err != nil {
		return place{}, err
	}
	store, err := awskms.NewStore(kms.NewFromConfig(c), p.kmsKey, awskms.StoreOptions{Tags: tags})
	if err != nil {
		return place{}, inFlag(flagKMSKey, err)
	}
	return place{
		store: store, writeID: noID, lock: noLock,
		restart: func(id string) string {
			return fmt.Sprintf("Restart the programs that sign with %s, with the key pair ID %s.", p.kmsKey, id)
		},
		former: "Leave the former KMS key enabled: programs sign with it until they are restarted.",
	}, nil
}

// awsFlags say how to reach AWS.
type awsFlags struct{ region, profile, endpoint string }

func (a *awsFlags) register(flags *pflag.FlagSet) {
	stringOnce(flags, &a.region, "region", "", "AWS `REGION` of the secret or the KMS key")
	stringOnce(flags, &a.profile, "profile", "", "`PROFILE` of the AWS configuration")
	stringOnce(flags, &a.endpoint, "endpoint-url", "", "`URL` of a server that stands in for AWS, for tests")
}

// config returns the configuration of AWS's clients, with credentials that were found.
func (a *awsFlags) config(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{config.WithRegion(a.region), config.WithSharedConfigProfile(a.profile)}
	if a.endpoint != "" {
		options = append(options, config.WithBaseEndpoint(a.endpoint))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return c, fmt.Errorf("the AWS configuration: %w", err)
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		return c, fmt.Errorf("there are no AWS credentials: run aws configure or aws sso login, set AWS_PROFILE, or add --profile (%w)", err)
	}
	return c, nil
}

// forCloudFront returns the configuration for CloudFront, which has one endpoint for all
// Regions of a partition.
func forCloudFront(c aws.Config) aws.Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	return c
}
