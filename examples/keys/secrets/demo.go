// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/sign"
)

// The secret of the demo, and the IDs that CloudFront gives to its keys.
const (
	secretName = "prod/cdn"
	oldID      = "KOLDEXAMPLE"
	newID      = "KNEWEXAMPLE"
)

// lifetime is that of the signed URLs.
const lifetime = time.Hour

// A demo goes through a rotation and says what happens. It keeps the first error.
type demo struct {
	*cloud
	signer *sign.Signer
	source *awssecrets.Source
	out    io.Writer
	err    error
}

// newDemo returns an application with the old key, in a cloud that trusts it.
func newDemo(ctx context.Context, out io.Writer) (*demo, error) {
	c, err := newCloud(ctx)
	if err != nil {
		return nil, err
	}
	d := &demo{cloud: c, out: out}
	key := d.newKey()
	d.trust(oldID, key)
	d.put(oldID, key)
	if d.err == nil {
		d.signer, d.source, d.err = newSigner(ctx, d.client, secretName, nil, sign.Options{Clock: d.now})
	}
	if d.err != nil {
		c.close()
	}
	return d, d.err
}

// walk goes through a rotation that is as it should be, and one that is not.
func (d *demo) walk(ctx context.Context) error {
	file := d.url + "/report.txt"
	d.heading("The application signs with the pair in the secret")
	d.printf("%v\n%v\n", d.source, d.signer)
	oldLink := d.link(ctx, file)
	d.get(ctx, "without a signature", file)
	d.get(ctx, "with a URL of "+oldID, oldLink)

	d.heading("The key is rotated, while viewers fetch the file all the time")
	v := startViewers(ctx, d.signer, file, d.now)
	d.do(func() error { return v.waitFor(ctx, oldID) })
	newKey := d.newKey()
	d.trust(newID, newKey)
	d.printf("1. The key group gets %s. CloudFront must have it everywhere before it signs.\n", newID)
	d.put(newID, newKey)
	d.printf("2. AWSCURRENT moves to a version with %s.\n", newID)
	d.do(func() error { return d.source.Refresh(ctx) })
	d.do(func() error { return v.waitFor(ctx, newID) })
	d.do(v.end)
	d.printf("3. The next refresh finds it, which is now and not in five minutes. %v\n", d.signer)
	d.printf("   Every viewer got the file, with URLs of %s, and then of %s.\n", oldID, newID)
	d.get(ctx, "with the URL from before", oldLink)

	d.heading("The old key has signed nothing any more that is still valid")
	for _, retired := range d.retiredKeys() {
		d.printf("%s is needed until %s: the clock is set to that.\n", retired.KeyPairID, retired.Expires.Format(time.TimeOnly))
		d.offset.Add(int64(retired.Expires.Sub(d.now()) + time.Second))
	}
	d.untrust(oldID)
	d.printf("4. The key group loses %s. Keys that are needed still: %d\n", oldID, len(d.retiredKeys()))
	d.get(ctx, "with the URL from before", oldLink)
	d.get(ctx, "with a URL of "+newID, d.link(ctx, file))

	d.heading("Somebody puts a private key that does not belong to the ID")
	d.put(newID, d.newKey())
	d.refuse(d.source.Refresh(ctx))
	d.printf("%v\n", d.source)
	d.get(ctx, "with a URL of "+newID, d.link(ctx, file))
	return d.err
}

// do does a step, unless one before has failed.
func (d *demo) do(step func() error) {
	if d.err == nil {
		d.err = step()
	}
}

func (d *demo) newKey() (key crypto.Signer) {
	d.do(func() (err error) {
		key, err = keys.GenerateECDSA()
		return err
	})
	return key
}

// put makes a pair the current version of the secret.
func (d *demo) put(keyPairID string, key crypto.Signer) {
	d.do(func() error {
		text, err := secretOf(keyPairID, key)
		if err == nil {
			d.secrets.Put(secretName, text)
		}
		return err
	})
}

// trust adds a public key to the key group.
func (d *demo) trust(keyPairID string, key crypto.Signer) {
	d.do(func() error {
		d.group[keyPairID] = key.Public()
		return d.update()
	})
}

// untrust takes one out.
func (d *demo) untrust(keyPairID string) {
	d.do(func() error {
		delete(d.group, keyPairID)
		return d.update()
	})
}

func (d *demo) retiredKeys() []sign.RetiredKey {
	if d.err != nil {
		return nil
	}
	return d.signer.RetiredKeys()
}

// link returns a signed URL.
func (d *demo) link(ctx context.Context, file string) (link string) {
	d.do(func() (err error) {
		link, err = d.signer.URL(ctx, file, d.now().Add(lifetime))
		return err
	})
	return link
}

// refuse prints an error that there has to be.
func (d *demo) refuse(err error) {
	d.do(func() error {
		if !errors.Is(err, keys.ErrMismatch) {
			return fmt.Errorf("the pair was not refused: %w", err)
		}
		return nil
	})
	d.printf("refused: %v\n", err)
}

// get fetches a file and prints what came.
func (d *demo) get(ctx context.Context, how, rawURL string) {
	d.do(func() error {
		a, err := get(ctx, rawURL)
		if err != nil {
			return err
		}
		text := a.body
		if a.status != http.StatusOK {
			text = a.reason
		}
		_, err = fmt.Fprintf(d.out, "GET /report.txt %s: %d %s\n", how, a.status, text)
		return err
	})
}

func (d *demo) heading(text string) {
	d.printf("\n%s\n%s\n", text, strings.Repeat("-", len(text)))
}

func (d *demo) printf(format string, args ...any) {
	d.do(func() error {
		_, err := fmt.Fprintf(d.out, format, args...)
		return err
	})
}
