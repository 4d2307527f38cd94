// SPDX-License-Identifier: Apache-2.0

//lint:file-ignore SA1019 invalid keys are made of the deprecated fields

package keys_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// der returns the bytes of the last PEM block in data.
func der(t testing.TB, data []byte) []byte {
	t.Helper()
	var last *pem.Block
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		last = block
	}
	if last == nil {
		t.Fatal("no PEM block")
	}
	return last.Bytes
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func replace(data []byte, old, replacement string) []byte {
	return bytes.ReplaceAll(data, []byte(old), []byte(replacement))
}

// damaged returns a copy of der with one bit of its middle changed.
func damaged(der []byte) []byte {
	der = bytes.Clone(der)
	der[len(der)/2] ^= 1
	return der
}

// changedAt returns a copy of der in which the byte at the place is changed. A negative place
// counts from the end.
func changedAt(der []byte, at int) []byte {
	der = bytes.Clone(der)
	if at < 0 {
		at += len(der)
	}
	der[at] ^= 1
	return der
}

// shortPublic returns the P-256 key of the tests in SEC1 form, with the first bytes of its
// public key only.
func shortPublic(t testing.TB) []byte {
	t.Helper()
	number, err := testkeys.P256().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	short, err := asn1.Marshal(struct {
		Version int
		Number  []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
		Public  asn1.BitString        `asn1:"explicit,tag:1"`
	}{1, number, asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, asn1.BitString{Bytes: []byte{4, 1, 2, 3}, BitLength: 32}})
	if err != nil {
		t.Fatal(err)
	}
	return short
}

// changed returns a copy of der in which the byte behind part is changed.
func changed(t testing.TB, der, part []byte) []byte {
	t.Helper()
	at := bytes.Index(der, part)
	if at < 0 {
		t.Fatalf("there is no %x", part)
	}
	der = bytes.Clone(der)
	der[at+len(part)] ^= 1
	return der
}

// p256Scalar returns the first half of the private number.
func p256Scalar(t testing.TB) []byte {
	t.Helper()
	number, err := testkeys.P256().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return number[:16]
}

