// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"bytes"
	"cmp"
	"encoding/json"
)

// A putRequest is the body of a PutSecretValue.
type putRequest struct {
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	SecretString       *string
	SecretBinary       []byte
	VersionStages      []string
}

// check refuses an invalid request.
func (r *putRequest) check() error {
	const longestValue, mostStages = 65536, 20
	length := len(r.SecretBinary)
	if r.SecretString != nil {
		length = len(*r.SecretString)
	}
	switch {
	case r.ClientRequestToken == "":
		return &Error{Type: "InvalidRequestException", Message: "You must provide a ClientRequestToken value. We recommend a UUID-type value."}
	case r.SecretString != nil && r.SecretBinary != nil:
		return &Error{Type: "InvalidParameterException", Message: "You can't specify both a binary secret value and a string secret value in the same secret."}
	case r.SecretString == nil && r.SecretBinary == nil:
		return &Error{Type: "InvalidRequestException", Message: "You must provide either SecretString or SecretBinary."}
	case length == 0 || length > longestValue:
		return invalid("1 validation error detected: Value at 'secretString' or 'secretBinary' failed to satisfy constraint: Member must have length between 1 and 65536")
	case len(r.VersionStages) > mostStages:
		return invalid("1 validation error detected: Value at 'versionStages' failed to satisfy constraint: Member must have length between 1 and 20")
	}
	return nil
}

// putValue is PutSecretValue. A version that a rotation has made gets its value. Other
// versions keep the value that they have: with the same one, the request does nothing.
//
// Source: "PutSecretValue",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (m *Secrets) putValue(body []byte) (any, error) {
	var request putRequest
	s, unlock, err := m.open(body, &request)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := cmp.Or(s.available(), request.check()); err != nil {
		return nil, err
	}
	id := request.ClientRequestToken
	value, exists := s.versions[id]
	if exists && value.hasValue() {
		if !value.equal(&request) {
			return nil, &Error{Type: "ResourceExistsException", Message: "You can't modify an existing version, you can only create a new version."}
		}
		return s.answer(id), nil
	}
	stages := request.VersionStages
	if len(s.versions) == 0 || len(stages) == 0 {
		stages = append(stages, StageCurrent)
	}
	value.SecretString, value.SecretBinary = request.SecretString, request.SecretBinary
	value.ARN, value.Name, value.VersionID, value.CreatedDate = m.ARN(s.name), s.name, id, m.server.seconds()
	s.versions[id] = value
	for _, stage := range stages {
		m.move(s, stage, id)
	}
	return s.answer(id), nil
}

// hasValue reports whether a version has a value. One that a rotation has made has none
// until the rotation function puts it.
func (v *SecretValue) hasValue() bool { return v.SecretString != nil || v.SecretBinary != nil }

func (v *SecretValue) equal(r *putRequest) bool {
	if v.SecretString == nil || r.SecretString == nil {
		return v.SecretString == r.SecretString && bytes.Equal(v.SecretBinary, r.SecretBinary)
	}
	return *v.SecretString == *r.SecretString
}

// answer is the answer to an operation that changed a version.
func (s *secret) answer(id string) any {
	value := s.versions[id]
	return struct {
		ARN, Name     string
		VersionID     string   `json:"VersionId"`
		VersionStages []string `json:",omitempty"`
	}{value.ARN, value.Name, id, s.labels(id)}
}

// A stageRequest is the body of an UpdateSecretVersionStage.
type stageRequest struct {
	SecretID            string `json:"SecretId"`
	VersionStage        string
	MoveToVersionID     string `json:"MoveToVersionId"`
	RemoveFromVersionID string `json:"RemoveFromVersionId"`
}

