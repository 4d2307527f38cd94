// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"sync"
	"time"
)

// ParametersGet is the target of the operation that [Parameters] has.
const ParametersGet = "AmazonSSM.GetParameter"

// Types of parameters.
const (
	TypeString       = "String"
	TypeSecureString = "SecureString"
)

// Parameters is as much of SSM Parameter Store as reading needs: parameters with
// versions, their labels, and one operation. It is safe for concurrent use.
type Parameters struct {
	mu         sync.Mutex
	parameters map[string]*parameter // by name
	alter      func(*Parameter)
}

// A parameter has versions, of which the first has the number 1.
type parameter struct {
	kind     string
	versions []Parameter
	labels   map[string]int // to the number of a version
}

// A Parameter is a version as GetParameter answers it.
type Parameter struct {
	ARN, Name, Type, Value string
	Version                int
	DataType               string
	LastModifiedDate       float64
	Selector               string `json:",omitempty"`
}

// NewParameters returns a Parameter Store without parameters, whose operation it adds to
// s.
func NewParameters(s *Server) *Parameters {
	p := &Parameters{parameters: map[string]*parameter{}}
	s.Handle(ParametersGet, p.get)
	return p
}

// Put gives a SecureString a new version and returns its number.
func (p *Parameters) Put(name, value string) (version int) {
	return p.PutAs(TypeSecureString, name, value)
}

// PutAs is Put for a parameter of another type. The type of a parameter that is there
// changes with it.
func (p *Parameters) PutAs(kind, name, value string) (version int) {
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
		LastModifiedDate: float64(time.Now().UnixMilli()) / 1000,
	})
	return version
}

// Label lets a label stand for a version, also if it stood for another one before.
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

// Alter has every answer go through f. Nil: none does.
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
	return parameterScope + name
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
	name, selector, err := splitParameter(request.Name)
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

// encrypted stands for what KMS makes of a value: something that is not the value.
func encrypted(value string) string {
	digest := sha256.Sum256([]byte(value))
	return base64.StdEncoding.EncodeToString(append([]byte("\x01\x02\x02\x00x"), digest[:]...))
}