func TestParsePrivate(t *testing.T) {
	rsaKey, p256Key := testkeys.RSA(), testkeys.P256()
	rsaPEM, p256PEM := testkeys.RSAPEM(), testkeys.P256PEM()
	tests := []struct {
		name   string
		input  []byte
		want   crypto.PrivateKey
		reason string
	}{
		{"rsa pkcs8", rsaPEM, rsaKey, "what OpenSSL 3 writes"},
		{"rsa pkcs1", file(t, "rsa-pkcs1.pem"), rsaKey, "what openssl genrsa wrote before version 3"},
		{"p256 pkcs8", p256PEM, p256Key, "what openssl genpkey writes"},
		{"p256 sec1", file(t, "p256-sec1.pem"), p256Key, "what openssl ecparam -genkey -noout writes"},
		{"p256 sec1 with parameters", file(t, "p256-sec1-parameters.pem"), p256Key, "what openssl ecparam -genkey writes"},
		{"p256 sec1 compressed", file(t, "p256-sec1-compressed.pem"), p256Key, "openssl ec -conv_form compressed"},
		{"p256 sec1 hybrid", file(t, "p256-sec1-hybrid.pem"), p256Key, "openssl ec -conv_form hybrid"},
		{"p256 sec1 without public key", file(t, "p256-sec1-no-public.pem"), p256Key, "the public key is optional in SEC 1"},
		{"rsa pkcs8 der", der(t, rsaPEM), rsaKey, "what Java tools want"},
		{"rsa pkcs1 der", der(t, file(t, "rsa-pkcs1.pem")), rsaKey, "openssl rsa -outform DER"},
		{"p256 pkcs8 der", der(t, p256PEM), p256Key, "openssl pkey -outform DER"},
		{"p256 sec1 der", der(t, file(t, "p256-sec1.pem")), p256Key, "openssl ec -outform DER"},
		{"escaped line breaks", replace(rsaPEM, "\n", `\n`), rsaKey, "from an environment variable"},
		{"doubly escaped line breaks", replace(rsaPEM, "\n", `\\n`), rsaKey, "from JSON in an environment variable"},
		{"doubly escaped crlf", replace(p256PEM, "\n", `\\r\\n`), p256Key, "from JSON in an environment variable on Windows"},
		{"escaped crlf", replace(p256PEM, "\n", `\r\n`), p256Key, "the same from Windows"},
		{"quoted", join([]byte(`"`), replace(p256PEM, "\n", `\n`), []byte(`"`)), p256Key, "from a .env file that was not unquoted"},
		{"assignment", join([]byte(`export KEY='`), p256PEM, []byte(`'`)), p256Key, "from a shell script"},
		{"spaces for line breaks", replace(rsaPEM, "\n", " "), rsaKey, "from an unquoted shell variable"},
		{"no line breaks", replace(p256PEM, "\n", ""), p256Key, "pasted into one line"},
		{"crlf", replace(rsaPEM, "\n", "\r\n"), rsaKey, "from Windows"},
		{"indented", replace(p256PEM, "\n", "\n    "), p256Key, "from YAML"},
		{"no final line break", bytes.TrimSpace(p256PEM), p256Key, "many secret stores trim"},
		{"byte order mark", join([]byte("\ufeff"), rsaPEM), rsaKey, "from an editor on Windows"},
		{"text before", join([]byte("Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n"), rsaPEM), rsaKey, "openssl pkcs12"},
		{"certificate before", join(file(t, "rsa-certificate.pem"), rsaPEM), rsaKey, "a bundle"},
		{"certificate behind", join(rsaPEM, file(t, "rsa-certificate.pem")), rsaKey, "a bundle"},
		{"public key before", join(file(t, "p256-public.pem"), p256PEM), p256Key, "a file with the pair"},
		{"escaped bundle", replace(join(file(t, "rsa-certificate.pem"), rsaPEM), "\n", `\n`), rsaKey, "a bundle from an environment variable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := keys.ParsePrivate(tt.input)
			if err != nil {
				t.Fatalf("%s: %v", tt.reason, err)
			}
			if equal, ok := tt.want.(interface{ Equal(crypto.PrivateKey) bool }); !ok || !equal.Equal(key) {
				t.Error("another key")
			}
		})
	}
}

