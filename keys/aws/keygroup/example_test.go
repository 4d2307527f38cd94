// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/sign"
)

// The examples rotate at a local CloudFront. In your program, client is
// cloudfront.NewFromConfig(config).
var (
	client     *cloudfront.Client
	keyGroupID string
	first      crypto.Signer // the key in use
	firstID    string
)

// startLocalCloudFront starts a CloudFront with a key group, which trusts the first key.
func startLocalCloudFront() {
	cloud := awstest.Start()
	client = cloudfront.NewFromConfig(cloud.Config)
	first = testkeys.P256()
	distribution := cloud.CloudFront.AddDistribution(first.Public())
	keyGroupID, firstID = distribution.KeyGroupID, distribution.KeyPairIDs[0]
}

// A process is a store for one process that keeps its keys itself. Yours must keep the next
// key where a restart finds it, such as in a file or a secret.
type process struct {
	signer        *sign.Signer
	current, next crypto.Signer
}

func (p *process) Current(context.Context) (crypto.PublicKey, error) { return p.current.Public(), nil }

func (p *process) Next(context.Context) (crypto.PublicKey, error) {
	if p.next == nil {
		return nil, nil
	}
	return p.next.Public(), nil
}

func (p *process) Create(ctx context.Context) (key crypto.PublicKey, err error) {
	if p.next, err = keys.GenerateECDSA(); err != nil {
		return nil, err
	}
	return p.Next(ctx)
}

func (p *process) Switch(ctx context.Context, _ crypto.PublicKey, keyPairID string) error {
	if err := p.signer.Rotate(ctx, keyPairID, p.next); err != nil {
		return err
	}
	p.current, p.next = p.next, nil
	return nil
}

// This process signs, and rotates its own key.
func ExampleRotator_Rotate() {
	ctx := context.Background()
	startLocalCloudFront()
	signer, err := sign.New(firstID, first, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	store := &process{signer: signer, current: first}
	rotator, err := keygroup.New(client, keygroup.Options{
		KeepRetired: 25 * time.Hour, // links are valid for a day
		InUse: func(context.Context) ([]string, error) {
			var ids []string
			for _, key := range signer.RetiredKeys() {
				ids = append(ids, key.KeyPairID)
			}
			return ids, nil
		},
		Settle: -1, // only because CloudFront is local
	}, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	result, err := rotator.Rotate(ctx, store)
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range result.Steps {
		fmt.Println(step.Action)
	}
	fmt.Println("the signer has the new key:", signer.KeyPairID() == result.KeyPairID)
	// Output:
	// create
	// register
	// trust
	// wait
	// switch
	// retire
	// the signer has the new key: true
}

func ExampleRotator_Plan() {
	startLocalCloudFront()
	rotator, err := keygroup.New(client, keygroup.Options{}, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	steps, err := rotator.Plan(context.Background(), &process{current: first})
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range steps[:4] {
		fmt.Println(step)
	}
	// Output:
	// create the next key pair
	// create the public key at CloudFront
	// add the new key to the key group
	// wait until all distributions trust the new key
}

// A process that has only a private key asks CloudFront for its key pair ID.
func ExampleRotator_Find() {
	startLocalCloudFront()
	rotator, err := keygroup.New(client, keygroup.Options{}, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	keyPairID, err := rotator.Find(context.Background(), first.Public())
	if err != nil {
		log.Fatal(err)
	}
	_, err = sign.New(keyPairID, first, sign.Options{})
	fmt.Println(err)

	other, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	_, err = rotator.Find(context.Background(), other.Public())
	fmt.Println(errors.Is(err, keys.ErrKeyNotFound))
	// Output:
	// <nil>
	// true
}

// Something else drives the rotation, and keeps the keys. It can repeat each step.
func ExampleRotator_Register() {
	ctx := context.Background()
	startLocalCloudFront()
	rotator, err := keygroup.New(client, keygroup.Options{KeepRetired: 25 * time.Hour, Settle: -1}, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	next, err := keys.GenerateECDSA() // keep it before you go on
	if err != nil {
		log.Fatal(err)
	}
	nextID, err := rotator.Register(ctx, next.Public(), firstID)
	if err != nil {
		log.Fatal(err)
	}
	if err := rotator.Trust(ctx, nextID, firstID); err != nil {
		log.Fatal(err)
	}
	if err := rotator.Wait(ctx, nextID); err != nil {
		log.Fatal(err)
	}
	// Now all processes change to the next key. Then, and before the next rotation:
	result, err := rotator.Clean(ctx, next.Public(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signs:", result.KeyPairID == nextID, "step:", result.Steps[0].Action)
	// Output: signs: true step: retire
}
