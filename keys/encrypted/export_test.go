// SPDX-License-Identifier: Apache-2.0

package encrypted

import "github.com/youmark/pkcs8"

// The limits.
const (
	MaxIterations = maxIterations
	MaxScrypt     = maxScrypt
)

// Cost parses an encrypted key without decrypting it, and returns the iterations of
// PBKDF2, or N·r·p of scrypt.
func Cost(der []byte) (iterations, scrypt int, err error) {
	file, err := parse(der)
	switch kdf := file.kdf.(type) {
	case pkcs8.PBKDF2Opts:
		iterations = kdf.IterationCount
	case pkcs8.ScryptOpts:
		scrypt = kdf.CostParameter * kdf.BlockSize * kdf.ParallelizationParameter
	}
	return iterations, scrypt, err
}

// Salt returns the salt of an encrypted key.
func Salt(der []byte) ([]byte, error) {
	file, err := parse(der)
	return file.salt, err
}
