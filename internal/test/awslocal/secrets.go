// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// SecretsGetValue is the target of the operation of [Secrets] that reads a secret.
const SecretsGetValue = "secretsmanager.GetSecretValue"

// The staging labels that Secrets Manager moves itself.
const (
	StageCurrent  = "AWSCURRENT"
	StagePrevious = "AWSPREVIOUS"
	StagePending  = "AWSPENDING"
)

// Secrets is the part of Secrets Manager that reading and rotating need: secrets with
// versions and their staging labels. It is safe for concurrent use.
type Secrets struct {
	server *Server
	scope  string // the beginning of all ARNs

	mu           sync.Mutex
	secrets      map[string]*secret // by name
	made         int                // versions, for their IDs
	alter        func(*SecretValue)
	keepsPending bool
}

// A secret has versions, and labels that each point to one version.
type secret struct {
	name     string
	versions map[string]SecretValue // by version ID
	stages   map[string]string      // staging label to version ID
	deleted  bool
	rotation *bool // whether it is turned on; nil: it never was
}

// A SecretValue is an answer of GetSecretValue. One of SecretString and SecretBinary is
// not nil.
type SecretValue struct {
	ARN, Name     string
	VersionID     string   `json:"VersionId"`
	SecretString  *string  `json:",omitempty"`
	SecretBinary  []byte   `json:",omitempty"`
	VersionStages []string `json:",omitempty"`
	CreatedDate   float64
}

// NewSecrets returns the Secrets Manager of us-east-1 without secrets, and adds its operations to s.
func NewSecrets(s *Server) *Secrets { return NewSecretsIn(s, "us-east-1") }

// NewSecretsIn is NewSecrets for another Region.
func NewSecretsIn(s *Server, region string) *Secrets {
	m := &Secrets{server: s, scope: "arn:aws:secretsmanager:" + region + ":111122223333:secret:", secrets: map[string]*secret{}}
	s.Handle(SecretsGetValue, m.getValue)
	s.Handle(SecretsPutValue, m.putValue)
	s.Handle(SecretsUpdateStage, m.updateStage)
	s.Handle(SecretsDescribe, m.describe)
	return m
}

// Create adds a secret without a value, as aws secretsmanager create-secret does without
// --secret-string.
func (m *Secrets) Create(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name] = newSecret(name)
}

// newSecret returns a secret without versions. It panics for a name that Secrets Manager refuses.
func newSecret(name string) *secret {
	switch {
	case !secretName.MatchString(name):
		panic(fmt.Sprintf("local AWS: the name of a secret is %q: write letters, digits and -/_+=.@!", name))
	case len(name) > longestSecretName:
		panic(fmt.Sprintf("local AWS: the name of a secret has %d characters: write up to %d", len(name), longestSecretName))
	}
	return &secret{name: name, versions: map[string]SecretValue{}, stages: map[string]string{}}
}

// Put adds a string version to a secret, makes it AWSCURRENT, and returns its ID. As in a
// rotation, the version that was current becomes AWSPREVIOUS.
func (m *Secrets) Put(name, value string) (versionID string) {
	return m.add(name, StageCurrent, SecretValue{SecretString: &value})
}

// PutBinary is Put for bytes.
func (m *Secrets) PutBinary(name string, value []byte) (versionID string) {
	return m.add(name, StageCurrent, SecretValue{SecretBinary: value})
}

// PutPending adds a version to a secret and makes it AWSPENDING.
func (m *Secrets) PutPending(name, value string) (versionID string) {
	return m.add(name, StagePending, SecretValue{SecretString: &value})
}

// MoveCurrent makes a version AWSCURRENT, and the current one AWSPREVIOUS. This finishes a
// rotation, or undoes one.
func (m *Secrets) MoveCurrent(name, versionID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.named(name)
	if _, ok := s.versions[versionID]; !ok {
		panic(fmt.Sprintf("local AWS: the secret %q has no version %q", name, versionID))
	}
	m.move(s, StageCurrent, versionID)
}

// named returns the secret with a name. The caller must hold the lock.
func (m *Secrets) named(name string) *secret {
	s, ok := m.secrets[name]
	if !ok {
		panic(fmt.Sprintf("local AWS: there is no secret %q", name))
	}
	return s
}

// KeepPending says whether AWSPENDING stays on a version that becomes AWSCURRENT. It does not by
// default. Secrets Manager documents both.
//
// Source: "RotateSecret",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (m *Secrets) KeepPending(keep bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keepsPending = keep
}

// Unlabel removes a staging label.
func (m *Secrets) Unlabel(name, stage string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.named(name).stages, stage)
}

// Delete marks a secret for deletion. [Secrets.Restore] undoes it.
func (m *Secrets) Delete(name string) { m.mark(name, true) }

// Restore undoes Delete.
func (m *Secrets) Restore(name string) { m.mark(name, false) }

// Alter makes f change every answer. Nil: no changes.
func (m *Secrets) Alter(f func(*SecretValue)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alter = f
}

// ARN returns the ARN of a secret.
func (m *Secrets) ARN(name string) string { return m.scope + name + secretSuffix }

func (m *Secrets) mark(name string, deleted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.named(name).deleted = deleted
}

func (m *Secrets) add(name, stage string, v SecretValue) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.secrets[name]
	if !ok {
		s = newSecret(name)
		m.secrets[name] = s
	}
	m.made++
	v.ARN, v.Name, v.VersionID = m.ARN(name), name, fmt.Sprintf("2fd4e1c6-7a2d-28fc-ed84-%012d", m.made)
	v.CreatedDate = m.server.seconds()
	s.versions[v.VersionID] = v
	m.move(s, stage, v.VersionID)
	return v.VersionID
}

// move moves a label to a version. AWSPREVIOUS follows AWSCURRENT.
func (m *Secrets) move(s *secret, stage, versionID string) {
	if old, ok := s.stages[StageCurrent]; ok && stage == StageCurrent && old != versionID {
		s.stages[StagePrevious] = old
		if s.stages[StagePending] == versionID && !m.keepsPending {
			delete(s.stages, StagePending)
		}
	}
	s.stages[stage] = versionID
}

// labels returns the staging labels of a version.
func (s *secret) labels(versionID string) []string {
	var labels []string
	for _, stage := range slices.Sorted(maps.Keys(s.stages)) {
		if s.stages[stage] == versionID {
			labels = append(labels, stage)
		}
	}
	return labels
}
