// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudfront"
	"github.com/aws/jsii-runtime-go"
)

// Trusted are the keys that CloudFront accepts signatures of.
type trusted struct {
	group awscloudfront.KeyGroup
	ids   []*string // the first is that of the key which signs
}

func newTrusted(stack awscdk.Stack, publicKeys []publicKey) trusted {
	var t trusted
	var items []interfacesawscloudfront.IPublicKeyRef
	for _, key := range publicKeys {
		item := awscloudfront.NewPublicKey(stack, &key.name, &awscloudfront.PublicKeyProps{EncodedKey: &key.pem})
		items = append(items, item)
		t.ids = append(t.ids, item.PublicKeyId())
	}
	t.group = awscloudfront.NewKeyGroup(stack, jsii.String("KeyGroup"), &awscloudfront.KeyGroupProps{Items: &items})
	return t
}
