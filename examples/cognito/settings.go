// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// The names of the settings. The first five come from the article (docs/history.md).
const (
	envRegion       = "REGION"
	envUserPoolID   = "USERPOOLID"
	envAppClientID  = "APPCLIENTID"
	envDomain       = "CFDOMAIN"
	envSecretRegion = "SECRET_REGION"
	envIssuer       = "TOKEN_ISSUER"
	envDatabase     = "DATABASE_URL"
	envCookieDomain = "COOKIE_DOMAIN"
	envAppOrigin    = "APP_ORIGIN"
	envLifetime     = "SIGNATURE_LIFETIME"
	envListen       = "LISTEN"
)

const (
	defaultListen   = "127.0.0.1:8080"
	defaultDatabase = "file:shares.db"
	defaultLifetime = 10 * time.Minute
)

// settings are what the environment says.
type settings struct {
	issuer       string // of the tokens
	appClientID  string
	cdn          string // the URL of the distribution, with a slash at the end
	cookieDomain string // if empty, the cookies are for the host that sets them
	appOrigin    string // if empty, only the origin of the request itself
	lifetime     time.Duration
	secretRegion string
	database     string // may contain a password
	listen       string
}

// reach says which hosts get the cookies, for the log. If the distribution does not get them,
// all its answers are 403.
func (s settings) reach() string {
	if s.cookieDomain == "" {
		return "for the host of this program, which must be the host of the distribution"
	}
	return "for " + s.cookieDomain + " and below"
}

// anySetting reports whether a setting of the real services is set.
func anySetting(getenv func(string) string) bool {
	for _, name := range []string{envRegion, envUserPoolID, envAppClientID, envDomain, envSecretRegion, envIssuer} {
		if getenv(name) != "" {
			return true
		}
	}
	return false
}

// A parser reads settings and collects all mistakes, so you need not start the program once
// for each of them.
type parser struct {
	getenv func(string) string
	wrong  []error
}

// parseSettings returns the settings. If listen is not empty, it replaces the setting of the
// environment.
func parseSettings(getenv func(string) string, listen string) (settings, error) {
	p := &parser{getenv: getenv}
	s := settings{
		appClientID:  p.appClientID(),
		cdn:          p.cdn(),
		appOrigin:    p.appOrigin(),
		lifetime:     p.lifetime(),
		secretRegion: p.secretRegion(),
		issuer:       p.issuer(),
		database:     p.optional(envDatabase, defaultDatabase),
	}
	s.cookieDomain = p.cookieDomain(s.cdn)
	s.listen = p.listen(listen)
	if len(p.wrong) > 0 {
		return settings{}, fmt.Errorf("invalid settings; the README of examples/cognito lists all of them:\n%w", errors.Join(p.wrong...))
	}
	return s, nil
}

// refuse keeps a mistake.
func (p *parser) refuse(name, format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Errorf("  %s %s", name, fmt.Sprintf(format, args...)))
}

// required returns a setting that must be set.
func (p *parser) required(name, example string) string {
	value := p.getenv(name)
	if value == "" {
		p.refuse(name, "is not set: write something like %s", example)
	}
	return value
}

func (p *parser) optional(name, otherwise string) string {
	if value := p.getenv(name); value != "" {
		return value
	}
	return otherwise
}

var (
	regionForm = regexp.MustCompile(`\A[a-z]{2}(-[a-z]+)+-[0-9]\z`)
	poolForm   = regexp.MustCompile(`\A[a-z0-9-]+_[0-9A-Za-z]{1,32}\z`)
	clientForm = regexp.MustCompile(`\A[A-Za-z0-9_+]{1,128}\z`) // as in Cognito's API
)

func (p *parser) appClientID() string {
	id := p.required(envAppClientID, "1h57kf5cpq17m0eml12EXAMPLE")
	if id != "" && !clientForm.MatchString(id) {
		p.refuse(envAppClientID, "is %q: write the ID of one app client, and nothing else", id)
	}
	return id
}

