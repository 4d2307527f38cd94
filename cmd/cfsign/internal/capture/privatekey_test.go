// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"html"
	"math/big"
	"mime/quotedprintable"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// derOf returns private keys in DER by their names.
func derOf(t *testing.T) map[string][]byte {
	t.Helper()
	_, edwards, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	large, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{"PKCS#1": x509.MarshalPKCS1PrivateKey(testkeys.RSA())}
	for name, key := range map[string]any{"RSA": testkeys.RSA(), "P-256": testkeys.P256(), "P-384": large, "Ed25519": edwards} {
		if found[name], err = x509.MarshalPKCS8PrivateKey(key); err != nil {
			t.Fatal(err)
		}
	}
	for name, key := range map[string]*ecdsa.PrivateKey{"SEC1": testkeys.P256(), "SEC1 of P-384": large} {
		if found[name], err = x509.MarshalECPrivateKey(key); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// TestPrivateKeyForms: each private key is found in each form.
func TestPrivateKeyForms(t *testing.T) {
	for name, der := range derOf(t) {
		text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		lines := strings.Split(strings.TrimSpace(text), "\n")
		body := strings.Join(lines[1:len(lines)-1], "\n")
		line, again := strings.ReplaceAll(body, "\n", ""), base64.StdEncoding.EncodeToString([]byte(text))
		for form, text := range map[string]string{
			"DER": string(der), "DER, read as text": strings.ToValidUTF8(string(der), "\ufffd"), "PEM": text,
			"the body": body, "the body in one line": line, `the body with \n`: strings.ReplaceAll(body, "\n", `\n`), "without the first line": strings.Join(lines[1:], "\n"),
			"the body within words": "this is my key " + line + " is it good?", "the body of a command": "curl -d key=" + line + " https://cdn.example.com/a.jpg",
			"base64 of PEM": again, "base64 in YAML": "data:\n  a.pem: " + again, "base64 twice": base64.StdEncoding.EncodeToString([]byte(again)), "base64 of URLs": base64.RawURLEncoding.EncodeToString(der),
			"base64 in JSON": `{"a":"` + line + `"}`, "PEM in JSON": asJSON(t, map[string]string{"a": text}), "PEM in JSON in JSON": asJSON(t, asJSON(t, text)),
			"a query": "https://cdn.example.com/a.jpg?key=" + neturl.QueryEscape(text), "a path": "https://cdn.example.com/" + neturl.PathEscape(text),
			"HTML": html.EscapeString(text), "HTML, all escaped": strings.ReplaceAll(strings.ReplaceAll(text, " ", "&nbsp;"), "-", "&#45;"),
			"hexadecimal": hex.EncodeToString(der), "hexadecimal with colons": colons(der), "base64 of UTF-16": base64.StdEncoding.EncodeToString(utf16LE(text)),
			"UTF-16": "\xff\xfe" + string(utf16LE(text)), "UTF-16 without a mark": string(utf16LE(text)), "a mail": mail(t, strings.ReplaceAll(text, " ", "\u00a0")), "a mail with the body": mail(t, line),
			"lower case": strings.ReplaceAll(text, "PRIVATE KEY", "private key"), "two spaces": strings.ReplaceAll(text, "PRIVATE KEY", "PRIVATE  KEY"),
			"a line break": strings.ReplaceAll(text, "PRIVATE KEY", "PRIVATE\r\nKEY"), "an underscore": "-----BEGIN PRIVATE_KEY-----", "only the label": "-----BEGIN RSA PRIVATE KEY-----",
			"a HAR file of 2 MiB": `{"log":{"entries":[{"request":{"url":"https://a/","postData":{"text":` + asJSON(t, line) + `}}}],"x":"` + strings.Repeat("<x> ", 1<<19) + `"}}`,
		} {
			if !capture.HasPrivateKey([]byte(text)) {
				t.Errorf("%s: %s is not found", name, form)
			}
		}
	}
}

// TestPrivateKeyFormats: other formats of private keys, and parts of keys.
func TestPrivateKeyFormats(t *testing.T) {
	der := derOf(t)
	lines := strings.Split(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der["RSA"]})), "\n")
	for name, text := range map[string]string{
		"JWK":                          `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","d":"AAAAAAAA"}`,
		"JWK in a command":             `curl -d '{"kty":"EC","d":"AAAAAAAA"}' https://cdn.example.com/a.jpg`,
		"JWK in JSON":                  `{"a":"{\"d\":\"AAAAAAAA\",\"kty\":\"RSA\"}"}`,
		"JWK in a query":               "https://cdn.example.com/?key=" + neturl.QueryEscape(`{"kty":"EC","d":"AAAAAAAA"}`),
		"JWK in JavaScript":            `const key = { kty: "EC", d: 'AAAAAAAA' }`,
		"a symmetric JWK":              `{"kty":"oct","k":"AAAAAAAA"}`,
		"XML of .NET":                  "<RSAKeyValue><Modulus>AAAA</Modulus><D>AAAA</D></RSAKeyValue>",
		"XML of .NET in HTML":          html.EscapeString("<RSAKeyValue><Modulus>AAAA</Modulus><P>AAAA</P></RSAKeyValue>"),
		"PuTTY":                        "PuTTY-User-Key-File-3: ssh-rsa",
		"the end of a PuTTY file":      "Private-Lines: 14\nAAAA",
		"openssl rsa -text":            "Private-Key: (2048 bit, 2 primes)",
		"a part of openssl rsa -text":  "privateExponent:\n    00:aa",
		"openssl ec -text":             "EC key\npriv:\n    00:aa",
		"OpenSSH, the body":            base64.StdEncoding.EncodeToString([]byte("openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none")),
		"PKCS#12":                      "\x30\x82\x09\x51\x02\x01\x03\x30\x82\x09\x17\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0",
		"PKCS#12 in BER":               "\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0",
		"a keystore of Java":           "\xfe\xed\xfe\xed\x00\x00\x00\x02",
		"encrypted PKCS#8":             base64.StdEncoding.EncodeToString([]byte("\x30\x82\x05\x2d\x30\x57\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x30\x4a\x30\x29\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c\x30\x1c")),
		"RSA, without the first lines": strings.Join(lines[2:], "\n"),
		"a label in a mail":            "-----BEGIN PRIVATE=C2=A0KEY-----",
		"a label in a mail, cut":       "-----BEGIN PRIVATE=20=\r\nKEY-----",
		"a label escaped twice":        "-----BEGIN%2520PRIVATE%2520KEY-----",
		"a label escaped twice, HTML":  "-----BEGIN PRIVATE&amp;nbsp;KEY-----",
		"words":                        "my PRIVATE KEY does not work",
	} {
		if !capture.HasPrivateKey([]byte(text)) {
			t.Errorf("%s is not found", name)
		}
	}
}

