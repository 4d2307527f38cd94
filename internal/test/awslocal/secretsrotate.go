// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"fmt"
)

// The targets of the operations of [Secrets] that rotate a secret.
const (
	SecretsPutValue    = "secretsmanager.PutSecretValue"
	SecretsUpdateStage = "secretsmanager.UpdateSecretVersionStage"
	SecretsDescribe    = "secretsmanager.DescribeSecret"
)

// RotationSteps are the steps of a rotation, in their order.
//
// Source: "Rotation by Lambda function",
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
var RotationSteps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// A RotationEvent is what Secrets Manager passes to a rotation function at each step.
type RotationEvent struct {
	Step               string
	SecretID           string `json:"SecretId"` // the ARN
	ClientRequestToken string // the ID of the new version
	RotationToken      string
}

// SetRotation says whether automatic rotation is turned on for a secret.
func (m *Secrets) SetRotation(name string, enabled bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.named(name).rotation = &enabled
}

// Rotate rotates a secret as Secrets Manager does. It adds a version that is AWSPENDING and
// has no value, and calls f for each step. If a rotation before this one was not finished,
// it goes on with the version of that one. If steps are given, it calls f for those instead
// of [RotationSteps], so that a test can repeat a step or stop after one.
//
// Rotate returns the first error of f. It returns an error if rotation is not turned on, and
// if finishSecret leaves AWSPENDING on another version than AWSCURRENT. It panics if the
// secret does not exist.
func (m *Secrets) Rotate(name string, f func(RotationEvent) error, steps ...string) error {
	token, err := m.beginRotation(name)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		steps = RotationSteps
	}
	for _, step := range steps {
		event := RotationEvent{Step: step, SecretID: m.ARN(name), ClientRequestToken: token, RotationToken: "rotation-" + token}
		if err := f(event); err != nil {
			return fmt.Errorf("local AWS: %s: %w", step, err)
		}
		if step == "finishSecret" && m.isPending(name) {
			return fmt.Errorf("local AWS: %s: AWSPENDING and AWSCURRENT are on different versions", step)
		}
	}
	return nil
}

// beginRotation returns the ID of the version to rotate to.
func (m *Secrets) beginRotation(name string) (token string, err error) {
	m.mu.Lock()
	s := m.secrets[name]
	enabled, pending := s.rotation != nil && *s.rotation, s.pending()
	m.mu.Unlock()
	if !enabled {
		return "", fmt.Errorf("local AWS: rotation of %q is not turned on: call SetRotation", name)
	}
	if pending != "" {
		return pending, nil
	}
	return m.add(name, StagePending, SecretValue{}), nil
}

func (m *Secrets) isPending(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.secrets[name].pending() != ""
}

// pending returns the ID of a version that is AWSPENDING and not AWSCURRENT, or "".
func (s *secret) pending() string {
	if id := s.stages[StagePending]; id != s.stages[StageCurrent] {
		return id
	}
	return ""
}
