// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"fmt"
	"regexp"
	"strings"
)

// getValue is GetSecretValue.
func (m *Secrets) getValue(body []byte) (any, error) {
	var request secretRequest
	s, unlock, err := m.open(body, &request)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := s.available(); err != nil {
		return nil, err
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

// secretSuffix is the end of ARNs: six characters that the service adds to the name.
const secretSuffix = "-a1B2c3"

// Lengths in the API reference.
const (
	longestSecretID   = 2048
	longestSecretName = 512
	shortestVersion   = 32
	longestVersion    = 64
	longestStageName  = 256
)

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]+$`)

// A secretRequest is the body of a GetSecretValue.
type secretRequest struct {
	SecretID     string `json:"SecretId"`
	VersionID    string `json:"VersionId"`
	VersionStage string
}

// check refuses an invalid request.
//
// Source: "GetSecretValue",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func (r *secretRequest) check() error {
	switch {
	case r.SecretID == "":
		return invalid("1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must not be null")
	case len(r.SecretID) > longestSecretID:
		return invalid("1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must have length less than or equal to 2048")
	case !strings.HasPrefix(r.SecretID, "arn:") && !secretName.MatchString(r.SecretID):
		return invalid("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	case r.VersionID != "" && (len(r.VersionID) < shortestVersion || len(r.VersionID) > longestVersion):
		return invalid("1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must have length between 32 and 64")
	case len(r.VersionStage) > longestStageName:
		return invalid("1 validation error detected: Value at 'versionStage' failed to satisfy constraint: Member must have length less than or equal to 256")
	}
	return nil
}

// find returns the secret with a name, an ARN, or an ARN without its last part, or nil. The
// caller must hold the lock.
func (m *Secrets) find(id string) *secret {
	if name, ok := strings.CutPrefix(id, m.scope); ok {
		if s, ok := m.secrets[strings.TrimSuffix(name, secretSuffix)]; ok {
			return s
		}
		return m.secrets[name]
	}
	return m.secrets[id]
}

// version returns the ID of the version in the request. A version that has no value is not
// found.
func (r *secretRequest) version(s *secret) (string, error) {
	stage := r.VersionStage
	if stage == "" && r.VersionID == "" {
		stage = StageCurrent
	}
	id := r.VersionID
	if id != "" {
		if value := s.versions[id]; !value.hasValue() {
			return "", secretNotFound("Secrets Manager can't find the specified secret value for VersionId: " + id)
		}
		if stage != "" && s.stages[stage] != id {
			return "", &Error{Type: "InvalidRequestException", Message: "You provided a VersionStage that is not associated to the provided VersionId."}
		}
		return id, nil
	}
	id = s.stages[stage]
	if value := s.versions[id]; !value.hasValue() {
		return "", secretNotFound(fmt.Sprintf("Secrets Manager can't find the specified secret value for staging label: %s", stage))
	}
	return id, nil
}

func secretNotFound(message string) error {
	return &Error{Type: "ResourceNotFoundException", Message: message}
}
