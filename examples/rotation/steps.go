// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// A rotation goes through the four steps.
//
// Source: "Specify signers that can create signed URLs and signed cookies", on rotating
// key pairs,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
type rotation struct {
	site    *site
	viewers *viewers
	stdout  io.Writer

	key crypto.Signer // the new one
	old string        // a link signed with the old one
}

// begin shows the site before the rotation.
func (r *rotation) begin(ctx context.Context) error {
	var err error
	if r.old, _, err = r.site.link(ctx); err != nil {
		return err
	}
	r.show(ctx, "Before", "the application signs, viewers fetch")
	return ctx.Err()
}

// trustNew is step 1: CloudFront gets the new public key and keeps the old one. The
// application does not sign with the new one before it has arrived everywhere, which
// takes CloudFront some minutes, and the local one no time.
func (r *rotation) trustNew(ctx context.Context) error {
	var err error
	if r.key, err = keys.GenerateECDSA(); err != nil {
		return err
	}
	if err := r.site.trust("KNEW", r.key.Public()); err != nil {
		return err
	}
	r.show(ctx, "Step 1", "add the new public key to the key group")
	return ctx.Err()
}

// signWithNew is step 2: the application changes to the new private key.
func (r *rotation) signWithNew(ctx context.Context) error {
	if err := r.site.signer.Rotate(ctx, "KNEW", r.key); err != nil {
		return err
	}
	r.show(ctx, "Step 2", "sign with the new private key")
	return ctx.Err()
}

// waitForOld is step 3: until everything that the old key signed has expired, which the
// signer knows.
func (r *rotation) waitForOld(ctx context.Context) error {
	for retired := r.site.signer.RetiredKeys(); len(retired) > 0 && ctx.Err() == nil; retired = r.site.signer.RetiredKeys() {
		pause(ctx, time.Until(retired[0].Expires))
	}
	r.show(ctx, "Step 3", "wait until everything signed with the old key has expired")
	return ctx.Err()
}

// removeOld is step 4.
func (r *rotation) removeOld(ctx context.Context) error {
	if err := r.site.distrust("KOLD"); err != nil {
		return err
	}
	r.show(ctx, "Step 4", "remove the old public key from the key group")
	return ctx.Err()
}

// end fails if the rotation was noticed.
func (r *rotation) end(ctx context.Context) error {
	status, err := r.site.get(ctx, r.old)
	if err != nil {
		return err
	}
	if status != http.StatusForbidden {
		return fmt.Errorf("a link of the old key got the status %d", status)
	}
	r.viewers.stop()
	requests, refused := r.viewers.requests.Load(), r.viewers.refused.Load()
	fmt.Fprintf(r.stdout, "\nOf %d requests, %d were refused. A link of the old key: %d %s.\n", requests, refused, status, http.StatusText(status))
	if refused > 0 || requests == 0 {
		return fmt.Errorf("%d of %d requests were refused", refused, requests)
	}
	return nil
}

// show lets the viewers go on for a while, and prints how they fare.
func (r *rotation) show(ctx context.Context, step, what string) {
	pause(ctx, 500*time.Millisecond)
	group := slices.Sorted(maps.Keys(r.site.group))
	fmt.Fprintf(r.stdout, "%-7s %-59s signs: %s  key group: %-11s  requests: %4d  refused: %d\n",
		step, what, r.site.signer.KeyPairID(), strings.Join(group, ", "), r.viewers.requests.Load(), r.viewers.refused.Load())
}
