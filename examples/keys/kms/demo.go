// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A demo goes through what an application and its viewers do, and prints what happens.
// It keeps the first error.
type demo struct {
	*local
	out    io.Writer
	signer *sign.Signer
	cache  *sign.Cache
	viewer *http.Client
	err    error
}

// demonstrate shows all there is with a local KMS.
func demonstrate(ctx context.Context, out io.Writer) error {
	l, err := start()
	if err != nil {
		return err
	}
	defer l.stop()
	d := &demo{local: l, out: out}
	for _, step := range []func(context.Context){d.prepare, d.showURL, d.showCache, d.showThrottling, d.showDisabled} {
		if step(ctx); d.err != nil {
			return d.err
		}
	}
	return nil
}

// prepare tells CloudFront the public key, and makes the signer, as an application does
// when it starts.
func (d *demo) prepare(ctx context.Context) {
	pem, err := keys.MarshalPublic(d.public)
	if err != nil {
		d.err = err
		return
	}
	d.printf("KMS has the key %s.\nCloudFront has its public half, in a key group, and calls it %s:\n\n%s", alias, keyPairID, pem)
	if d.viewer, d.err = d.distribute(); d.err != nil {
		return
	}
	if d.signer, d.err = newSigner(ctx, d.client, alias, keyPairID, sign.Options{Clock: d.now}); d.err != nil {
		return
	}
	// What it hands out is valid for an hour at least.
	d.cache, d.err = sign.NewCache(d.signer, time.Hour, sign.CacheOptions{})
}

func (d *demo) showURL(ctx context.Context) {
	const file = cdn + "/users/alice/000.txt"
	d.heading("A private file")
	d.get(ctx, file)
	signedURL, err := d.signer.URL(ctx, file, d.now().Add(time.Hour))
	if err != nil {
		d.fail(err)
		return
	}
	d.get(ctx, signedURL)
}

// showCache counts the requests for the hundred files of a user.
func (d *demo) showCache(ctx context.Context) {
	d.heading("A hundred files")
	before := d.server.Count(awslocal.KMSSign)
	opened := 0
	for i := range 100 {
		signedURL, err := d.cached(ctx, "alice", i)
		if err != nil {
			d.fail(err)
			return
		}
		if d.fetch(ctx, signedURL).status == http.StatusOK {
			opened++
		}
	}
	d.printf("%d signed URLs opened their file. Requests to KMS for them: %d\n", opened, d.server.Count(awslocal.KMSSign)-before)
}

func (d *demo) showThrottling(ctx context.Context) {
	d.heading("KMS throttles")
	const all = 1000
	d.server.Fail(awslocal.KMSSign, all, &awslocal.Error{Type: "ThrottlingException", Message: "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."})
	d.try(ctx, "alice")
	d.try(ctx, "bob")
	d.server.Recover(awslocal.KMSSign)
}

func (d *demo) showDisabled(ctx context.Context) {
	d.heading("The key is disabled")
	d.kms.SetState(d.arn, "Disabled")
	d.try(ctx, "alice")
	d.try(ctx, "bob")
	d.heading("An hour later")
	d.passed.Add(int64(time.Hour))
	d.try(ctx, "alice")
	d.heading("The key is enabled again")
	d.kms.SetState(d.arn, "Enabled")
	d.try(ctx, "alice")
}

// cached returns a URL for a file of a user, signed with a policy for the user's folder.
func (d *demo) cached(ctx context.Context, user string, i int) (string, error) {
	folder, err := policy.Under(cdn+"/users", user)
	if err != nil {
		return "", err
	}
	signed, err := d.cache.Sign(ctx, folder, policy.Conditions{})
	if err != nil {
		return "", err
	}
	file, err := folder.Child(fmt.Sprintf("%03d.txt", i))
	if err != nil {
		return "", err
	}
	return signed.URL(file)
}

// try has a user want a file, and prints what comes of it.
func (d *demo) try(ctx context.Context, user string) {
	signedURL, err := d.cached(ctx, user, 1)
	if err != nil {
		d.printf("For %s nothing can be signed.\n  %v\n  So %s.\n", user, err, advice(err))
		return
	}
	d.printf("For %s there is a signed policy.\n", user)
	d.get(ctx, signedURL)
}

// An answer is what a viewer gets.
type answer struct {
	status    int
	text, why string
}

// get fetches a URL, and prints it without its signature.
func (d *demo) get(ctx context.Context, rawURL string) {
	a := d.fetch(ctx, rawURL)
	file, _, signed := strings.Cut(rawURL, "?")
	if signed {
		file += "?..."
	}
	d.printf("GET %s\n  %d %s\n", file, a.status, http.StatusText(a.status))
	if a.status == http.StatusOK {
		d.printf("  %s\n", a.text)
	} else {
		d.printf("  %s\n", a.why)
	}
}

func (d *demo) fetch(ctx context.Context, rawURL string) answer {
	if d.err != nil {
		return answer{}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		d.fail(fmt.Errorf("the URL cannot be requested")) // whose error would repeat it
		return answer{}
	}
	response, err := d.viewer.Do(request)
	if err != nil {
		d.fail(fmt.Errorf("the distribution does not answer"))
		return answer{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	d.fail(err)
	return answer{response.StatusCode, string(body), response.Header.Get(edge.ExplanationHeader)}
}

func (d *demo) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *demo) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.out, format, args...)
	}
}

func (d *demo) heading(text string) {
	d.printf("\n%s\n%s\n", text, strings.Repeat("-", len(text)))
}