func TestParsePrivateRefuses(t *testing.T) {
	p256PEM := testkeys.P256PEM()
	half := p256PEM[:len(p256PEM)/2]
	tests := []struct {
		name    string
		input   []byte
		refused error
		advice  string
	}{
		{"nothing", nil, keys.ErrNoKey, "-----BEGIN"},
		{"text", []byte("secret"), keys.ErrNoKey, "-----BEGIN"},
		{"path", []byte("/etc/keys/private_key.pem"), keys.ErrNoKey, "pass its content"},
		{"path alone", []byte("private_key.pem\n"), keys.ErrNoKey, "pass its content"},
		{"name of a secret", []byte("arn:aws:secretsmanager:us-east-1:111122223333:secret:key-AbCdEf"), keys.ErrNoKey, "pass its content"},
		{"one line of base64", bytes.Split(p256PEM, []byte("\n"))[1], keys.ErrNoKey, "-----BEGIN"},
		{"utf-16", []byte("\xff\xfe-\x00-\x00"), keys.ErrMalformedKey, "UTF-8"},
		{"utf-16, big endian", []byte("\xfe\xff\x00-\x00-"), keys.ErrMalformedKey, "UTF-8"},
		{"cut off", half, keys.ErrMalformedKey, "END line"},
		{"begin cut off", []byte("-----BEGIN PRIVATE KEY"), keys.ErrMalformedKey, "BEGIN line"},
		{"not base64", replace(p256PEM, "M", "!"), keys.ErrMalformedKey, "base64"},
		{"empty block", []byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"), keys.ErrMalformedKey, "base64"},
		{"other end line", replace(p256PEM, "END PRIVATE", "END RSA PRIVATE"), keys.ErrMalformedKey, "END line"},
		{"public key with a private label", replace(file(t, "p256-public.pem"), "PUBLIC", "PRIVATE"), keys.ErrNoKey, "public key in it"},
		{"certificate with a private label", replace(file(t, "rsa-certificate.pem"), "CERTIFICATE", "PRIVATE KEY"), keys.ErrNoKey, "public key in it"},
		{"dsa with an rsa label", replace(file(t, "dsa.pem"), " PRIVATE", " RSA PRIVATE"), keys.ErrUnsupportedKey, "DSA"},
		{"text with a private label", block("PRIVATE KEY", []byte("hunter2")), keys.ErrMalformedKey, "changed or cut"},
		{"damaged", damaged(der(t, testkeys.RSAPEM())), keys.ErrMalformedKey, "not a valid RSA key"},
		{"damaged ec", changed(t, der(t, p256PEM), p256Scalar(t)), keys.ErrMalformedKey, "do not belong together"},
		{"damaged ec in sec1", changed(t, der(t, file(t, "p256-sec1.pem")), p256Scalar(t)), keys.ErrMalformedKey, "do not belong together"},
		{"damaged ec in pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: changed(t, der(t, file(t, "p256-sec1.pem")), p256Scalar(t))}), keys.ErrMalformedKey, "do not belong together"},
		{"damaged ec, compressed", changed(t, der(t, file(t, "p256-sec1-compressed.pem")), p256Scalar(t)), keys.ErrMalformedKey, "do not belong together"},
		{"damaged ec and tag of its public key", changed(t, replace(der(t, p256PEM), "\xa1\x44\x03", "\xa3\x44\x03"), p256Scalar(t)), keys.ErrMalformedKey, "EC key"},
		{"damaged public key", changed(t, der(t, p256PEM), []byte{3, 66, 0, 4}), keys.ErrMalformedKey, "do not belong together"},
		{"short public key", replace(der(t, p256PEM), "\x03\x42\x00", "\x02\x42\x00"), keys.ErrMalformedKey, "EC key"},
		{"last byte of the public key's X changed", changedAt(der(t, file(t, "p256-sec1.pem")), -33), keys.ErrMalformedKey, "do not belong together"},
		{"public key cut off", shortPublic(t), keys.ErrMalformedKey, "do not belong together"},
		{"key behind a cut one", join(half, p256PEM), keys.ErrMalformedKey, "base64"},
		{"two keys", join(p256PEM, testkeys.RSAPEM()), keys.ErrNoKey, "several private keys"},
		{"public key", file(t, "p256-public.pem"), keys.ErrNoKey, "a public one"},
		{"rsa public key", file(t, "rsa-public-pkcs1.pem"), keys.ErrNoKey, "openssl genrsa"},
		{"certificate", file(t, "rsa-certificate.pem"), keys.ErrNoKey, "CERTIFICATE"},
		{"parameters only", []byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), keys.ErrNoKey, "only the curve"},
		{"block of another kind", block("X509 CRL", []byte("crl")), keys.ErrNoKey, "another kind"},
		{"public key der", der(t, file(t, "p256-public.pem")), keys.ErrNoKey, "a public one"},
		{"certificate der", der(t, file(t, "rsa-certificate.pem")), keys.ErrNoKey, "a public one"},
		{"other der", []byte("\x30\x03\x02\x01\x07"), keys.ErrNoKey, "PKCS#8, PKCS#1 or SEC1"},
		{"trailing der", append(der(t, p256PEM), 0), keys.ErrNoKey, "DER"},
		{"trailing in pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: append(der(t, file(t, "p256-sec1.pem")), 0)}), keys.ErrMalformedKey, "SEC1 form"},
		{"trailing in pkcs8", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: append(der(t, p256PEM), 0)}), keys.ErrMalformedKey, "PKCS#8"},
		{"rsa 1024", file(t, "rsa1024.pem"), keys.ErrUnsupportedKey, "1024 bits"},
		{"rsa 4096", file(t, "rsa4096.pem"), keys.ErrUnsupportedKey, "4096 bits"},
		{"rsa pss", file(t, "rsa-pss.pem"), keys.ErrUnsupportedKey, "limited to PSS"},
		{"p384", file(t, "p384.pem"), keys.ErrUnsupportedKey, "P-384"},
		{"secp256k1", file(t, "secp256k1.pem"), keys.ErrUnsupportedKey, "ECDSA on secp256k1"},
		{"explicit curve", file(t, "p256-explicit.pem"), keys.ErrUnsupportedKey, "openssl ec -in FILE -param_enc named_curve"},
		{"ed25519", file(t, "ed25519.pem"), keys.ErrUnsupportedKey, "Ed25519"},
		{"dsa", file(t, "dsa.pem"), keys.ErrUnsupportedKey, "DSA"},
		{"openssh", file(t, "openssh.pem"), keys.ErrUnsupportedKey, "ssh-keygen -p -m PKCS8"},
		{"encrypted pkcs8", file(t, "encrypted-pkcs8.pem"), keys.ErrEncrypted, "openssl pkey -in"},
		{"encrypted pkcs8, the way", file(t, "encrypted-pkcs8.pem"), keys.ErrEncrypted, "package keys/encrypted"},
		{"encrypted pkcs8 der", file(t, "encrypted-pkcs8.der"), keys.ErrEncrypted, "openssl pkey -in"},
		{"encrypted rfc 1423", file(t, "encrypted-rfc1423.pem"), keys.ErrEncrypted, "RFC 1423"},
		{"encrypted rfc 1423, the way", file(t, "encrypted-rfc1423.pem"), keys.ErrEncrypted, "openssl pkcs8 -topk8 -in"},
		{"encrypted with crlf", replace(file(t, "encrypted-rfc1423.pem"), "\n", "\r\n"), keys.ErrEncrypted, "RFC 1423"},
		{"encrypted with spaces for line breaks", replace(file(t, "encrypted-rfc1423.pem"), "\n", " "), keys.ErrEncrypted, "RFC 1423"},
		{"key within a block", []byte("-----BEGIN X-----\nfoo: bar\n\n" + string(p256PEM) + string(testkeys.RSAPEM()) + "-----END X-----\n"), keys.ErrMalformedKey, "base64"},
		{"key within a block of the same kind", []byte("-----BEGIN PRIVATE KEY-----\nfoo: bar\n\n" + string(p256PEM)), keys.ErrMalformedKey, "base64"},
		{"encrypted from a variable", replace(file(t, "encrypted-rfc1423.pem"), "\n", `\n`), keys.ErrEncrypted, "RFC 1423"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := keys.ParsePrivate(tt.input)
			checkRefusal(t, err, tt.refused, tt.advice)
			if key != nil {
				t.Error("a key next to the error")
			}
			checkNoSecret(t, err, tt.input)
		})
	}
}

