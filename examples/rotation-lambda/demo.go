// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/examples/internal/cdn"
	"github.com/cfsign/cfsign/examples/internal/localaws"
	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/sign"
)

const (
	secretName     = "prod/cdn"
	distributionID = "E2QWRUHAPOMQZL"
	file           = cdn.URL + "/report.pdf"
)

// A local is AWS on this machine: a secret, a key group with its public key, and a distribution
// with the key group.
type local struct {
	aws        *localaws.AWS
	secrets    *awslocal.Secrets
	cloudFront *awslocal.CloudFront
	cdn        *cdn.CDN
	keyGroup   string
}

// newLocal starts the services with a first key.
func newLocal(ctx context.Context) (*local, error) {
	l := &local{aws: localaws.Start()}
	l.secrets, l.cloudFront = awslocal.NewSecrets(&l.aws.Server), awslocal.NewCloudFront(&l.aws.Server)
	var err error
	if l.cdn, err = cdn.Start(fstest.MapFS{"report.pdf": {Data: []byte("private")}}, nil); err != nil {
		l.aws.Close()
		return nil, err
	}
	if err := l.addFirstKey(ctx); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *local) close() {
	l.cdn.Close()
	l.aws.Close()
}

// addFirstKey does what a person does once: it makes the first key pair, puts the public key
// into a key group, and the pair into the secret.
func (l *local) addFirstKey(ctx context.Context) error {
	key, err := keys.GenerateECDSA()
	if err != nil {
		return err
	}
	pem, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return err
	}
	client := cloudfront.NewFromConfig(l.aws.Config)
	public, err := client.CreatePublicKey(ctx, &cloudfront.CreatePublicKeyInput{PublicKeyConfig: &types.PublicKeyConfig{
		Name: aws.String("first"), CallerReference: aws.String("first"), EncodedKey: aws.String(string(pem)),
	}})
	if err != nil {
		return err
	}
	group, err := client.CreateKeyGroup(ctx, &cloudfront.CreateKeyGroupInput{KeyGroupConfig: &types.KeyGroupConfig{
		Name: aws.String("viewers"), Items: []string{*public.PublicKey.Id},
	}})
	if err != nil {
		return err
	}
	l.keyGroup = *group.KeyGroup.Id
	l.cloudFront.AddDistribution(distributionID, "d111111abcdef8.cloudfront.net", l.keyGroup)
	value, err := awssecrets.ReplacePair(nil, *public.PublicKey.Id, key)
	if err != nil {
		return err
	}
	l.secrets.Put(secretName, string(value))
	l.secrets.SetRotation(secretName, true)
	return l.deploy()
}

// deploy gives the edge the keys that the distribution has.
func (l *local) deploy() error { return l.cdn.TrustOnly(l.cloudFront.Trusted(distributionID)) }

// A demo shows rotations while viewers fetch a file.
type demo struct {
	*program.Printer
	*local
	function *function
	signer   *sign.Signer
	lifetime time.Duration // of a link
	viewers  *cdn.Viewers
	first    string // a link that the first key has signed
}

// demonstrate rotates the key twice. The second rotation removes the first key.
func demonstrate(ctx context.Context, lifetime time.Duration, stdout io.Writer) error {
	l, err := newLocal(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	l.cloudFront.SetDelay(500 * time.Millisecond)
	ctx, cancel := context.WithCancel(ctx) // ends the source
	defer cancel()
	d := &demo{Printer: program.NewPrinter(stdout), local: l, lifetime: lifetime}
	const follow = 2 * time.Second // until the application has the new key
	d.function, err = newFunction(l.aws.Config, settings{
		keyGroups: []string{l.keyGroup}, keepRetired: lifetime + follow, settle: -1, probeURL: file,
		poll: 50 * time.Millisecond, viewer: l.cdn.Transport(),
	}, d.print)
	if err != nil {
		return err
	}
	if d.signer, err = newSigner(ctx, l.aws.Config); err != nil {
		return err
	}
	d.viewers = l.cdn.StartViewers(ctx, d.link)
	defer d.viewers.Stop()
	if d.first, _, err = d.link(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{d.rotate, d.pause, d.rotate, d.finish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.Err()
}

// newSigner returns the signer of an application that follows the secret.
func newSigner(ctx context.Context, config aws.Config) (*sign.Signer, error) {
	source, err := awssecrets.New(ctx, awssecrets.Secret(secretsmanager.NewFromConfig(config), secretName), awssecrets.Options{Interval: time.Second})
	if err != nil {
		return nil, err
	}
	id, key := source.Pair()
	signer, err := sign.New(id, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	go source.Run(ctx, signer.Rotate)
	return signer, nil
}

func (d *demo) link(ctx context.Context) (signedURL string, expires time.Time, err error) {
	expires = d.signer.Now().Add(d.lifetime).Truncate(time.Second)
	signedURL, err = d.signer.URL(ctx, file, expires)
	return signedURL, expires, err
}

// rotate does what Secrets Manager does: it calls the function for each step.
func (d *demo) rotate(ctx context.Context) error {
	old := d.signer.KeyPairID()
	d.Heading("Secrets Manager rotates the secret")
	stop := d.keepDeploying(ctx)
	err := d.secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
		if err := d.function.handle(ctx, events.SecretsManagerSecretRotationEvent(e)); err != nil {
			return err
		}
		d.Printf("%-12s  key group: %s\n", e.Step, strings.Join(slices.Sorted(maps.Keys(d.cloudFront.Trusted(distributionID))), ", "))
		return nil
	})
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	for d.signer.KeyPairID() == old && ctx.Err() == nil {
		cdn.Pause(ctx, 10*time.Millisecond)
	}
	d.Printf("the application signs with %s\n", d.signer.KeyPairID())
	return d.viewers.WaitFor(ctx, d.signer.KeyPairID())
}

// print prints a step of the function.
func (d *demo) print(_ context.Context, s keygroup.Step) { d.Printf("  %s\n", s) }

// keepDeploying gives the edge the keys of the distribution all the time, as CloudFront does,
// until stop is called.
func (d *demo) keepDeploying(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var err error
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil && err == nil {
			err = d.deploy()
			cdn.Pause(ctx, 10*time.Millisecond)
		}
	})
	return func() error {
		cancel()
		done.Wait()
		return errors.Join(err, d.deploy())
	}
}

// pause waits until the first key may be removed.
func (d *demo) pause(ctx context.Context) error {
	const margin = 2 * time.Second // the marks have whole seconds
	cdn.Pause(ctx, d.function.settings.keepRetired+margin)
	return ctx.Err()
}

// finish fails if the first key still opens the file, or if a viewer noticed a rotation.
func (d *demo) finish(ctx context.Context) error {
	d.viewers.Stop()
	requests, refused := d.viewers.Requests()
	group := d.cdn.KeyGroup()
	d.Heading("The result")
	d.Printf("Key group: %s\nOf %d requests, %d were refused.\n", strings.Join(group, ", "), requests, refused)
	answer, err := d.cdn.Get(ctx, d.first)
	if err != nil {
		return err
	}
	d.Printf("A link of the first key gets %d %s.\n", answer.Status, http.StatusText(answer.Status))
	if !slices.Contains(group, d.signer.KeyPairID()) || !strings.Contains(answer.Reason, "InvalidKey") {
		return fmt.Errorf("the first key was not removed")
	}
	return d.viewers.Err()
}