// TestNoPrivateKey: what users paste without a private key is not taken for one.
func TestNoPrivateKey(t *testing.T) {
	public, err := keys.MarshalPublic(testkeys.RSA().Public())
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a"}, NotAfter: time.Unix(1<<33, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, testkeys.RSA().Public(), testkeys.RSA())
	if err != nil {
		t.Fatal(err)
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "a"}}, testkeys.RSA())
	if err != nil {
		t.Fatal(err)
	}
	modulus := base64.RawURLEncoding.EncodeToString(testkeys.RSA().N.Bytes())
	jwks := `{"keys":[{"kty":"RSA","n":"` + modulus + `","e":"AQAB","kid":"d"}]}`
	for name, text := range map[string]string{
		"nothing":                "",
		"a public key":           string(public),
		"base64 of a public key": base64.StdEncoding.EncodeToString(public),
		"a public key of PKCS#1": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&testkeys.RSA().PublicKey)})),
		"a certificate":          string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		"a certificate in DER":   string(certificate),
		"a request":              string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})),
		"public JWKs":            jwks,
		"JWKs and another d":     jwks + strings.Repeat(" ", 100) + `{"d":"AAAAAAAA"}`,
		"a public XML key":       "<RSAKeyValue><Modulus>" + modulus + "</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>",
		"a path":                 "https://cdn.example.com/private/keynote.mp4?Expires=1&Signature=YQ__&Key-Pair-Id=K2",
		"a path in upper case":   "https://cdn.example.com/PRIVATE/KEY.jpg",
		"a name":                 "https://cdn.example.com/private-keys/a.jpg?private_key=no",
		"words":                  "the private key is not here",
		"another word":           "PRIVATE KEYNOTE.mp4",
		"an Ed25519 key of SSH":  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKyzTuWCDXA4Vnsx1zxFS7w0gZbbtgVSn0eRsz1HYSR me",
	} {
		if capture.HasPrivateKey([]byte(text)) {
			t.Errorf("%s is taken for a private key", name)
		}
	}
}

// TestPrivateKeyFiles: the files that package keys is tested with.
func TestPrivateKeyFiles(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "..", "..", "keys", "testdata", "*.*"))
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if name == "README.md" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := !strings.Contains(name, "public") || name == "p256-sec1-no-public.pem"
		if name == "rsa-certificate.pem" {
			want = false
		}
		if got := capture.HasPrivateKey(data); got != want {
			t.Errorf("%s: private: %v, want %v", name, got, want)
		}
	}
}

// TestPrivateKeyTime: the time is in proportion to the text, even for texts that are nearly keys.
func TestPrivateKeyTime(t *testing.T) {
	for name, part := range map[string]string{
		"labels": "PRIVATE ", "JWKs": `{"kty":`, "XML": "RSAKeyValue", "base64": "MIIE", "DER": "\x02\x01\x03\x30", "escapes": `\\`, "HTML": "&amp;", "mails": "=\n", "p": "p", "hexadecimal": "02 ",
	} {
		text := []byte(strings.Repeat(part, capture.MaxText/len(part)))
		start := time.Now()
		if capture.HasPrivateKey(text) {
			t.Errorf("%s: a key", name)
		}
		if taken := time.Since(start); taken > time.Minute { // far below a second each
			t.Errorf("%s: %v", name, taken)
		} else {
			t.Logf("%s: %v", name, taken)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func colons(der []byte) string {
	var b strings.Builder
	for i, octet := range der {
		if i%15 == 0 {
			b.WriteString("\n    ")
		}
		b.WriteString(hex.EncodeToString([]byte{octet}) + ":")
	}
	return b.String()
}

func utf16LE(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return b
}

// mail returns a text as mails have it, in quoted-printable.
func mail(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