func checkRefusal(t *testing.T, err, refused error, advice string) {
	t.Helper()
	for _, sentinel := range []error{keys.ErrKeyPairID, keys.ErrUnsupportedKey, keys.ErrMalformedKey, keys.ErrNoKey, keys.ErrEncrypted} {
		if is := errors.Is(err, sentinel); is != (sentinel == refused) {
			t.Errorf("errors.Is(%v, %v) = %t", err, sentinel, is)
		}
	}
	if err == nil || !strings.Contains(err.Error(), advice) || !strings.HasPrefix(err.Error(), "keys: ") {
		t.Errorf("error %v does not say %q", err, advice)
	}
	var encrypted *keys.EncryptedError
	if errors.As(err, &encrypted) != (refused == keys.ErrEncrypted) {
		t.Errorf("error type %T", err)
	}
}

// checkNoSecret fails if err contains eight bytes of the input one after the other, unless
// this package has them as text of its own, as in the labels of PEM.
func checkNoSecret(t testing.TB, err error, input []byte) {
	t.Helper()
	const window = 8
	text, own := err.Error(), ownText()
	for i := 0; i+window <= len(input); i++ {
		if part := string(input[i : i+window]); strings.Contains(text, part) && !strings.Contains(own, part) {
			t.Fatalf("error %q contains %q of the input", text, part)
		}
	}
}

