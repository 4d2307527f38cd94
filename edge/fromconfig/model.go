// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"cmp"
	"strings"
	"time"

	"github.com/cfsign/cfsign/edge"
)

// A model is a distribution that was read.
type model struct {
	publicKeys  string // what findings call Options.PublicKeys
	disabled    bool
	ipv6        bool
	rootObject  string
	origins     []origin
	groups      []originGroup
	behaviors   []behavior // the default behavior is the last
	errors      []errorResponse
	certificate certificate
	keyGroups   []keyGroup // of all documents
	buckets     []bucket
	identities  []string // origin access identities of the documents
	unused      []string // key groups that no distribution trusts
}

// A certificate is the part of the viewer certificate that the findings need.
type certificate struct {
	present         bool
	byDefault       bool
	minimumProtocol string
}

// An errorResponse is a custom error response.
type errorResponse struct {
	edge.ErrorResponse
	where string
}

// maxBehaviors bounds the time that the findings need, because they compare all pairs. CloudFront's
// quota is lower.
const maxBehaviors = 500

// distribution reads a distribution.
//
// Source: "DistributionConfig",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
func (g *graph) distribution(r resource, o Options) *Distribution {
	n := node{"", r.properties.value, g.log}
	d := &Distribution{Name: cmp.Or(r.label(), "Distribution")}
	m := &d.model
	m.publicKeys = o.Names.publicKeys()
	g.report(n, distributionSettings)
	m.disabled = !n.at("Enabled").flag(true)
	m.ipv6 = n.at("IPV6Enabled").flag(false) || n.at("IsIPV6Enabled").flag(false)
	m.rootObject = strings.TrimPrefix(n.at("DefaultRootObject").text(), "/")
	d.Aliases = g.readAliases(n)
	m.keyGroups = g.readKeyGroups(o.PublicKeys)
	m.unused = g.unusedGroups()
	m.buckets, m.identities = g.readBuckets(), g.readIdentities()
	m.origins = g.readOrigins(n)
	m.groups = g.readOriginGroups(n.at("OriginGroups"))
	behaviors := n.at("CacheBehaviors").items()
	if len(behaviors) > maxBehaviors {
		g.log.add("CacheBehaviors", "has %d behaviors: write at most %d", len(behaviors), maxBehaviors)
		behaviors = nil
	}
	for _, b := range behaviors {
		m.behaviors = append(m.behaviors, g.readBehavior(b, m))
	}
	if n.at("DefaultCacheBehavior").missing() {
		g.log.add("DefaultCacheBehavior", "is missing: add it")
	}
	m.behaviors = append(m.behaviors, g.readBehavior(n.at("DefaultCacheBehavior"), m))
	m.errors = g.readErrorResponses(n.at("CustomErrorResponses"))
	m.certificate = readCertificate(n.at("ViewerCertificate"))
	m.checkTargets(g)
	d.Origins = m.publicOrigins()
	g.tenants()
	d.Unsupported = g.notes
	return d
}

func (g *graph) readAliases(n node) []string {
	var aliases []string
	for _, item := range append(n.at("Aliases").items(), n.at("CNAMEs").items()...) {
		if name, ok := isDynamic(item.text()); ok {
			g.unsupported(item.where, "alias that depends on "+name, "requests for this name are refused if there are other aliases")
			continue
		}
		if item.text() != "" {
			aliases = append(aliases, strings.ToLower(item.text()))
		}
	}
	return aliases
}

func (g *graph) readErrorResponses(n node) []errorResponse {
	var responses []errorResponse
	for _, item := range n.items() {
		r := edge.ErrorResponse{
			Status:         int(item.at("ErrorCode").number(0)),
			PagePath:       item.at("ResponsePagePath").text(),
			ResponseStatus: int(item.at("ResponseCode").number(0)),
			CachingMinTTL:  seconds(item.at("ErrorCachingMinTTL"), 10),
		}
		if r.CachingMinTTL == 0 {
			r.CachingMinTTL = -time.Second // the zero of package edge is the default of CloudFront
		}
		responses = append(responses, errorResponse{r, item.where})
	}
	return responses
}

func readCertificate(n node) certificate {
	return certificate{
		present:         !n.missing(),
		byDefault:       n.at("CloudFrontDefaultCertificate").flag(false),
		minimumProtocol: n.at("MinimumProtocolVersion").text(),
	}
}

// tenants names the features of CloudFront for many tenants.
func (g *graph) tenants() {
	for _, kind := range []string{"DistributionTenant", "ConnectionGroup", "ContinuousDeploymentPolicy", "VpcOrigin", "AnycastIpList", "KeyValueStore"} {
		for _, r := range g.all("AWS::CloudFront::" + kind) {
			g.unsupported(r.label(), kind, "it is not read")
		}
	}
}
