// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"

	"github.com/cfsign/cfsign/policy"
)

// Options say what people may choose. None of them opens the bucket, or serves anything
// without a signature: for that one has to change the code.
type options struct {
	// publicKeys are those that CloudFront trusts. The first is that of the private key
	// which signs; there are others while keys are rotated.
	publicKeys []publicKey
	// region is where everything is deployed but CloudFront, which is everywhere.
	region string
	// appOrigins are the origins whose scripts may read the files, such as
	// https://app.example.com. Empty: none; pictures and downloads need none.
	appOrigins []string
	// domain is that of the distribution, and certificate the ARN of one for it. Empty: a
	// name below cloudfront.net, for which no browser lets an application set cookies.
	domain, certificate string
	// priceClass is 100 (the default), 200 or all: how much of the world is near.
	priceClass string
	// ipv6 lets viewers come over IPv6. A signature with an IP condition refuses them all,
	// because CloudFront has no conditions for IPv6. So it is off by default.
	ipv6 bool
}

// maxPublicKeys is CloudFront's quota for a key group.
const maxPublicKeys = 5

// cloudFrontRegion is where certificates for CloudFront and the settings of its logs are.
const cloudFrontRegion = "us-east-1"

var (
	regionForm      = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$`)
	certificateForm = regexp.MustCompile(`^arn:aws:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
)

var priceClasses = map[string]awscloudfront.PriceClass{
	"":    awscloudfront.PriceClass_PRICE_CLASS_100,
	"100": awscloudfront.PriceClass_PRICE_CLASS_100,
	"200": awscloudfront.PriceClass_PRICE_CLASS_200,
	"all": awscloudfront.PriceClass_PRICE_CLASS_ALL,
}

// check returns all that is wrong.
func (o options) check() error { return o.checkAllBut(false) }

// checkAllBut leaves out, if it is told so, that keys are missing: somebody else has said
// why.
func (o options) checkAllBut(missingKeys bool) error {
	errs := []error{o.checkRegion(), o.checkDomain()}
	if !missingKeys || len(o.publicKeys) > 0 {
		errs = append(errs, o.checkPublicKeys())
	}
	for _, origin := range o.appOrigins {
		errs = append(errs, checkOrigin(origin))
	}
	if _, ok := priceClasses[o.priceClass]; !ok {
		errs = append(errs, fmt.Errorf("%s is %q: write 100, 200 or all", priceClassSetting, o.priceClass))
	}
	return errors.Join(errs...)
}

func (o options) checkPublicKeys() error {
	if n := len(o.publicKeys); n == 0 || n > maxPublicKeys {
		return fmt.Errorf("%s has %d keys: name one to %d", publicKeysSetting, n, maxPublicKeys)
	}
	seen := map[string]bool{}
	for _, key := range o.publicKeys {
		if key.name == "" {
			return fmt.Errorf("%s has an empty key", publicKeysSetting)
		}
		if seen[key.name] {
			return fmt.Errorf("%s has the same key twice: name each once", publicKeysSetting)
		}
		seen[key.name] = true
	}
	return nil
}

func (o options) checkRegion() error {
	if !regionForm.MatchString(o.region) {
		return fmt.Errorf("%s is %q: name the region to deploy to, such as eu-central-1", regionSetting, o.region)
	}
	return nil
}

func (o options) checkDomain() error {
	if (o.domain == "") != (o.certificate == "") {
		return fmt.Errorf("%s and %s go together: add the other one, or leave out both for a name below cloudfront.net", domainSetting, certificateSetting)
	}
	if o.domain == "" {
		return nil
	}
	if d, err := policy.Directory("https://" + o.domain + "/"); err != nil || d.Host() != o.domain || strings.Contains(o.domain, ":") {
		return fmt.Errorf("%s is %q: write one host name in lower case, such as cdn.example.com", domainSetting, o.domain)
	}
	switch found := certificateForm.FindStringSubmatch(o.certificate); {
	case found == nil:
		return fmt.Errorf("%s is no ARN of a certificate, such as arn:aws:acm:%s:<account>:certificate/<id>", certificateSetting, cloudFrontRegion)
	case found[1] != cloudFrontRegion:
		return fmt.Errorf("%s is in %s: CloudFront takes certificates from %s only, wherever the rest is", certificateSetting, found[1], cloudFrontRegion)
	}
	return nil
}

// checkOrigin refuses what is not one origin as browsers send it. A wildcard would let
// somebody else's scripts read the files with the cookies of the viewer.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	local := err == nil && u.Scheme == "http" && u.Hostname() == "localhost"
	if err != nil || u.Scheme != "https" && !local || u.Host == "" || strings.Contains(origin, "*") || origin != u.Scheme+"://"+strings.ToLower(u.Host) {
		return fmt.Errorf("%s has %q: write origins as browsers send them, such as https://app.example.com: https (http for localhost alone), in lower case, without a path, a wildcard or a slash at the end", appOriginSetting, origin)
	}
	return nil
}
