// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// A memory is a Secrets Manager without a network, for tests with a clock of their own.
type memory struct {
	mu     sync.Mutex
	values []string    // the current one last
	fail   error       // what every request gets, if not nil
	reads  []time.Time // of AWSCURRENT
	before func(ctx context.Context)
}

func (m *memory) put(value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values = append(m.values, value)
}

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// takeReads returns when it was read, and forgets it.
func (m *memory) takeReads() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	reads := m.reads
	m.reads = nil
	return reads
}

// GetSecretValue answers as the service does.
func (m *memory) GetSecretValue(ctx context.Context, input *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if m.before != nil {
		m.before(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if *input.VersionStage == "AWSCURRENT" {
		m.reads = append(m.reads, time.Now())
	}
	if m.fail != nil {
		return nil, m.fail
	}
	last := len(m.values) - 1
	if *input.VersionStage == "AWSPREVIOUS" {
		last--
	}
	if last < 0 {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{
		SecretString: aws.String(m.values[last]), VersionId: aws.String(fmt.Sprint(last)),
	}, nil
}
