// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ParametersGet is the target of the operation of [Parameters].
const ParametersGet = "AmazonSSM.GetParameter"

// Types of parameters.
const (
	TypeString       = "String"
	TypeSecureString = "SecureString"
)

// Parameters is the part of SSM Parameter Store that reading needs: parameters with
// versions, their labels, and one operation. It is safe for concurrent use.
type Parameters struct {
	server *Server
	scope  string // the beginning of all ARNs

	mu         sync.Mutex
	parameters map[string]*parameter // by name
	alter      func(*Parameter)
}

// A parameter has versions. The first one has the number 1.
type parameter struct {
	kind     string
	versions []Parameter
	labels   map[string]int // to the number of a version
}

// A Parameter is a version in an answer of GetParameter.
type Parameter struct {
	ARN, Name, Type, Value string
	Version                int
	DataType               string
	LastModifiedDate       float64
	Selector               string `json:",omitempty"`
}

// NewParameters returns the Parameter Store of us-east-1 without parameters, and adds its operation to s.
func NewParameters(s *Server) *Parameters { return NewParametersIn(s, "us-east-1") }

// NewParametersIn is NewParameters for another Region.
func NewParametersIn(s *Server, region string) *Parameters {
	p := &Parameters{server: s, scope: "arn:aws:ssm:" + region + ":111122223333:parameter", parameters: map[string]*parameter{}}
	s.Handle(ParametersGet, p.get)
	return p
}

// Put adds a version to a SecureString and returns its number. It panics for a name that
// Parameter Store refuses.
func (p *Parameters) Put(name, value string) (version int) {
	return p.PutAs(TypeSecureString, name, value)
}

// PutAs is Put for another type. It changes the type of an existing parameter.
func (p *Parameters) PutAs(kind, name, value string) (version int) {
	if hint := p.checkName(name); hint != "" {
		panic(fmt.Sprintf("local AWS: the name of a parameter is %q: %s", name, hint))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.parameters[name]
	if !ok {
		found = &parameter{labels: map[string]int{}}
		p.parameters[name] = found
	}
	found.kind = kind
	version = len(found.versions) + 1
	found.versions = append(found.versions, Parameter{
		ARN: p.ARN(name), Name: name, Value: value, Version: version, DataType: "text",
		LastModifiedDate: p.server.seconds(),
	})
	return version
}

// Label points a label to a version.
func (p *Parameters) Label(name, label string, version int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parameters[name].labels[label] = version
}

// Delete removes a parameter with its versions.
func (p *Parameters) Delete(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.parameters, name)
}

// Alter makes f change every answer. Nil: no changes.
func (p *Parameters) Alter(f func(*Parameter)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alter = f
}

// ARN returns the ARN of a parameter.
func (p *Parameters) ARN(name string) string {
	if name[0] != '/' {
		name = "/" + name
	}
	return p.scope + name
}

// get is GetParameter.
func (p *Parameters) get(body []byte) (any, error) {
	var request struct {
		Name           string
		WithDecryption bool
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &Error{Type: "SerializationException", Message: "the body is not the JSON of a request"}
	}
	name, selector, err := p.split(request.Name)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.find(name)
	if found == nil {
		return nil, &Error{Type: "ParameterNotFound"} // the service has no message for it
	}
	version, err := found.version(selector)
	if err != nil {
		return nil, err
	}
	answer := found.versions[version-1]
	answer.Type = found.kind
	if selector != "" {
		answer.Selector = ":" + selector
	}
	if found.kind == TypeSecureString && !request.WithDecryption {
		answer.Value = encrypted(answer.Value)
	}
	if p.alter != nil {
		p.alter(&answer)
	}
	return map[string]any{"Parameter": answer}, nil
}

// encrypted stands in for an encrypted value.
func encrypted(value string) string {
	digest := sha256.Sum256([]byte(value))
	return base64.StdEncoding.EncodeToString(append([]byte("\x01\x02\x02\x00x"), digest[:]...))
}