// ownText returns all strings in the code of the package.
var ownText = sync.OnceValue(func() string {
	paths, err := filepath.Glob("*.go")
	if err != nil || len(paths) == 0 {
		panic(fmt.Sprint(paths, err))
	}
	var own strings.Builder
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		code, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			panic(err)
		}
		ast.Inspect(code, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, _ := strconv.Unquote(literal.Value)
				own.WriteString(value + "\x00")
			}
			return true
		})
	}
	return own.String()
})

func TestPublicRefusesSigners(t *testing.T) {
	mixed := *testkeys.P256()
	mixed.PublicKey = testkeys.OtherP256().PublicKey
	wrongRSA := *testkeys.RSA()
	wrongRSA.D = new(big.Int).Add(wrongRSA.D, big.NewInt(2))
	wrongRSA.Precomputed = rsa.PrecomputedValues{}
	offCurve := testkeys.P256()
	offCurve.X = big.NewInt(1)
	longExponent := int64(1)<<31 + 1 // With 32 bits, an int cannot have it, and it becomes negative.
	tests := []struct {
		name    string
		key     crypto.Signer
		refused error
		reason  string
	}{
		{"nil", nil, keys.ErrNoKey, "a forgotten field"},
		{"nil rsa", (*rsa.PrivateKey)(nil), keys.ErrNoKey, "a nil pointer in an interface"},
		{"nil ecdsa", (*ecdsa.PrivateKey)(nil), keys.ErrNoKey, "a nil pointer in an interface"},
		{"empty rsa", &rsa.PrivateKey{}, keys.ErrNoKey, "would panic later"},
		{"empty ecdsa", &ecdsa.PrivateKey{}, keys.ErrNoKey, "would panic later"},
		{"rsa without private part", &rsa.PrivateKey{PublicKey: testkeys.RSA().PublicKey}, keys.ErrNoKey, "would panic later"},
		{"rsa with empty primes", &rsa.PrivateKey{PublicKey: testkeys.RSA().PublicKey, D: testkeys.RSA().D, Primes: []*big.Int{nil, nil}}, keys.ErrNoKey, "would panic later"},
		{"ecdsa without private part", &ecdsa.PrivateKey{PublicKey: testkeys.P256().PublicKey}, keys.ErrNoKey, "would panic later"},
		{"mixed ecdsa", &mixed, keys.ErrMalformedKey, "would sign for a key that is not trusted"},
		{"damaged rsa", &wrongRSA, keys.ErrMalformedKey, "would give wrong signatures"},
		{"off the curve", offCurve, keys.ErrMalformedKey, "would give wrong signatures"},
		{"ed25519", ed25519.PrivateKey(nil), keys.ErrUnsupportedKey, "its Public would panic"},
		{"nil foreign signer", (*public)(nil), keys.ErrNoKey, "would panic"},
		{"ecdsa without point", &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: elliptic.P256()}, D: big.NewInt(1)}, keys.ErrNoKey, "would panic"},
		{"nil function", signerFunc(nil), keys.ErrNoKey, "would panic"},
		{"nil map", signerMap(nil), keys.ErrNoKey, "would panic"},
		{"nil slice", signerSlice(nil), keys.ErrNoKey, "would panic"},
		{"nil channel", signerChannel(nil), keys.ErrNoKey, "would hang"},
		{"public key is nil ecdsa", public{(*ecdsa.PublicKey)(nil)}, keys.ErrNoKey, "a remote key that was never fetched"},
		{"public key without x", public{&ecdsa.PublicKey{Curve: elliptic.P256(), Y: big.NewInt(1)}}, keys.ErrNoKey, "would panic"},
		{"public key without y", public{&ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1)}}, keys.ErrNoKey, "would panic"},
		{"public key without point", public{&ecdsa.PublicKey{Curve: elliptic.P256()}}, keys.ErrNoKey, "would panic"},
		{"public key on no curve", public{&ecdsa.PublicKey{Curve: (*elliptic.CurveParams)(nil), X: big.NewInt(1), Y: big.NewInt(1)}}, keys.ErrUnsupportedKey, "would panic"},
		{"negative modulus", public{&rsa.PublicKey{N: new(big.Int).Neg(testkeys.RSA().N), E: 65537}}, keys.ErrMalformedKey, "no RSA key has one"},
		{"public key is a private one", leaky{testkeys.P256()}, keys.ErrUnsupportedKey, "must not be kept as public"},
		{"public key is nil", public{}, keys.ErrNoKey, "a remote key that was never fetched"},
		{"public key is empty rsa", public{&rsa.PublicKey{}}, keys.ErrNoKey, "a remote key that was never fetched"},
		{"public key is nil rsa", public{(*rsa.PublicKey)(nil)}, keys.ErrNoKey, "a remote key that was never fetched"},
		{"public key is empty ecdsa", public{&ecdsa.PublicKey{}}, keys.ErrNoKey, "a remote key that was never fetched"},
		{"public key is an rsa value", public{testkeys.RSA().PublicKey}, keys.ErrUnsupportedKey, "a pointer is the standard form"},
		{"even exponent", public{&rsa.PublicKey{N: testkeys.RSA().N, E: 65536}}, keys.ErrMalformedKey, "no RSA key has one"},
		{"exponent of 32 bits", public{&rsa.PublicKey{N: testkeys.RSA().N, E: int(longExponent)}}, keys.ErrMalformedKey, "crypto/rsa does not take it"},
		{"exponent one", public{&rsa.PublicKey{N: testkeys.RSA().N, E: 1}}, keys.ErrMalformedKey, "anyone could sign"},
		{"even modulus", public{&rsa.PublicKey{N: new(big.Int).Add(testkeys.RSA().N, big.NewInt(1)), E: 65537}}, keys.ErrMalformedKey, "no RSA key has one"},
		{"2047 bits", public{&rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int), 2046, 1), E: 65537}}, keys.ErrUnsupportedKey, "CloudFront wants 2048"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := keys.Public(tt.key)
			checkRefusal(t, err, tt.refused, "")
			if key != nil {
				t.Errorf("a key next to the error, although %s", tt.reason)
			}
		})
	}
}

