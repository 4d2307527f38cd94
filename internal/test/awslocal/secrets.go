// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// SecretsGetValue is the target of the operation that [Secrets] has.
const SecretsGetValue = "secretsmanager.GetSecretValue"

// The staging labels that Secrets Manager moves itself.
const (
	StageCurrent  = "AWSCURRENT"
	StagePrevious = "AWSPREVIOUS"
	StagePending  = "AWSPENDING"
)

// Secrets is as much of Secrets Manager as reading needs: secrets with versions, their
// staging labels, and one operation. It is safe for concurrent use.
type Secrets struct {
	mu      sync.Mutex
	secrets map[string]*secret // by name
	made    int                // versions, for their IDs
	alter   func(*SecretValue)
}

// A secret has versions, and labels that stand for one version each.
type secret struct {
	versions map[string]SecretValue // by version ID
	stages   map[string]string      // staging label to version ID
	deleted  bool
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

// NewSecrets returns a Secrets Manager without secrets, whose operation it adds to s.
func NewSecrets(s *Server) *Secrets {
	m := &Secrets{secrets: map[string]*secret{}}
	s.Handle(SecretsGetValue, m.getValue)
	return m
}

// Put gives a secret a new version that is a string, which becomes AWSCURRENT. It returns
// the ID of the version. As in a rotation, the version that was current becomes
// AWSPREVIOUS.
func (m *Secrets) Put(name, value string) (versionID string) {
	return m.add(name, StageCurrent, SecretValue{SecretString: &value})
}

// PutBinary is Put for bytes.
func (m *Secrets) PutBinary(name string, value []byte) (versionID string) {
	return m.add(name, StageCurrent, SecretValue{SecretBinary: value})
}

// PutPending gives a secret a new version that is AWSPENDING.
func (m *Secrets) PutPending(name, value string) (versionID string) {
	return m.add(name, StagePending, SecretValue{SecretString: &value})
}

// MoveCurrent makes a version AWSCURRENT, and the one that was it AWSPREVIOUS: the end of
// a rotation, or the way back from one.
func (m *Secrets) MoveCurrent(name, versionID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name].move(StageCurrent, versionID)
}

// Unlabel takes a staging label away from whatever version has it.
func (m *Secrets) Unlabel(name, stage string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.secrets[name].stages, stage)
}

// Delete marks a secret for deletion; Restore takes it back.
func (m *Secrets) Delete(name string) { m.mark(name, true) }

// Restore takes back what Delete did.
func (m *Secrets) Restore(name string) { m.mark(name, false) }

// Alter has every answer go through f. Nil: none does.
func (m *Secrets) Alter(f func(*SecretValue)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alter = f
}

// ARN returns the ARN of a secret.
func (m *Secrets) ARN(name string) string { return secretScope + name + secretSuffix }

func (m *Secrets) mark(name string, deleted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[name].deleted = deleted
}

func (m *Secrets) add(name, stage string, v SecretValue) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.secrets[name]
	if !ok {
		s = &secret{versions: map[string]SecretValue{}, stages: map[string]string{}}
		m.secrets[name] = s
	}
	m.made++
	v.ARN, v.Name, v.VersionID = m.ARN(name), name, fmt.Sprintf("2fd4e1c6-7a2d-28fc-ed84-%012d", m.made)
	v.CreatedDate = float64(time.Now().UnixMilli()) / 1000
	s.versions[v.VersionID] = v
	s.move(stage, v.VersionID)
	return v.VersionID
}

// move gives a label to a version. Where AWSCURRENT was, AWSPREVIOUS goes.
func (s *secret) move(stage, versionID string) {
	if old, ok := s.stages[StageCurrent]; ok && stage == StageCurrent && old != versionID {
		s.stages[StagePrevious] = old
		if s.stages[StagePending] == versionID {
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

// getValue is GetSecretValue.
func (m *Secrets) getValue(body []byte) (any, error) {
	var request secretRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &Error{Type: "SerializationException", Message: "the body is not the JSON of a request"}
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.find(request.SecretID)
	if s == nil {
		return nil, secretNotFound("Secrets Manager can't find the specified secret.")
	}
	if s.deleted {
		return nil, &Error{Type: "InvalidRequestException", Message: "You can't perform this operation on the secret because it was marked for deletion."}
	}
	id, err := request.version(s)
	if err != nil {
		return nil, err
	}
	value := s.versions[id]
	value.VersionStages = s.labels(id)
	if m.alter != nil {
		m.alter(&value)
	}
	return value, nil
}
