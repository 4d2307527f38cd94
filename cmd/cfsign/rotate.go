// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

const (
	flagKeyGroup = "key-group"
	flagSecret   = "secret"
	flagKMSKey   = "kms-key"
	flagKMSTag   = "kms-tag"
	flagFirst    = "first"
	flagIDFile   = "key-pair-id-file"
	flagKeep     = "keep"
	flagMinAge   = "min-age"
	flagSettle   = "settle"
	flagInUse    = "in-use"
	flagName     = "name"
)

// rotateCommand is cfsign rotate.
type rotateCommand struct {
	keyGroups            []string
	keep, minAge, settle string
	inUse                []string
	name                 string
	plan, json           bool
	poll                 time.Duration // zero: keygroup's
	placeFlags
	awsFlags
}

func newRotate() *cobra.Command {
	var r rotateCommand
	cmd := &cobra.Command{
		Use:   "rotate --key-group ID (--private-key file://FILE | --secret NAME | --kms-key alias/NAME) [--keep DURATION] [flags]",
		Short: "Replace the key that signs, so that no viewer notices",
		Long: `Make a new key pair, create its public key at CloudFront, add it to the key group, wait until
every distribution with the group has it, and only then sign with it. The old key stays
trusted for the time in --keep, so what it has signed stays valid; a later run removes it.
--plan prints the steps without taking any.

If rotate is interrupted or fails, run the same command again: it goes on from there. Run it
as often as you like with --min-age: it rotates if the key is old enough, and removes old keys
in between.

The key pair is in one of three places:

  --private-key  a file. The next key is in FILE.next until it signs, and the former one in
                 FILE.old after that. Restart your programs after the rotation.
                 A second rotate of the same file ends with an error (not on Windows).
  --secret       a secret of AWS Secrets Manager with keyPairId and privateKey, as package
                 awssecrets reads it. Programs that use awssecrets follow it on their own.
  --kms-key      an alias of AWS KMS. It points to the new key after the rotation. Restart
                 your programs with the new key pair ID.

--keep must be at least the longest lifetime of what you sign, plus the time until all
programs sign with the new key. Without --keep, no key is ever removed, and the key group is
full after a few rotations.

Credentials, Region and profile are found as by the AWS CLI. The page docs/rotate.md of the
project has the IAM policies, and what can go wrong. With --json, the output is an object
with keyPairId and steps.`,
		Example: `  cfsign rotate --key-group 2f1c8b0e-0a51-4a8c-9d7b-1f6f0c4f2a55 --private-key file://private_key.pem --plan
  cfsign rotate --key-group 2f1c8b0e-0a51-4a8c-9d7b-1f6f0c4f2a55 --private-key file://private_key.pem --keep 25h
  cfsign rotate --key-group 2f1c8b0e-0a51-4a8c-9d7b-1f6f0c4f2a55 --secret prod/cdn --keep 25h --min-age 30d
  cfsign rotate --key-group 2f1c8b0e-0a51-4a8c-9d7b-1f6f0c4f2a55 --kms-key alias/cdn --keep 7d`,
		Args: noArguments("give the key group as --" + flagKeyGroup),
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	cmd.Flags().StringArrayVar(&r.keyGroups, flagKeyGroup, nil, "`ID` of the key group that the distribution trusts (required); repeat it for more groups with the same key")
	r.placeFlags.register(cmd.Flags())
	stringOnce(cmd.Flags(), &r.keep, flagKeep, "", "remove the old key this `DURATION` after it was replaced, such as 25h or 7d (default: never)")
	stringOnce(cmd.Flags(), &r.minAge, flagMinAge, "", "begin no rotation if CloudFront got the current key within this `DURATION`, such as 30d")
	stringOnce(cmd.Flags(), &r.settle, flagSettle, "5m", "switch `DURATION` after the change of the key group or later, because CloudFront does not tell when all edge locations have it")
	cmd.Flags().StringArrayVar(&r.inUse, flagInUse, nil, "keep the key with this `ID` trusted, whatever its age; may be repeated")
	stringOnce(cmd.Flags(), &r.name, flagName, "", "`NAME` that tells apart the marks of several rotations in one key group; do not change it later")
	cmd.Flags().BoolVar(&r.plan, "plan", false, "print the steps, and take none")
	cmd.Flags().BoolVar(&r.json, "json", false, "print JSON")
	r.awsFlags.register(cmd.Flags())
	return cmd
}

func (r *rotateCommand) run(cmd *cobra.Command) error {
	report := newRotateReport(cmd, r.json)
	options, err := r.options(report)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	p, config, err := r.open(ctx, cmd)
	if err != nil {
		return interrupted(ctx, err)
	}
	rotator, err := keygroup.New(cloudfront.NewFromConfig(forCloudFront(config)), options, r.keyGroups...)
	if err != nil {
		return err // it names the value
	}
	if r.plan {
		steps, err := rotator.Plan(ctx, p.store)
		if err != nil {
			return interrupted(ctx, err)
		}
		return report.plan(steps)
	}
	unlock, err := p.lock()
	if err != nil {
		return err
	}
	defer unlock()
	result, err := p.rotate(ctx, rotator)
	report.line.end()
	return errors.Join(report.finish(r, p, result, err == nil), err)
}

// rotate rotates the key pair. Only after a success it is certain which ID belongs to the key.
func (p place) rotate(ctx context.Context, rotator *keygroup.Rotator) (keygroup.Result, error) {
	result, err := rotator.Rotate(ctx, p.store)
	if err != nil {
		return result, interrupted(ctx, err)
	}
	if err := p.writeID(result.KeyPairID); err != nil {
		return result, fmt.Errorf("--%s: %s signs now, but the file may not have it: %w", flagIDFile, result.KeyPairID, err)
	}
	return result, nil
}

// open opens the place of the key pair, and finds the credentials.
func (r *rotateCommand) open(ctx context.Context, cmd *cobra.Command) (place, aws.Config, error) {
	file, err := r.openFile(cmd) // before AWS, so that mistakes with files show without credentials
	if err != nil {
		return place{}, aws.Config{}, err
	}
	config, err := r.config(ctx)
	if err != nil || file != nil {
		return placeOfFile(file), config, err
	}
	p, err := r.openRemote(ctx, config)
	return p, config, err
}

// options returns the options of the flags, and an error for flags that are missing or do not
// fit.
func (r *rotateCommand) options(report *rotateReport) (keygroup.Options, error) {
	o := keygroup.Options{Name: r.name, Poll: r.poll, Observe: report.observe}
	if len(r.keyGroups) == 0 {
		return o, missingFlag(flagKeyGroup, "2f1c8b0e-0a51-4a8c-9d7b-1f6f0c4f2a55, the ID of the key group that the distribution trusts")
	}
	if err := r.placeFlags.check(); err != nil {
		return o, err
	}
	for _, d := range []struct {
		flag, text string
		into       *time.Duration
	}{{flagKeep, r.keep, &o.KeepRetired}, {flagMinAge, r.minAge, &o.MinAge}, {flagSettle, r.settle, &o.Settle}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.into, err = timeflag.ParseDuration(d.text); err != nil {
			return o, inFlag(d.flag, err)
		}
		if *d.into == 0 && d.flag != flagSettle {
			return o, fmt.Errorf("--%s: %s is no time: write a longer one, or leave it out", d.flag, d.text)
		}
	}
	if o.Settle == 0 {
		o.Settle = -1 // zero is the default, and negative is no time
	}
	for _, id := range r.inUse {
		if err := keys.CheckID(id); err != nil {
			return o, inFlag(flagInUse, err)
		}
	}
	if len(r.inUse) > 0 {
		o.InUse = func(context.Context) ([]string, error) { return r.inUse, nil }
	}
	return o, nil
}

// interrupted returns the error for a rotation that ended because of a signal. A rotation that
// failed at the same time for another reason keeps its error.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: run the same command again, and it goes on from here", errInterrupted)
}
