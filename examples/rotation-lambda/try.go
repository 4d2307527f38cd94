// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// try signs with a pair, and checks that CloudFront accepts it.
func (f *function) try(ctx context.Context, keyPairID string, key crypto.Signer) error {
	signer, err := sign.New(keyPairID, key, sign.Options{Clock: f.settings.clock})
	if err != nil {
		return err
	}
	if err := f.verify(ctx, signer); err != nil {
		return err
	}
	if f.settings.probeURL == "" {
		return nil
	}
	return f.probe(ctx, signer)
}

// verify checks that the public key that CloudFront has under the signer's ID verifies what the
// signer signs.
func (f *function) verify(ctx context.Context, signer *sign.Signer) error {
	id := signer.KeyPairID()
	output, err := f.cloudFront.GetPublicKey(ctx, &cloudfront.GetPublicKeyInput{Id: &id})
	switch {
	case err != nil:
		return failed(ctx, "GetPublicKey", err)
	case output.PublicKey == nil || output.PublicKey.PublicKeyConfig == nil:
		return errors.New("GetPublicKey: the answer has no public key")
	}
	public, err := keys.ParsePublic([]byte(aws.ToString(output.PublicKey.PublicKeyConfig.EncodedKey)))
	if err != nil {
		return fmt.Errorf("the public key %s at CloudFront: %w", id, err)
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{id: public})
	if err != nil {
		return err
	}
	signedURL, err := signer.URL(ctx, "https://example.com/", signer.Now().Add(time.Minute))
	if err != nil {
		return err
	}
	verifier := &verify.Verifier{Keys: trusted, Clock: f.settings.clock}
	if _, err := verifier.Verify(verify.Request{URL: signedURL}); err != nil {
		return fmt.Errorf("the public key %s at CloudFront does not belong to the private key: %w", id, err)
	}
	return nil
}

// probe fetches PROBE_URL, without a signature and with one. A signature of a key that an edge
// location does not have yet gets a 403, so probe tries until ctx ends.
func (f *function) probe(ctx context.Context, signer *sign.Signer) error {
	status, err := f.get(ctx, f.settings.probeURL)
	if err != nil {
		return err
	}
	if status != http.StatusForbidden {
		return fmt.Errorf("PROBE_URL has the status %d without a signature, so it tests nothing: set it to the URL of a private file", status)
	}
	for {
		status, err := f.getSigned(ctx, signer)
		if ctx.Err() == nil && (err != nil || status != http.StatusForbidden) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("CloudFront has not accepted a signature of %s for PROBE_URL yet. Secrets Manager tries again. If this repeats, the key groups of its behavior are not in KEY_GROUP_IDS, or the file does not exist: %w", signer.KeyPairID(), ctx.Err())
		case <-time.After(f.settings.pollTime()):
		}
	}
}

func (f *function) getSigned(ctx context.Context, signer *sign.Signer) (status int, err error) {
	signedURL, err := signer.URL(ctx, f.settings.probeURL, signer.Now().Add(5*time.Minute))
	if err != nil {
		return 0, fmt.Errorf("PROBE_URL: %w", err)
	}
	return f.get(ctx, signedURL)
}

// get fetches the first byte of a file, and returns the status. No error contains the URL, which
// may give access.
func (f *function) get(ctx context.Context, rawURL string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, http.NoBody)
	if err != nil {
		return 0, errors.New("PROBE_URL is malformed")
	}
	request.Header.Set("Range", "bytes=0-0")
	client := &http.Client{
		Transport: f.settings.viewer, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("PROBE_URL: %w", errors.Unwrap(err)) // the outer error contains the URL
	}
	return response.StatusCode, response.Body.Close()
}