// longestParameter is the longest name with its ARN.
const longestParameter = 2048

var (
	parameterName  = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
	parameterLabel = regexp.MustCompile(`^[A-Za-z_.-][A-Za-z0-9_.-]{0,99}$`)
	parameterARN   = regexp.MustCompile(`^arn:[^:]+:ssm:[^:]*:[^:]*:parameter`)
)

// checkName returns what is wrong with the name of a new parameter and what to write, or "".
//
// Source: "PutParameter",
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func (p *Parameters) checkName(name string) string {
	const longest, mostLevels = 1011, 15
	local := strings.TrimPrefix(name, "/")
	levels := strings.Split(local, "/")
	switch lower := strings.ToLower(local); {
	case !parameterName.MatchString(name):
		return "write letters, digits and -_./"
	case strings.HasPrefix(lower, "aws"), strings.HasPrefix(lower, "ssm"):
		return "AWS reserves names that begin with aws or ssm: write another beginning"
	case len(levels) > 1 && local == name:
		return fmt.Sprintf("a name with levels begins with a slash: write %q", "/"+name)
	case slices.Contains(levels, ""):
		return "it has an empty level: write one slash before each level, and none at the end"
	case len(levels) > mostLevels:
		return fmt.Sprintf("it has %d levels: write up to %d", len(levels), mostLevels)
	case len(p.ARN(name)) > longest:
		return fmt.Sprintf("its ARN has %d characters: write a name with up to %d in its ARN", len(p.ARN(name)), longest)
	}
	return ""
}

// split returns the name or ARN in a request, and the version or label behind it. AWS does not
// document its error for the ARN of another Region or account: here no parameter is found.
//
// Source: "GetParameter",
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
func (p *Parameters) split(text string) (name, selector string, err error) {
	text = strings.Trim(text, " ") // as the service does
	if text == "" || len(text) > longestParameter {
		return "", "", invalid("1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length between 1 and 2048")
	}
	local := strings.TrimPrefix(text, p.scope)
	scope := text[:len(text)-len(local)]
	if scope == "" && parameterARN.MatchString(text) {
		return "", "", &Error{Type: "ParameterNotFound"}
	}
	name, selector, _ = strings.Cut(local, ":")
	if !parameterName.MatchString(name) {
		return "", "", invalid("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
	}
	if selector != "" && !isNumber(selector) && !parameterLabel.MatchString(selector) {
		return "", "", invalid("the label of the parameter is invalid")
	}
	return scope + name, selector, nil
}

// find returns the parameter with a name or an ARN, or nil. In ARNs, names without a path
// have a slash in front. The caller must hold the lock.
func (p *Parameters) find(name string) *parameter {
	local, isARN := strings.CutPrefix(name, p.scope)
	if found, ok := p.parameters[local]; ok || !isARN {
		return found
	}
	return p.parameters[strings.TrimPrefix(local, "/")]
}

// version returns the number of the version of a selector. The empty selector means the
// newest version.
func (p *parameter) version(selector string) (int, error) {
	if selector == "" {
		return len(p.versions), nil
	}
	if !isNumber(selector) {
		version, ok := p.labels[selector]
		if !ok {
			return 0, &Error{Type: "ParameterVersionNotFound", Message: fmt.Sprintf("Systems Manager could not find label %s. Verify the label and try again.", selector)}
		}
		return version, nil
	}
	version, err := strconv.Atoi(selector)
	if err != nil || version < 1 || version > len(p.versions) {
		return 0, &Error{Type: "ParameterVersionNotFound", Message: fmt.Sprintf("Systems Manager could not find version %s. Verify the version and try again.", selector)}
	}
	return version, nil
}

// isNumber reports whether a selector is a version: labels do not begin with a digit.
func isNumber(selector string) bool { return selector[0] >= '0' && selector[0] <= '9' }
