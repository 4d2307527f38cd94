// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/verify"
)

// confirmationCode is what the emulator sends to everybody who signs up.
const confirmationCode = "123456"

// TestCognitoLocal goes through the whole flow with users of an emulator of Cognito that is
// not this project's, by AWS's own client.
func TestCognitoLocal(t *testing.T) {
	emulator := startCognitoLocal(t)
	pool := newUserPool(t, emulator)
	environment, _ := environment(t, emulator+"/"+pool.id, pool.clientID)
	log := &logbook{}
	address, _ := start(t, environment, log)
	files := fstest.MapFS{}
	w := &world{Server: distribution(t, address, edge.Bucket(files)), log: log}

	carol, dave := pool.signUp(t, "carol"), pool.signUp(t, "dave")
	ids := map[string]string{} // by username
	for name, token := range map[string]string{"carol": carol.id, "dave": dave.access} {
		who := decode[profile](t, w.must(t, w.Viewer, http.StatusOK, call{target: "/access/", token: token}))
		if who.Username != who.Sub { // as in a pool whose users sign in with their e-mail address
			t.Errorf("%s is called %s", name, who.Username)
		}
		ids[name] = who.Sub
		files[who.Sub+"/report.txt"] = &fstest.MapFile{Data: []byte("the report of " + name)}
	}
	davesFile := cdn + ids["dave"] + "/report.txt"
	ask := call{target: "/sign_cookies?request_path=/" + ids["dave"] + "/", token: carol.access}
	link := call{target: "/sign_url?path=/" + ids["dave"] + "/report.txt", token: carol.access}

	w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_cookies?request_path=/" + ids["carol"] + "/", token: carol.access})
	w.Allowed(t, cdn+ids["carol"]+"/report.txt")
	w.checkRefusal(t, ask, http.StatusForbidden, "does not share it with you")
	w.Denied(t, davesFile, verify.ErrMissing)

	w.must(t, w.Viewer, http.StatusNoContent, call{method: "PUT", target: "/shares/" + ids["carol"], token: dave.access})
	w.must(t, w.Viewer, http.StatusOK, ask)
	w.Allowed(t, davesFile)
	w.Allowed(t, decode[struct {
		URL     string
		Expires time.Time
	}](t, w.must(t, w.Viewer, http.StatusOK, link)).URL)

	w.must(t, w.Viewer, http.StatusNoContent, call{method: "DELETE", target: "/shares/" + ids["carol"], token: dave.access})
	w.checkRefusal(t, ask, http.StatusForbidden, "does not share it with you")
	w.checkRefusal(t, link, http.StatusForbidden, "does not share it with you")

	// What the emulator issues for something else does not count.
	w.checkRefusal(t, call{target: "/access/", token: dave.refresh}, http.StatusUnauthorized, "")
	other := newUserPool(t, emulator)
	erin := other.signUp(t, "erin")
	w.checkRefusal(t, call{target: "/access/", token: erin.access}, http.StatusUnauthorized, "another issuer")
	pool.clientID = pool.newClient(t)
	w.checkRefusal(t, call{target: "/access/", token: pool.signIn(t, "carol").id}, http.StatusUnauthorized, "another app client")
	checkSecret(t, log.String(), carol.access, carol.id, dave.access, erin.access)
}

// startCognitoLocal starts the emulator on a free port, and returns its URL.
func startCognitoLocal(t *testing.T) string {
	t.Helper()
	node := needs.Command(t, "node", "nodejs")
	program, err := filepath.Abs("testdata/cognito-local/node_modules/cognito-local/lib/bin/start.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		needs.Missing(t, "cognito-local", "npm ci, in examples/cognito/testdata/cognito-local")
	}
	const attempts = 3 // somebody else may take the port
	for range attempts {
		if address, ok := tryCognitoLocal(t, node, program); ok {
			return address
		}
	}
	t.Fatal("cognito-local does not start")
	return ""
}

func tryCognitoLocal(t *testing.T, node, program string) (address string, ok bool) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	var output bytes.Buffer
	process := exec.CommandContext(t.Context(), node, program)
	process.Dir = t.TempDir() // where it keeps its users
	process.Env = append(os.Environ(), "HOST=127.0.0.1", fmt.Sprintf("PORT=%d", port), "CODE="+confirmationCode, "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE=1")
	process.Stdout, process.Stderr = &output, &output
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		<-ended
	})
	address = fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err // for the cleanup
			t.Logf("cognito-local ended: %v\n%s", err, &output)
			return "", false
		default:
		}
		if isHealthy(t.Context(), address) {
			return address, true
		}
	}
	return "", false
}

func isHealthy(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/health", http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// A userPool is one of the emulator.
type userPool struct {
	client       *cognitoidentityprovider.Client
	id, clientID string
}

// tokens are those of a sign-in.
type tokens struct{ access, id, refresh string }

func newUserPool(t *testing.T, emulator string) *userPool {
	t.Helper()
	client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: "us-east-1", BaseEndpoint: &emulator,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretAccessKeyOfTheExample"}, nil
		}),
	})
	created, err := client.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{
		PoolName: aws.String("pool"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &userPool{client: client, id: *created.UserPool.Id}
	p.clientID = p.newClient(t)
	return p
}

// newClient adds an app client.
func (p *userPool) newClient(t *testing.T) string {
	t.Helper()
	created, err := p.client.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &p.id, ClientName: aws.String("app"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth},
		IdTokenValidity:   aws.Int32(60),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *created.UserPoolClient.ClientId
}

// signUp makes a user, and signs them in.
func (p *userPool) signUp(t *testing.T, name string) tokens {
	t.Helper()
	email := emailOf(name)
	_, err := p.client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: &p.clientID, Username: &email, Password: aws.String(passwordOf(name)),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.client.ConfirmSignUp(t.Context(), &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: &p.clientID, Username: &email, ConfirmationCode: aws.String(confirmationCode),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.signIn(t, name)
}

func (p *userPool) signIn(t *testing.T, name string) tokens {
	t.Helper()
	signedIn, err := p.client.InitiateAuth(t.Context(), &cognitoidentityprovider.InitiateAuthInput{
		ClientId: &p.clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": emailOf(name), "PASSWORD": passwordOf(name)},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := signedIn.AuthenticationResult
	return tokens{access: *r.AccessToken, id: *r.IdToken, refresh: *r.RefreshToken}
}

func emailOf(name string) string { return name + "@example.com" }

func passwordOf(name string) string { return "Password-of-" + name + "-1" }
