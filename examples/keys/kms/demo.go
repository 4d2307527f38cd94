// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/examples/internal/cdn"
	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const (
	alias     = "alias/cloudfront"
	keyPairID = "K2KMSEXAMPLE"
)

// A demo shows an application with a local KMS and a local CloudFront.
type demo struct {
	*program.Printer
	aws    *awstest.AWS
	arn    string // of the key
	cdn    *cdn.CDN
	signer *sign.Signer
	cache  *sign.Cache
	passed atomic.Int64 // how far the clock of the CDN and the signer moved, in nanoseconds
}

func demonstrate(ctx context.Context, stdout io.Writer) error {
	d := &demo{Printer: program.NewPrinter(stdout), aws: awstest.Start()}
	defer d.aws.Close()
	var err error
	if d.cdn, err = cdn.Start(pages(), d.now); err != nil {
		return err
	}
	defer d.cdn.Close()
	for _, step := range []func(context.Context) error{d.prepare, d.showURL, d.showCache, d.showThrottling, d.showDisabled} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.Err()
}

// now is a fixed time plus the time that passed in the demonstration, so the output is
// always the same. Half an hour earlier, the cache would already sign in the background
// what Alice needs an hour later.
func (d *demo) now() time.Time {
	return time.Date(2030, 1, 1, 12, 30, 0, 0, time.UTC).Add(time.Duration(d.passed.Load()))
}

// pages returns a hundred files for each of two users.
func pages() fstest.MapFS {
	files := fstest.MapFS{}
	for _, user := range []string{"alice", "bob"} {
		for i := range 100 {
			files[fmt.Sprintf("users/%s/%03d.txt", user, i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "page %d of %s", i, user)}
		}
	}
	return files
}

// prepare makes a key in KMS, adds its public key to CloudFront, and makes the signer.
func (d *demo) prepare(ctx context.Context) error {
	key, err := keys.GenerateECDSA()
	if err != nil {
		return err
	}
	d.arn = d.aws.KMS.Add(key, alias)
	pem, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return err
	}
	d.Printf("KMS has the key %s. CloudFront has the public key, in a key group,\nas %s:\n\n%s", alias, keyPairID, pem)
	if err := d.cdn.Trust(keyPairID, key.Public()); err != nil {
		return err
	}
	client := kms.NewFromConfig(d.aws.Config)
	if d.signer, err = newSigner(ctx, client, alias, keyPairID, sign.Options{Clock: d.now}); err != nil {
		return err
	}
	// What the cache returns is valid for at least an hour.
	d.cache, err = sign.NewCache(d.signer, time.Hour, sign.CacheOptions{})
	return err
}

func (d *demo) showURL(ctx context.Context) error {
	const file = cdn.URL + "/users/alice/000.txt"
	d.Heading("A private file")
	if err := d.get(ctx, file); err != nil {
		return err
	}
	signedURL, err := d.signer.URL(ctx, file, d.now().Add(time.Hour))
	if err != nil {
		return err
	}
	return d.get(ctx, signedURL)
}

// showCache counts the requests to KMS for the hundred files of a user.
func (d *demo) showCache(ctx context.Context) error {
	d.Heading("A hundred files")
	before := d.aws.Count("kms:Sign")
	opened := 0
	for i := range 100 {
		signedURL, err := d.cachedURL(ctx, "alice", i)
		if err != nil {
			return err
		}
		answer, err := d.cdn.Get(ctx, signedURL)
		if err != nil {
			return err
		}
		if answer.Status == http.StatusOK {
			opened++
		}
	}
	d.Printf("%d signed URLs opened their file. Requests to KMS for them: %d\n", opened, d.aws.Count("kms:Sign")-before)
	return nil
}

func (d *demo) showThrottling(ctx context.Context) error {
	d.Heading("KMS throttles")
	d.aws.Fail("kms:Sign", 0, "ThrottlingException") // 0: all requests
	defer d.aws.Recover("kms:Sign")
	return d.try(ctx, "alice", "bob")
}

func (d *demo) showDisabled(ctx context.Context) error {
	d.Heading("The key is disabled")
	d.aws.KMS.SetState(d.arn, "Disabled")
	if err := d.try(ctx, "alice", "bob"); err != nil {
		return err
	}
	d.Heading("An hour later")
	d.passed.Add(int64(time.Hour))
	if err := d.try(ctx, "alice"); err != nil {
		return err
	}
	d.Heading("The key is enabled again")
	d.aws.KMS.SetState(d.arn, "Enabled")
	return d.try(ctx, "alice")
}

// cachedURL returns a URL for a file of a user, signed with a policy for the user's
// folder.
func (d *demo) cachedURL(ctx context.Context, user string, i int) (string, error) {
	folder, err := policy.Under(cdn.URL+"/users", user)
	if err != nil {
		return "", err
	}
	signed, err := d.cache.SignResource(ctx, folder, policy.Conditions{})
	if err != nil {
		return "", err
	}
	file, err := folder.Child(fmt.Sprintf("%03d.txt", i))
	if err != nil {
		return "", err
	}
	return signed.URL(file)
}

// try signs for users and prints the result.
func (d *demo) try(ctx context.Context, users ...string) error {
	for _, user := range users {
		signedURL, err := d.cachedURL(ctx, user, 1)
		if err != nil {
			d.Printf("Signing for %s fails.\n  %v\n  What to do: %s.\n", user, err, advice(err))
			continue
		}
		d.Printf("There is a signed policy for %s.\n", user)
		if err := d.get(ctx, signedURL); err != nil {
			return err
		}
	}
	return nil
}

// get fetches a URL and prints it without its signature.
func (d *demo) get(ctx context.Context, rawURL string) error {
	answer, err := d.cdn.Get(ctx, rawURL)
	if err != nil {
		return err
	}
	file, _, signed := strings.Cut(rawURL, "?")
	if signed {
		file += "?..."
	}
	d.Printf("GET %s\n  %s\n", file, answer)
	return nil
}
