// SPDX-License-Identifier: Apache-2.0

package token

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

var (
	regionName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	poolName   = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
)

// CognitoIssuer returns the issuer of a user pool, such as
// https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example. The ID of the pool has to
// be one of the Region, or the error is [ErrOptions].
//
// It is the issuer that pools have unless their issuer configuration is UPDATED. Those have
// issuer-cognito-idp in place of cognito-idp: write their URL into [Options] yourself.
//
// Source: "IssuerConfigurationType" in the Amazon Cognito User Pools API Reference.
func CognitoIssuer(region, userPoolID string) (string, error) {
	if !regionName.MatchString(region) {
		return "", refuse(ErrOptions, "%q is not a Region: write one such as us-east-1", region)
	}
	pool, ok := strings.CutPrefix(userPoolID, region+"_")
	if !ok || !poolName.MatchString(pool) {
		return "", refuse(ErrOptions, "%q is not the ID of a user pool in %s: write one such as %s_Example", userPoolID, region, region)
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return "https://cognito-idp." + region + "." + domain + "/" + userPoolID, nil
}

// checkIssuer refuses an issuer whose keys somebody on the way could replace. Over
// loopback, where emulators are, there is nobody.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.ForceQuery || u.RawQuery != "" || strings.Contains(issuer, "#") ||
		strings.HasSuffix(issuer, "/") || u.String() != issuer {
		return refuse(ErrOptions, "Issuer is not a URL such as https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example")
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return refuse(ErrOptions, "Issuer %q is not https: http is for loopback alone", issuer)
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
