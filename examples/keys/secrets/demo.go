// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/examples/internal/cdn"
	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/sign"
)

const (
	secretName = "prod/cdn"
	oldID      = "KOLDEXAMPLE" // IDs that CloudFront gave to the keys
	newID      = "KNEWEXAMPLE"
	file       = cdn.URL + "/report.txt"
	lifetime   = time.Hour // of the signed URLs
)

// A demo shows an application whose key is rotated, with a local Secrets Manager and a
// local CloudFront.
type demo struct {
	*program.Printer
	aws     *awstest.AWS
	cdn     *cdn.CDN
	signer  *sign.Signer
	source  *awssecrets.Source
	oldLink string       // signed with the old key
	offset  atomic.Int64 // how far the clock of the CDN and the signer is ahead
}

func demonstrate(ctx context.Context, stdout io.Writer) error {
	d := &demo{Printer: program.NewPrinter(stdout), aws: awstest.Start()}
	defer d.aws.Close()
	var err error
	if d.cdn, err = cdn.Start(fstest.MapFS{"report.txt": {Data: []byte("The figures of the year.")}}, d.now); err != nil {
		return err
	}
	defer d.cdn.Close()
	if err := d.addKey(oldID); err != nil {
		return err
	}
	d.signer, d.source, err = newSigner(ctx, secretsmanager.NewFromConfig(d.aws.Config), secretName, nil, sign.Options{Clock: d.now})
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{d.showOld, d.rotate, d.removeOld, d.showMismatch} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return d.Err()
}

// now is the time of the CDN and the application.
func (d *demo) now() time.Time { return time.Now().Add(time.Duration(d.offset.Load())) }

func (d *demo) showOld(ctx context.Context) error {
	d.Heading("The application signs with the key pair in the secret")
	d.Printf("%v\n%v\n", d.source, d.signer)
	if err := d.get(ctx, "without a signature", file); err != nil {
		return err
	}
	var err error
	if d.oldLink, _, err = d.link(ctx); err != nil {
		return err
	}
	return d.get(ctx, "with a URL of "+oldID, d.oldLink)
}

// rotate replaces the key pair while viewers fetch the file.
func (d *demo) rotate(ctx context.Context) error {
	d.Heading("The key is rotated while viewers fetch the file")
	v := d.cdn.StartViewers(ctx, d.link)
	defer v.Stop()
	if err := v.WaitFor(ctx, oldID); err != nil {
		return err
	}
	d.Printf("1. The key group gets %s. CloudFront must have the key everywhere before it signs.\n", newID)
	d.Printf("2. AWSCURRENT moves to a version of the secret with %s.\n", newID)
	if err := d.addKey(newID); err != nil {
		return err
	}
	if err := d.source.Refresh(ctx); err != nil { // The source would do so within five minutes.
		return err
	}
	if err := v.WaitFor(ctx, newID); err != nil {
		return err
	}
	d.Printf("3. The next refresh finds it. %v\n", d.signer)
	d.Printf("   Every viewer got the file, with URLs of %s and then of %s.\n", oldID, newID)
	return d.get(ctx, "with the old URL", d.oldLink)
}

// removeOld waits until the old key is no longer needed, and removes it.
func (d *demo) removeOld(ctx context.Context) error {
	d.Heading("Everything that the old key signed has expired")
	for _, retired := range d.signer.RetiredKeys() {
		d.Printf("%s is needed until %s. The clock moves there.\n", retired.KeyPairID, retired.Expires.Format(time.TimeOnly))
		d.offset.Add(int64(retired.Expires.Sub(d.now()) + time.Second))
	}
	if err := d.cdn.Distrust(oldID); err != nil {
		return err
	}
	d.Printf("4. The key group loses %s. Old keys that are still needed: %d\n", oldID, len(d.signer.RetiredKeys()))
	if err := d.get(ctx, "with the old URL", d.oldLink); err != nil {
		return err
	}
	return d.getSigned(ctx)
}

// showMismatch stores a pair that does not fit. The source refuses it.
func (d *demo) showMismatch(ctx context.Context) error {
	d.Heading("The secret gets a private key that does not belong to the ID")
	other, err := keys.GenerateECDSA()
	if err != nil {
		return err
	}
	if err := d.store(newID, other); err != nil {
		return err
	}
	if err = d.source.Refresh(ctx); !errors.Is(err, keys.ErrMismatch) {
		return fmt.Errorf("the pair was not refused: %w", err)
	}
	d.Printf("refused: %v\n%v\n", err, d.source)
	return d.getSigned(ctx)
}

// addKey makes a key pair. CloudFront gets the public key before the application can get
// the private one.
func (d *demo) addKey(keyPairID string) error {
	key, err := keys.GenerateECDSA()
	if err != nil {
		return err
	}
	if err := d.cdn.Trust(keyPairID, key.Public()); err != nil {
		return err
	}
	return d.store(keyPairID, key)
}

// store makes a key pair the current version of the secret.
func (d *demo) store(keyPairID string, key crypto.Signer) error {
	text, err := secretText(keyPairID, key)
	if err == nil {
		d.aws.Secrets.Put(secretName, text)
	}
	return err
}

// secretText returns a key pair in the form of a secret.
func secretText(keyPairID string, key crypto.Signer) (string, error) {
	pem, err := keys.MarshalPrivate(key)
	if err != nil {
		return "", err
	}
	document, err := json.Marshal(map[string]string{"keyPairId": keyPairID, "privateKey": string(pem)})
	return string(document), err
}

// link returns a signed URL of the file, and when it expires.
func (d *demo) link(ctx context.Context) (signedURL string, expires time.Time, err error) {
	expires = d.now().Add(lifetime)
	signedURL, err = d.signer.URL(ctx, file, expires)
	return signedURL, expires, err
}

// getSigned fetches the file with a new signed URL.
func (d *demo) getSigned(ctx context.Context) error {
	link, _, err := d.link(ctx)
	if err != nil {
		return err
	}
	return d.get(ctx, "with a URL of "+d.signer.KeyPairID(), link)
}

// get fetches the file and prints the answer.
func (d *demo) get(ctx context.Context, how, rawURL string) error {
	answer, err := d.cdn.Get(ctx, rawURL)
	if err == nil {
		d.Printf("GET /report.txt %s: %s\n", how, answer)
	}
	return err
}
