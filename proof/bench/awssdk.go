// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"net/http"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/internal/scheme"
)

// awsJobs are those of the AWS SDK for Go, in the same process and with the same
// key. It signs SHA-1, and hands rand.Reader to the key.
func awsJobs(a algorithm, w *workload) []job {
	key := privateKey(a)
	urls := awssign.NewURLSigner(keyPairID, key)
	custom := awsPolicy(w)
	digest := scheme.Digest(crypto.SHA1, w.custom.JSON())
	next := 0

	add := func(r row, operate func() (output, error)) job {
		return job{
			cells:  []cell{{a, r, awsGo}},
			output: func(context.Context) (output, error) { return operate() },
			measure: inProcess(1, func() error {
				_, err := operate()
				return err
			}),
		}
	}
	jobs := []job{
		add(rowKey, func() (output, error) {
			signature, err := key.Sign(rand.Reader, digest, crypto.SHA1)
			return output{Signature: signature, Hash: "SHA1"}, err
		}),
		add(rowCanned, func() (output, error) {
			signedURL, err := urls.Sign(w.url, w.expires)
			return output{URL: signedURL}, err
		}),
		add(rowCustom, func() (output, error) {
			signedURL, err := urls.SignWithPolicy(w.url, custom)
			return output{URL: signedURL}, err
		}),
		add(rowThousand, func() (output, error) {
			rawURL := w.urls[next%len(w.urls)]
			next++
			signedURL, err := urls.SignWithPolicy(rawURL, custom)
			return output{URL: signedURL}, err
		}),
	}
	// The SDK takes no other key for cookies.
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		jobs = append(jobs, awsCookies(a, awssign.NewCookieSigner(keyPairID, rsaKey), custom))
	}
	return jobs
}

func awsCookies(a algorithm, signer *awssign.CookieSigner, p *awssign.Policy) job {
	secure := func(o *awssign.CookieOptions) { o.Path, o.Secure, o.SameSite = "/", true, http.SameSiteLaxMode }
	return job{
		cells: []cell{{a, rowCookies, awsGo}},
		output: func(context.Context) (output, error) {
			cookies, err := signer.SignWithPolicy(p, secure)
			values := map[string]string{}
			for _, cookie := range cookies {
				values[cookie.Name] = cookie.Value
			}
			return output{Cookies: values}, err
		},
		measure: inProcess(1, func() error {
			_, err := signer.SignWithPolicy(p, secure)
			return err
		}),
	}
}

// awsPolicy is the custom policy in the SDK's type.
func awsPolicy(w *workload) *awssign.Policy {
	return awssign.NewCannedPolicy(w.folder.String(), w.expires)
}
