// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// An Action is what a [Step] does.
type Action string

// The actions, in the order of a rotation.
const (
	// Restore replaces the mark of a retired key that signs again.
	Restore Action = "restore"
	// Retire marks a key that no longer signs.
	Retire Action = "retire"
	// Remove removes a retired key from the key groups.
	Remove Action = "remove"
	// Delete deletes the public key of a removed key.
	Delete Action = "delete"
	// Create makes the next key pair in the [Store].
	Create Action = "create"
	// Register creates the public key at CloudFront.
	Register Action = "register"
	// Trust adds the public key to the key groups.
	Trust Action = "trust"
	// Wait waits until the distributions have the public key.
	Wait Action = "wait"
	// Switch makes applications sign with the next pair.
	Switch Action = "switch"
)

// A Step is one step of a rotation: one that [Rotator.Plan] would take, or one that
// [Rotator.Rotate] has taken. It contains no secret, so you can log it.
type Step struct {
	// Action is what the step does.
	Action Action
	// KeyPairID is the ID of the key. Empty: CloudFront has not given the key an ID yet.
	KeyPairID string
	// Until is the earliest time at which a retired key is removed, for [Retire]. Zero: it
	// is kept, because Options.KeepRetired is zero.
	Until time.Time
	// Waiting names what [Wait] still waits for: IDs of distributions, "settle" for the time
	// after that, or a key group that does not show the key yet. A step with Waiting is not
	// finished; Options.Observe gets it when the list changes.
	Waiting []string
	// Note says what else you should know, such as why a key is kept. Empty: nothing.
	Note string
}

// String returns a sentence about the step.
func (s Step) String() string {
	text := s.sentence()
	if s.Note != "" {
		text += " (" + s.Note + ")"
	}
	return text
}

func (s Step) sentence() string {
	id := s.KeyPairID
	if id == "" {
		id = "the new key"
	}
	switch s.Action {
	case Restore:
		return id + " signs again: remove its mark"
	case Retire:
		if s.Until.IsZero() {
			return id + " no longer signs: mark it as retired, and keep it"
		}
		return fmt.Sprintf("%s no longer signs: mark it as retired, and keep it until %s", id, s.Until.UTC().Format(time.RFC3339))
	case Remove:
		return "remove " + id + " from the key group"
	case Delete:
		return "delete the public key " + id
	case Create:
		return "create the next key pair"
	case Register:
		return "create the public key at CloudFront"
	case Trust:
		return "add " + id + " to the key group"
	case Wait:
		if len(s.Waiting) > 0 {
			return "waiting for " + strings.Join(s.Waiting, ", ")
		}
		return "wait until all distributions trust " + id
	case Switch:
		return "sign with " + id
	}
	return string(s.Action) + " " + id
}

// Format writes String for every verb.
func (s Step) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the fields that are set, for log/slog.
func (s Step) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("action", string(s.Action))}
	if s.KeyPairID != "" {
		attributes = append(attributes, slog.String("keyPairID", s.KeyPairID))
	}
	if !s.Until.IsZero() {
		attributes = append(attributes, slog.Time("until", s.Until))
	}
	if len(s.Waiting) > 0 {
		attributes = append(attributes, slog.Any("waiting", s.Waiting))
	}
	if s.Note != "" {
		attributes = append(attributes, slog.String("note", s.Note))
	}
	return slog.GroupValue(attributes...)
}