// public is a signer with a public key alone.
type public struct{ key crypto.PublicKey }

func (p public) Public() crypto.PublicKey { return p.key }

func (public) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("asked to sign")
}

// These signers are of kinds that can be nil, and use their value.
type (
	signerFunc    func() crypto.PublicKey
	signerMap     map[string]public
	signerSlice   []public
	signerChannel chan public
)

func (s signerFunc) Public() crypto.PublicKey    { return s() }
func (s signerMap) Public() crypto.PublicKey     { s["used"] = public{}; return nil }
func (s signerSlice) Public() crypto.PublicKey   { return s[0].key }
func (s signerChannel) Public() crypto.PublicKey { close(s); return nil }

func (signerFunc) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error)    { return nil, nil }
func (signerMap) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error)     { return nil, nil }
func (signerSlice) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error)   { return nil, nil }
func (signerChannel) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }

// leaky is a signer that hands out its private key as the public one.
type leaky struct{ *ecdsa.PrivateKey }

func (l leaky) Public() crypto.PublicKey { return l.PrivateKey }

func TestPublicCopies(t *testing.T) {
	for _, key := range []crypto.Signer{testkeys.RSA(), testkeys.P256()} {
		got, err := keys.Public(key)
		if err != nil {
			t.Fatal(err)
		}
		if equal, ok := got.(interface{ Equal(crypto.PublicKey) bool }); !ok || !equal.Equal(key.Public()) {
			t.Errorf("%T: another key", key)
		}
		if got == key.Public() {
			t.Errorf("%T: the signer's own key was handed on", key)
		}
	}
}

// TestPublicTakesExponents: the smallest and the largest are unusual, and valid.
func TestPublicTakesExponents(t *testing.T) {
	for _, exponent := range []int{3, 65537, 1<<31 - 1} {
		if _, err := keys.Public(public{&rsa.PublicKey{N: testkeys.RSA().N, E: exponent}}); err != nil {
			t.Errorf("%d: %v", exponent, err)
		}
	}
}

// TestDerivedKeysParse makes keys with the standard library alone.
func TestDerivedKeysParse(t *testing.T) {
	for range 3 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), nil)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := keys.ParsePrivate(der)
		if err != nil || !key.Equal(parsed) {
			t.Errorf("%v, %v", parsed, err)
		}
	}
}