// issuer returns the issuer of the tokens.
func (p *parser) issuer() string {
	if issuer := p.getenv(envIssuer); issuer != "" {
		if !isIssuer(issuer) {
			p.refuse(envIssuer, "must be an https:// URL without a slash at the end (or http:// on this machine): leave it out for Cognito itself")
		}
		return issuer
	}
	region, pool := p.required(envRegion, "eu-central-1"), p.required(envUserPoolID, "eu-central-1_EXAMPLE")
	if region == "" || pool == "" || !p.isRegion(envRegion, region) {
		return ""
	}
	if !strings.HasPrefix(pool, region+"_") || !poolForm.MatchString(pool) {
		p.refuse(envUserPoolID, "is %q: write the ID of a user pool in %s, such as %s_EXAMPLE", pool, region, region)
	}
	return cognitoIssuer(region, pool)
}

// cognitoIssuer returns the issuer of a user pool. A pool with the issuer configuration
// UPDATED has another one: set TOKEN_ISSUER to it.
//
// Source: "IssuerConfigurationType" in the Amazon Cognito User Pools API Reference
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html).
func cognitoIssuer(region, pool string) string {
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return "https://cognito-idp." + region + "." + domain + "/" + pool
}

// isIssuer reports whether issuer is a URL over which keys can be fetched safely.
func isIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.String() != issuer || strings.ContainsAny(issuer, "?#") || strings.HasSuffix(issuer, "/") {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// isLoopback reports whether the host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func (p *parser) isRegion(name, region string) bool {
	ok := regionForm.MatchString(region)
	if !ok {
		p.refuse(name, "is %q: write the name of a region such as eu-central-1", region)
	}
	return ok
}

func (p *parser) secretRegion() string {
	if region := p.getenv(envSecretRegion); region != "" {
		p.isRegion(envSecretRegion, region)
		return region
	}
	if p.getenv(envIssuer) != "" { // Otherwise REGION is required.
		region := p.getenv(envRegion)
		if region == "" || !regionForm.MatchString(region) {
			p.refuse(envSecretRegion, "is not set, and neither is %s: write the region of the secrets, such as us-east-1", envRegion)
		}
		return region
	}
	return p.getenv(envRegion)
}

// cdn returns the URL of the distribution.
func (p *parser) cdn() string {
	host := p.required(envDomain, "cdn.example.com")
	if host == "" {
		return ""
	}
	base := "https://" + host + "/"
	if _, err := policy.Directory(base); err != nil || strings.ContainsAny(host, "/*?") {
		p.refuse(envDomain, "is %q: write only the host of the distribution, in lower case, such as cdn.example.com", host)
		return ""
	}
	return base
}

// cookieDomain returns a domain that covers the distribution.
func (p *parser) cookieDomain(cdn string) string {
	domain := p.getenv(envCookieDomain)
	if domain == "" {
		return ""
	}
	if _, err := sign.ClearCookies(sign.CookieAttributes{Domain: domain}); err != nil {
		p.refuse(envCookieDomain, "is invalid: %v", err)
		return ""
	}
	if u, err := url.Parse(cdn); cdn != "" && (err != nil || !strings.HasSuffix("."+u.Hostname(), "."+domain)) {
		p.refuse(envCookieDomain, "is %q, which does not cover %s: write the domain that the application and the distribution share, such as example.com", domain, envDomain)
	}
	return domain
}

func (p *parser) appOrigin() string {
	origin := p.getenv(envAppOrigin)
	if origin == "" {
		return ""
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) || u.Host == "" || origin != u.Scheme+"://"+strings.ToLower(u.Host) {
		p.refuse(envAppOrigin, "must be one origin as browsers send it, such as https://app.example.com: https, in lower case, without a path or a slash at the end")
	}
	return origin
}

// lifetime returns how long signatures are valid, and so how long an ended share works.
func (p *parser) lifetime() time.Duration {
	text := p.getenv(envLifetime)
	if text == "" {
		return defaultLifetime
	}
	const shortest, longest = 10 * time.Second, 24 * time.Hour
	d, err := time.ParseDuration(text)
	if err != nil || d < shortest || d > longest || d%time.Second != 0 {
		p.refuse(envLifetime, "is %q: write whole seconds between %v and %v, such as 10m", text, shortest, longest)
	}
	return d
}

func (p *parser) listen(flag string) string {
	address, name := flag, "-listen"
	if address == "" {
		address, name = p.optional(envListen, defaultListen), envListen
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		p.refuse(name, "is %q: write an address and a port, such as %s, or :8080 for all addresses", address, defaultListen)
	}
	return address
}
