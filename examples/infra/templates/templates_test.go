// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// pemOf returns a public key as PEM, without the line break at its end.
func pemOf(t testing.TB, key crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

var cognitoPaths = []string{"/access", "/access/*", "/sign_cookies", "/sign_url", "/shares", "/shares/*"}

// complete has everything that the template of the CDK stack in testdata has. bare has as little as
// possible, in a region without CloudFront's newer logs, and IPv6.
func complete(t testing.TB) variant {
	return variant{
		region: "us-east-1", keys: []string{pemOf(t, testkeys.P256().Public()), pemOf(t, testkeys.RSA().Public())}, origins: []any{"https://www.example.com"},
		domain: "cdn.example.com", api: "api.example.com", apiPaths: cognitoPaths,
	}
}

func bare(t testing.TB) variant {
	return variant{region: "eu-central-1", keys: []string{pemOf(t, testkeys.RSA().Public())}, ipv6: true}
}

// parameters returns the parameters of cloudformation.yaml for a variant.
func (v variant) parameters() map[string]string {
	p := map[string]string{"AWS::Region": v.region, "AppOrigins": join(append([]any{}, v.origins...), ","), "DomainName": v.domain, "ApiDomain": v.api, "IPv6": "false"}
	if v.ipv6 {
		p["IPv6"] = "true"
	}
	if v.domain != "" {
		p["CertificateArn"] = certificate
	}
	for i, key := range v.keys {
		p["PublicKey"+string(rune('1'+i))] = key
	}
	return p
}

// forSAM changes a variant into one of sam.yaml, which always has its own API and domain.
func (v variant) forSAM() (variant, map[string]string) {
	v.domain, v.api, v.apiPaths = "cdn.example.com", "Api.execute-api."+v.region+".amazonaws.com", []string{"/cookies"}
	v.extraTypes = []string{"AWS::Serverless::Function", "AWS::Serverless::HttpApi"}
	p := v.parameters()
	delete(p, "ApiDomain")
	p["Issuer"], p["Audience"] = "https://login.example.com", "app"
	return v, p
}

// TestCDK: the template of the CDK stack, whose own tests keep it up to date, meets the requirements.
func TestCDK(t *testing.T) {
	v := complete(t)
	v.extraTypes = []string{"AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"}
	s := readTemplate(t, "../testdata/template.json", nil).stack()
	for _, name := range []string{"USERPOOLID", "APPCLIENTID", "Environment"} { // of examples/cognito
		if s.outputs[name] == nil {
			t.Errorf("there is no output %s", name)
		}
		delete(s.outputs, name)
	}
	check(t, s, v)
}

func TestCloudFormation(t *testing.T) {
	for why, v := range map[string]variant{"complete": complete(t), "bare": bare(t)} {
		t.Run(why, func(t *testing.T) {
			template := readTemplate(t, "cloudformation.yaml", v.parameters())
			if says := template.broken(); says != nil {
				t.Errorf("the parameters are refused: %v", says)
			}
			check(t, template.stack(), v)
		})
	}
}

func TestSAM(t *testing.T) {
	for why, v := range map[string]variant{"complete": complete(t), "bare": bare(t)} {
		t.Run(why, func(t *testing.T) {
			v, parameters := v.forSAM()
			template := readTemplate(t, "sam.yaml", parameters)
			if says := template.broken(); says != nil {
				t.Errorf("the parameters are refused: %v", says)
			}
			s := template.stack()
			check(t, s, v)
			function := only(s.of("Cookies"), "CodeUri", "Handler", "Runtime", "Architectures", "Policies", "Environment")
			want := object{
				"CodeUri": "function/", "Handler": "bootstrap", "Runtime": "provided.al2023", "Architectures": []any{"arm64"}, "Policies": []any{"ReadSigningKey"},
				"Environment": object{"Variables": object{"CFDOMAIN": v.domain, "SECRET_REGION": v.region}},
			}
			if diff := diffPlain(want, function); diff != "" {
				t.Errorf("the function: %s", diff)
			}
			authorizer := object{"DefaultAuthorizer": "Token", "Authorizers": object{"Token": object{
				"IdentitySource": "$request.header.Authorization", "JwtConfiguration": object{"issuer": "https://login.example.com", "audience": []any{"app"}},
			}}}
			if diff := diffPlain(authorizer, s.of("Api", "Auth")); diff != "" {
				t.Errorf("the API demands a token: %s", diff)
			}
			for name, method := range map[string]string{"Get": "GET", "Delete": "DELETE"} {
				event := object{"Type": "HttpApi", "Properties": object{"ApiId": "Api", "Path": "/cookies", "Method": method}}
				if diff := diffPlain(event, s.of("Cookies", "Events", name)); diff != "" {
					t.Errorf("%s /cookies: %s", method, diff)
				}
			}
		})
	}
}

// TestSpoiled: each requirement fails for a template that does not meet it.
func TestSpoiled(t *testing.T) {
	v := complete(t)
	text := string(readFile(t, "cloudformation.yaml"))
	met := map[string]bool{}
	for _, r := range requirements {
		met[r.why] = false
	}
	for _, tt := range []struct{ before, after, why string }{
		{"BlockPublicPolicy: true", "BlockPublicPolicy: false", "no bucket can be made public"},
		{"Rules: [{ObjectOwnership: BucketOwnerEnforced}]", "Rules: [{ObjectOwnership: ObjectWriter}]", "files have no ACLs"},
		{"      OwnershipControls: # ACLs", "      AccessControl: PublicRead\n      OwnershipControls: # ACLs", "no bucket is a website"},
		{"SSEAlgorithm: AES256", "SSEAlgorithm: none", "every bucket encrypts"},
		{"NoncurrentDays: 30", "NoncurrentDays: 1", "files can be brought back"},
		{"ExpirationInDays: 90", "ExpirationInDays: 9000", "logs are not kept for ever"},
		{"DeletionPolicy: Retain", "DeletionPolicy: Delete", "files and logs stay"},
		{"AWS:SourceArn: !Sub", "AWS:SourceArns: !Sub", "only this distribution reads the files"},
		{"Action: s3:GetObject\n", "Action: [s3:GetObject, s3:ListBucket]\n", "only this distribution reads the files"},
		{"aws:SourceAccount: !Ref AWS::AccountId", "aws:SourceAccount: '*'", "only the log service writes logs"},
		{"Bucket: !Ref Logs", "Bucket: !Ref Files", "each policy is for its bucket"},
		{"SigningBehavior: always", "SigningBehavior: no-override", "CloudFront signs everything"},
		{"            OriginAccessControlId: !GetAtt OriginAccess.Id\n", "", "the bucket has an origin access control"},
		{"OriginProtocolPolicy: https-only", "OriginProtocolPolicy: match-viewer", "the bucket has an origin access control"},
		{"          TrustedKeyGroups: [!Ref KeyGroup]\n", "", "files need a signature"},
		{"ViewerProtocolPolicy: https-only # A redirect", "ViewerProtocolPolicy: redirect-to-https # A redirect", "files need a signature"},
		{"AllowedMethods: [GET, HEAD]\n", "AllowedMethods: [GET, HEAD, OPTIONS]\n", "files need a signature"},
		{"PathPattern: /access\n", "PathPattern: /*\n", "no other path is public"},
		{"Override: false}", "Override: true}", "responses are not sniffed"},
		{"IPV6Enabled: !If [HasIPv6, true, false]", "IPV6Enabled: true", "the distribution is on"},
		{"TLSv1.2_2021", "TLSv1", "your own domain"},
		{"[date, time,", "[cs-uri-query, time,", "requests are logged"},
		{"          - !If [HasKey2, !Ref PublicKeySlot2, !Ref AWS::NoValue]\n", "", "the key group has these keys"},
		{"Put it here by hand.\n", "Put it here by hand.\n      GenerateSecretString: {}\n", "the secret for the private key"},
		{"!If [Signs1, !Ref PublicKeySlot1, !Ref PublicKeySlot2]", "!Ref PublicKeySlot2", "the other secret"},
		{"[AWSCURRENT, AWSPREVIOUS]", "[AWSCURRENT, AWSPREVIOUS, AWSPENDING]", "the API reads both"},
		{"  CFDOMAIN:\n", "  CDN:\n", "the outputs"},
		{"  FilesPolicy:\n    Type: AWS::S3::BucketPolicy", "  Role:\n    Type: AWS::IAM::Role\n  FilesPolicy:\n    Type: AWS::S3::BucketPolicy", "there are no other resources"},
	} {
		if !strings.Contains(text, tt.before) {
			t.Errorf("cloudformation.yaml does not have %q", tt.before)
			continue
		}
		spoiled := parseTemplate(t, []byte(strings.Replace(text, tt.before, tt.after, 1)), v.parameters()).stack()
		if !slices.ContainsFunc(unmet(spoiled, v), func(problem string) bool { return strings.HasPrefix(problem, tt.why) }) {
			t.Errorf("%q in place of %q: no requirement that begins with %q fails", tt.after, tt.before, tt.why)
		}
		for why := range met {
			met[why] = met[why] || strings.HasPrefix(why, tt.why)
		}
	}
	for why, spoiled := range met {
		if !spoiled {
			t.Errorf("nothing spoils %q", why)
		}
	}
}

// TestParameters: a mistake in a parameter is refused before anything is created, with what to write.
func TestParameters(t *testing.T) {
	p256, rsa := pemOf(t, testkeys.P256().Public()), pemOf(t, testkeys.RSA().Public())
	const key, domain, cert, origins, api = "PublicKey1", "DomainName", "CertificateArn", "AppOrigins", "ApiDomain"
	for _, tt := range []struct {
		why        string
		parameters map[string]string
		says       string // "": it is right
	}{
		{"RSA", map[string]string{key: rsa}, ""},
		{"P-256", map[string]string{key: p256}, ""},
		{"with the line break at the end", map[string]string{key: p256 + "\n"}, ""},
		{"slot 2 alone", map[string]string{"PublicKey2": rsa, "SigningSlot": "2"}, ""},
		{"no key", nil, `there is no public key`},
		{"the slot that signs is empty", map[string]string{"PublicKey2": rsa}, "slot 1 is empty"},
		{"the other one, too", map[string]string{key: rsa, "SigningSlot": "2"}, "slot 2 is empty"},
		{"one key twice", map[string]string{key: rsa, "PublicKey2": rsa}, "both slots have the same key"},
		{"a third slot", map[string]string{key: rsa, "SigningSlot": "3"}, "SigningSlot is not one of"},
		{"the private key", map[string]string{key: string(testkeys.RSAPEM())}, "never a private key"},
		{"the private key on a curve", map[string]string{key: string(testkeys.P256PEM())}, "never a private key"},
		{"both keys", map[string]string{key: rsa + "\n" + string(testkeys.RSAPEM())}, "never a private key"},
		{"a private key that calls itself public", map[string]string{key: strings.ReplaceAll(string(testkeys.P256PEM()), "PRIVATE", "PUBLIC")}, "never a private key"},
		{"without line breaks, as the console leaves it", map[string]string{key: strings.ReplaceAll(rsa, "\n", " ")}, "the console removes line breaks"},
		{"the name of the file", map[string]string{key: "public_key.pem"}, `$(cat public_key.pem)`},
		{"half a key", map[string]string{key: rsa[:200] + "\n-----END PUBLIC KEY-----"}, "RSA 2048 or P-256"},
		{"the private key in slot 2", map[string]string{key: rsa, "PublicKey2": string(testkeys.RSAPEM())}, "never a private key"},
		{"a domain with its certificate", map[string]string{key: rsa, domain: "cdn.example.com", cert: certificate}, ""},
		{"a domain without a certificate", map[string]string{key: rsa, domain: "cdn.example.com"}, "set CertificateArn"},
		{"a certificate without a domain", map[string]string{key: rsa, cert: certificate}, "set DomainName"},
		{"a certificate from another region", map[string]string{key: rsa, domain: "cdn.example.com", cert: strings.Replace(certificate, "us-east-1", "eu-central-1", 1)}, "in us-east-1"},
		{"a certificate of IAM", map[string]string{key: rsa, domain: "cdn.example.com", cert: "arn:aws:iam::123456789012:server-certificate/a"}, "in us-east-1"},
		{"China's certificate", map[string]string{key: rsa, domain: "cdn.example.com", cert: strings.Replace(certificate, "arn:aws:", "arn:aws-cn:", 1)}, ""},
		{"a URL as the domain", map[string]string{key: rsa, domain: "https://cdn.example.com", cert: certificate}, "one host name"},
		{"a wildcard as the domain", map[string]string{key: rsa, domain: "*.example.com", cert: certificate}, "one host name"},
		{"a domain in upper case", map[string]string{key: rsa, domain: "CDN.example.com", cert: certificate}, "lower case"},
		{"two origins", map[string]string{key: rsa, origins: "https://a.example.com,http://localhost:8000"}, ""},
		{"any origin", map[string]string{key: rsa, origins: "*"}, "without a path, a wildcard"},
		{"an origin below any host", map[string]string{key: rsa, origins: "https://*.example.com"}, "without a path, a wildcard"},
		{"an origin in plain text", map[string]string{key: rsa, origins: "http://app.example.com"}, "https (http only for localhost)"},
		{"a host that begins like localhost", map[string]string{key: rsa, origins: "http://localhost.example.com"}, "https (http only for localhost)"},
		{"a slash at the end", map[string]string{key: rsa, origins: "https://app.example.com/"}, "a slash at the end"},
		{"a space between two", map[string]string{key: rsa, origins: "https://a.example.com, https://b.example.com"}, "a space"},
		{"sandboxed pages", map[string]string{key: rsa, origins: "null"}, "as browsers send them"},
		{"a URL as the API's domain", map[string]string{key: rsa, api: "https://api.example.com"}, "the API's own server"},
		{"the distribution as its own origin", map[string]string{key: rsa, domain: "cdn.example.com", cert: certificate, api: "cdn.example.com"}, "would ask itself"},
		{"an unknown price class", map[string]string{key: rsa, "PriceClass": "PriceClass_100"}, "PriceClass is not one of"},
		{"IPv6 in another word", map[string]string{key: rsa, "IPv6": "yes"}, "IPv6 is not one of"},
	} {
		says := readTemplate(t, "cloudformation.yaml", tt.parameters).broken()
		if (tt.says == "") != (says == nil) || !strings.Contains(strings.Join(says, "\n"), tt.says) {
			t.Errorf("%s: %q, want %q", tt.why, says, tt.says)
		}
	}
	for _, tt := range []struct{ why, name, value, says string }{
		{"no domain, so the function could not sign", domain, "", "one host name"},
		{"no certificate", cert, "", "in us-east-1"},
		{"an issuer in plain text", "Issuer", "http://login.example.com", "as tokens have it"},
	} {
		_, parameters := complete(t).forSAM()
		parameters[tt.name] = tt.value
		if says := readTemplate(t, "sam.yaml", parameters).broken(); !strings.Contains(strings.Join(says, "\n"), tt.says) {
			t.Errorf("sam.yaml, %s: %q, want %q", tt.why, says, tt.says)
		}
	}
}

// TestSlots: for each step of the README's rotation, which keys are trusted and which signs. No step
// changes the key of a slot, because CloudFront cannot, and no other parameter changes the key group,
// because CloudFormation then overwrites what a program has added.
func TestSlots(t *testing.T) {
	first, second, third := pemOf(t, testkeys.RSA().Public()), pemOf(t, testkeys.P256().Public()), pemOf(t, testkeys.OtherP256().Public())
	type trust struct {
		Group  []string
		Signer string
	}
	for _, file := range []string{"cloudformation.yaml", "sam.yaml"} {
		slots := map[string]string{}
		for _, step := range []struct {
			why           string
			slot1, slot2  string
			signs         string
			want          trust
			group, signer bool // whether this step may change them
		}{
			{"before", first, "", "1", trust{[]string{first}, first}, true, true},
			{"your own domain", first, "", "1", trust{[]string{first}, first}, false, false},
			{"both are trusted", first, second, "1", trust{[]string{first, second}, first}, true, false},
			{"the new one signs", first, second, "2", trust{[]string{first, second}, second}, false, true},
			{"the old one is gone", "", second, "2", trust{[]string{second}, second}, true, false},
			{"the next rotation uses the free slot", third, second, "2", trust{[]string{third, second}, second}, true, false},
		} {
			v := complete(t)
			v.keys = nil
			_, p := v.forSAM()
			if file == "cloudformation.yaml" {
				p = v.parameters()
				if step.why == "before" {
					p["DomainName"], p["CertificateArn"] = "", ""
				}
			}
			p["PublicKey1"], p["PublicKey2"], p["SigningSlot"] = step.slot1, step.slot2, step.signs
			template := readTemplate(t, file, p)
			if says := template.broken(); says != nil {
				t.Errorf("%s, %s: %v", file, step.why, says)
			}
			s := template.stack()
			got := trust{Signer: s.of("PublicKeyID", "SecretString").(string)}
			for _, item := range items(s.of("KeyGroup", "KeyGroupConfig", "Items")) {
				got.Group = append(got.Group, item.(string))
			}
			if diff := cmp.Diff(step.want, got); diff != "" {
				t.Errorf("%s, %s: %s", file, step.why, diff)
			}
			now := map[string]string{"group": strings.Join(got.Group, ""), "signer": got.Signer}
			for name, may := range map[string]bool{"group": step.group, "signer": step.signer} {
				if !may && now[name] != slots[name] {
					t.Errorf("%s, %s: it changes the %s", file, step.why, name)
				}
			}
			for _, slot := range []string{"PublicKeySlot1", "PublicKeySlot2"} {
				key, _ := s.of(slot, "PublicKeyConfig", "EncodedKey").(string)
				reference, _ := s.of(slot, "PublicKeyConfig", "CallerReference").(string)
				if key != "" && slots[slot] != "" && key != slots[slot] {
					t.Errorf("%s, %s: %s gets another key", file, step.why, slot)
				}
				if other, used := slots[reference]; key != "" && used && other != key {
					t.Errorf("%s, %s: two keys have the caller reference %s", file, step.why, reference)
				}
				now[slot], now[reference] = key, key
			}
			slots = now
		}
	}
}