// updateStage is UpdateSecretVersionStage.
//
// Source: "UpdateSecretVersionStage",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func (m *Secrets) updateStage(body []byte) (any, error) {
	var request stageRequest
	s, unlock, err := m.open(body, &request)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := cmp.Or(s.available(), request.check(s)); err != nil {
		return nil, err
	}
	if request.MoveToVersionID == "" {
		delete(s.stages, request.VersionStage)
	} else {
		m.move(s, request.VersionStage, request.MoveToVersionID)
	}
	return map[string]string{"ARN": m.ARN(s.name), "Name": s.name}, nil
}

// check refuses a move of a label that does not say which version has the label now.
func (r *stageRequest) check(s *secret) error {
	holder := s.stages[r.VersionStage]
	switch {
	case r.VersionStage == "":
		return invalid("1 validation error detected: Value at 'versionStage' failed to satisfy constraint: Member must not be null")
	case r.MoveToVersionID == "" && r.RemoveFromVersionID == "":
		return &Error{Type: "InvalidParameterException", Message: "You must specify MoveToVersionId, RemoveFromVersionId, or both."}
	case r.RemoveFromVersionID != "" && r.RemoveFromVersionID != holder:
		return &Error{Type: "InvalidParameterException", Message: "RemoveFromVersionId must be the version that currently has the staging label " + r.VersionStage + "."}
	case r.MoveToVersionID == "" && r.VersionStage == StageCurrent:
		return &Error{Type: "InvalidParameterException", Message: "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."}
	case r.MoveToVersionID == "":
		return nil
	case r.RemoveFromVersionID == "" && holder != "" && holder != r.MoveToVersionID:
		return &Error{Type: "InvalidParameterException", Message: "The parameter RemoveFromVersionId can't be empty: the staging label " + r.VersionStage + " is on version " + holder + "."}
	}
	if _, ok := s.versions[r.MoveToVersionID]; !ok {
		return secretNotFound("Secrets Manager can't find the specified secret version.")
	}
	return nil
}

// describe is DescribeSecret. It also describes secrets that are marked for deletion.
//
// Source: "DescribeSecret",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
func (m *Secrets) describe(body []byte) (any, error) {
	var request secretRequest
	s, unlock, err := m.open(body, &request)
	if err != nil {
		return nil, err
	}
	defer unlock()
	versions := map[string][]string{}
	for id := range s.versions {
		if labels := s.labels(id); len(labels) > 0 {
			versions[id] = labels
		}
	}
	answer := map[string]any{"ARN": m.ARN(s.name), "Name": s.name, "VersionIdsToStages": versions}
	if s.rotation != nil {
		answer["RotationEnabled"] = *s.rotation
	}
	if s.deleted {
		answer["DeletedDate"] = m.server.seconds()
	}
	return answer, nil
}

// A secretBody is the body of a request for a secret.
type secretBody interface{ common() *secretRequest }

func (r *secretRequest) common() *secretRequest { return r }

func (r *putRequest) common() *secretRequest {
	return &secretRequest{SecretID: r.SecretID, VersionID: r.ClientRequestToken}
}

func (r *stageRequest) common() *secretRequest {
	return &secretRequest{SecretID: r.SecretID, VersionID: r.MoveToVersionID, VersionStage: r.VersionStage}
}

// open reads a request, and returns its secret with the lock held.
func (m *Secrets) open(body []byte, request secretBody) (s *secret, unlock func(), err error) {
	if err := json.Unmarshal(body, request); err != nil {
		return nil, nil, &Error{Type: "SerializationException", Message: "the body is not the JSON of a request"}
	}
	common := request.common()
	if err := common.check(); err != nil {
		return nil, nil, err
	}
	m.mu.Lock()
	if s = m.find(common.SecretID); s == nil {
		m.mu.Unlock()
		return nil, nil, secretNotFound("Secrets Manager can't find the specified secret.")
	}
	return s, m.mu.Unlock, nil
}

// available refuses a secret that is marked for deletion.
func (s *secret) available() error {
	if s.deleted {
		return &Error{Type: "InvalidRequestException", Message: "You can't perform this operation on the secret because it was marked for deletion."}
	}
	return nil
}
