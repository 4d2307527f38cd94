// SPDX-License-Identifier: Apache-2.0

package fromconfig

import (
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrDocument means that the documents describe no distribution, or that one of them is invalid.
// Every error of [Read] wraps it and names the place.
var ErrDocument = errors.New("fromconfig: invalid document")

// Options configure [Read]. The zero value is ready to use if the documents describe one
// distribution and need no parameters.
type Options struct {
	// Distribution selects a distribution by its logical ID, Terraform address, ID or alias.
	// Empty: the only distribution.
	Distribution string
	// Parameters are the parameters of a CloudFormation template, such as Stage, and its pseudo
	// parameters, such as AWS::Region. They replace the defaults. A parameter that no
	// template has is an error. Nil: the defaults.
	Parameters map[string]string
	// PublicKeys are public keys by key pair ID. If a key of the documents is the same key, it
	// gets this ID. If the documents have only the ID of a key, it is the key with this ID.
	// Nil: keys come from the documents only.
	PublicKeys map[string]crypto.PublicKey
	// Names are what errors, notes and findings call the documents and the options. The zero value
	// names the documents by their numbers, and the fields of Options.
	Names Names
}

// A Distribution is what a configuration says about one distribution, in whatever format it is.
// [Read] creates it. The zero Distribution is invalid. You must not change it while other goroutines
// use it.
type Distribution struct {
	// Name is the logical ID, the Terraform address or the ID.
	Name string
	// Aliases are the alternate domain names. A name that is known only after deployment is not
	// there, but in Unsupported.
	Aliases []string
	// Origins are the origins in their order. You must map each to a handler in Config, except
	// for those without behaviors.
	Origins []Origin
	// Unsupported is what the local distribution does not do as CloudFront does it.
	Unsupported []Unsupported

	model model
}

// An Origin is an origin of the configuration.
type Origin struct {
	// ID is the name of the origin in the configuration. Behaviors refer to it.
	ID string
	// Domain is the domain name. If it is known only after deployment, it contains the name of
	// the resource, as in files.s3.amazonaws.com or api.invalid.
	Domain string
	// Path is what comes before the path of each request, such as /production, or "".
	Path string
	// Bucket reports whether the origin is an S3 bucket and not a server.
	Bucket bool
	// Used reports whether a behavior or an origin group needs the origin.
	Used bool
}

// An Unsupported is a setting that the local distribution does not have, or a value that is not known.
type Unsupported struct {
	// Where is the place, such as CacheBehaviors[1].FunctionAssociations.
	Where string
	// Feature is the name of the feature.
	Feature string
	// Effect says what is different locally, in one sentence.
	Effect string
}

// String returns the three fields in one line.
func (u Unsupported) String() string { return u.Where + ": " + u.Feature + ": " + u.Effect }

// Read returns the distribution that the documents describe. You can mix them:
//
//   - a CloudFormation or SAM template in JSON or YAML, such as the output of cdk synth;
//   - the output of terraform show -json, for a plan or a state;
//   - the output of aws cloudfront get-distribution or get-distribution-config, and of
//     get-key-group, get-public-key, get-cache-policy, get-origin-request-policy and
//     get-response-headers-policy, with or without -config.
//
// Read recognizes a document by its content. If a document is invalid, or if not exactly one
// distribution is selected, the error wraps [ErrDocument].
func Read(o Options, documents ...[]byte) (*Distribution, error) {
	g := &graph{log: &problems{names: o.Names}}
	for i, document := range documents {
		tree, notes, err := parse(document)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrDocument, o.Names.document(i), err)
		}
		for _, note := range notes {
			g.unsupported(o.Names.document(i)+", "+note, "name that is there twice", "the last one counts")
		}
		if err := g.read(tree, o); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrDocument, o.Names.document(i), err)
		}
	}
	if err := g.checkParameters(o.Parameters); err != nil {
		return nil, err
	}
	if err := g.log.err(); err != nil {
		return nil, err
	}
	r, err := g.selected(o.Distribution)
	if err != nil {
		return nil, err
	}
	d := g.distribution(r, o)
	return d, g.log.err()
}

// read adds the resources of a document to g.
func (g *graph) read(tree any, o Options) error {
	object, ok := tree.(map[string]any)
	if !ok {
		return fmt.Errorf("it is %s: pass a template, the output of terraform show -json or of aws cloudfront get-distribution", describe(tree))
	}
	if recorded, ok := object["data"].(map[string]any); ok && object["status_code"] != nil {
		object = recorded // an answer of the API, as programs record it for their tests
	}
	if template, ok := isTemplate(object); ok {
		readTemplate(g, template, o.Parameters)
		return nil
	}
	if isTerraform(object) {
		readTerraform(g, object)
		return nil
	}
	switch {
	case readAPI(g, object):
		return nil
	case object["terraform_version"] != nil:
		return errors.New("it is a state file of Terraform: pass the output of terraform show -json")
	case object["DistributionList"] != nil:
		return errors.New("it is a list of distributions: pass the output of aws cloudfront get-distribution")
	}
	return errors.New("its format is not known: pass a template, the output of terraform show -json or of aws cloudfront get-distribution")
}

// checkParameters refuses a parameter that no template has: its name is probably mistyped.
func (g *graph) checkParameters(given map[string]string) error {
	known := "there are none"
	if len(g.parameters) > 0 {
		known = "there are " + strings.Join(g.parameters, ", ")
	}
	for _, name := range sorted(given) {
		if !slices.Contains(g.parameters, name) && !strings.HasPrefix(name, "AWS::") {
			return fmt.Errorf("%w: no document has the parameter %.100q, and %s: correct its name, or remove it from %s", ErrDocument, name, known, g.log.names.parameters())
		}
	}
	return nil
}

// selected returns the distribution that a name selects, or the only one.
func (g *graph) selected(name string) (resource, error) {
	var found []resource
	var names []string
	for _, r := range g.all(distributionKind) {
		aliases := r.properties.at("Aliases").texts()
		if name == "" || name == r.name || name == r.id || slices.Contains(aliases, name) {
			found = append(found, r)
		}
		names = append(names, r.label())
	}
	switch {
	case len(names) == 0:
		return resource{}, fmt.Errorf("%w: the documents have no distribution: pass one", ErrDocument)
	case len(found) == 0:
		return resource{}, fmt.Errorf("%w: no distribution is %.100q: set %s to one of %s", ErrDocument, name, g.log.names.distribution(), strings.Join(names, ", "))
	case len(found) > 1:
		return resource{}, fmt.Errorf("%w: there are %d distributions: set %s to one of %s", ErrDocument, len(found), g.log.names.distribution(), strings.Join(names, ", "))
	}
	return found[0], nil
}
