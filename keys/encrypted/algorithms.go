// SPDX-License-Identifier: Apache-2.0

package encrypted

import "encoding/asn1"

// Algorithms that are read.
var (
	oidPBES2          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt         = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	oidHMACWithSHA1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}
	oidHMACWithSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
)

// unsupported names an algorithm that is not read, and the way round.
func unsupported(role string, id asn1.ObjectIdentifier) error {
	name, advice := describe(id.String())
	return refuse(ErrUnsupported, "%s is %s: %s", role, name, advice)
}

// describe returns the name of an algorithm, and what to do with a key that uses it.
func describe(id string) (name, advice string) {
	const gcm = "write it anew with AES-256-CBC, which OpenSSL reads too"
	switch id {
	case "1.2.840.113549.1.5.1", "1.2.840.113549.1.5.4", "1.2.840.113549.1.5.6", "1.2.840.113549.1.5.11",
		"1.2.840.113549.1.5.3", "1.2.840.113549.1.5.10":
		return "PBES1, with DES or RC2", convertLegacy
	case "1.2.840.113549.1.12.1.1", "1.2.840.113549.1.12.1.2", "1.2.840.113549.1.12.1.5", "1.2.840.113549.1.12.1.6":
		return "PBES1, with RC2 or RC4", convertLegacy
	case "1.2.840.113549.1.12.1.3", "1.2.840.113549.1.12.1.4":
		return "PBES1, with 3DES", convert
	case "1.2.840.113549.3.7":
		return "3DES", convert
	case "1.2.840.113549.3.2":
		return "RC2", convertLegacy
	case "1.3.14.3.2.7":
		return "DES", convertLegacy
	case "2.16.840.1.101.3.4.1.6", "2.16.840.1.101.3.4.1.26", "2.16.840.1.101.3.4.1.46":
		return "AES in GCM mode", gcm
	case "1.2.840.113549.2.8", "1.2.840.113549.2.10", "1.2.840.113549.2.11", "1.2.840.113549.2.12", "1.2.840.113549.2.13":
		return "one of SHA-2 other than SHA-256", convert
	}
	return "one with the object identifier " + id, convert
}
