// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cfsign/cfsign/examples/cognito/internal/token"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// The names of the settings. The first five are those of the article.
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

// Settings are what the environment says.
type settings struct {
	issuer       string // of the tokens
	appClientID  string
	cdn          string // the URL of the distribution, with a slash at the end
	cookieDomain string // empty: the cookies are for the host that sets them
	appOrigin    string // empty: no other origin than that of the request
	lifetime     time.Duration
	secretRegion string
	database     string // may have a password
	listen       string
}

// reach says where the cookies go, for the log: where that is not the distribution, all its answers
// are 403.
func (s settings) reach() string {
	if s.cookieDomain == "" {
		return "for the host of this program alone, which has to be that of the distribution"
	}
	return "for " + s.cookieDomain + " and below"
}

// anySetting reports whether a setting that the real services need is there.
func anySetting(getenv func(string) string) bool {
	for _, name := range []string{envRegion, envUserPoolID, envAppClientID, envDomain, envSecretRegion, envIssuer} {
		if getenv(name) != "" {
			return true
		}
	}
	return false
}

// A parser reads settings and keeps what is wrong with all of them, so that nobody has to
// start the program once for each mistake.
type parser struct {
	getenv func(string) string
	wrong  []error
}

// parseSettings returns the settings. A listen that is not empty counts rather than that of
// the environment.
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
		return settings{}, fmt.Errorf("unusable settings; the README of examples/cognito lists all of them:\n%w", errors.Join(p.wrong...))
	}
	return s, nil
}

// refuse keeps a mistake.
func (p *parser) refuse(name, format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Errorf("  %s %s", name, fmt.Sprintf(format, args...)))
}

// required returns a setting that has to be there.
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

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

func (p *parser) appClientID() string {
	id := p.required(envAppClientID, "1h57kf5cpq17m0eml12EXAMPLE")
	if id != "" && !isFor(token.Options{Issuer: "https://issuer.example", AppClientID: id}) {
		p.refuse(envAppClientID, "is %q: write the ID of one app client, without anything around it", id)
	}
	return id
}

// isFor reports whether a verifier can be made.
func isFor(o token.Options) bool {
	_, err := token.New(context.Background(), o) // which asks nobody
	return err == nil
}

// issuer returns the one that is named, or that of the user pool.
func (p *parser) issuer() string {
	if issuer := p.getenv(envIssuer); issuer != "" {
		if !isFor(token.Options{Issuer: issuer, AppClientID: "any"}) {
			p.refuse(envIssuer, "has to be an https:// URL without a slash at the end (or http:// on this machine); leave it out for Cognito itself")
		}
		return issuer
	}
	region, pool := p.required(envRegion, "eu-central-1"), p.required(envUserPoolID, "eu-central-1_EXAMPLE")
	if region == "" || pool == "" || !p.isRegion(envRegion, region) {
		return ""
	}
	issuer, err := token.CognitoIssuer(region, pool)
	if err != nil {
		p.refuse(envUserPoolID, "is %q: %v", pool, err)
	}
	return issuer
}

// isLoopback reports whether nothing that is sent to the host leaves this machine.
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
	if p.getenv(envIssuer) != "" { // without which REGION is required anyway
		region := p.getenv(envRegion)
		if region == "" || !regionForm.MatchString(region) {
			p.refuse(envSecretRegion, "is not set, nor is %s to take its place: write the region of the secrets, such as us-east-1", envRegion)
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
		p.refuse(envDomain, "is %q: write the host of the distribution alone, in lower case, such as cdn.example.com", host)
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
		p.refuse(envCookieDomain, "is unusable: %v", err)
		return ""
	}
	if u, err := url.Parse(cdn); cdn != "" && (err != nil || !strings.HasSuffix("."+u.Hostname(), "."+domain)) {
		p.refuse(envCookieDomain, "is %q, which does not cover %s: write the domain that the application and the distribution have in common, such as example.com", domain, envDomain)
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
		p.refuse(envAppOrigin, "has to be one origin as browsers send it, such as https://app.example.com: https, in lower case, without a path or a slash at the end")
	}
	return origin
}

// lifetime returns a time for which people want to wait after they have ended a share.
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
