// SPDX-License-Identifier: Apache-2.0

/*
Package awstest runs a local AWS in your test, for the clients of the AWS SDK: with the parts of
KMS, Secrets Manager, Parameter Store and CloudFront's API that packages awskms, awssecrets and
keygroup need. So a test can run your code as it is, without an account:

	cloud := awstest.New(t)
	cloud.KMS.Add(nil, "alias/cloudfront") // nil: a new key
	signer, err := newSigner(t.Context(), cloud.Config)
	if err != nil {
		t.Fatal(err)
	}

In production, your code gets its configuration from the SDK's config.LoadDefaultConfig.

# What fails

The local AWS enforces the rules that AWS documents, and answers with AWS's errors: key states,
the 4,096 bytes of a message, AWSCURRENT, AWSPREVIOUS and AWSPENDING, ETags, quotas. Keys are
real, and sign.

You can make the next requests for an operation fail. Zero is all requests, until [AWS.Recover]:

	cloud.Fail("kms:Sign", 2, "ThrottlingException")
	cloud.Fail("kms:Sign", 1, "AccessDeniedException")
	cloud.Hang("kms:Sign", 1) // until the context of the caller ends
	cloud.Answer("kms:Sign", 1, http.StatusOK, `{"Signature": "AAAA"}`)

CloudFront's code for denied access is AccessDenied. An error has the status that AWS documents for
its code. Operations have the names of IAM policies, and [AWS.Count] counts their requests:

	cloudfront:     CreateKeyGroup, CreatePublicKey, DeleteKeyGroup, DeletePublicKey, GetDistribution,
	                GetKeyGroup, GetKeyGroupConfig, GetPublicKey, GetPublicKeyConfig,
	                ListDistributionsByKeyGroup, ListKeyGroups, ListPublicKeys, UpdateKeyGroup,
	                UpdatePublicKey
	kms:            CreateAlias, CreateKey, DeleteAlias, DescribeKey, GetPublicKey, ListAliases, Sign,
	                UpdateAlias
	secretsmanager: DescribeSecret, GetSecretValue, PutSecretValue, UpdateSecretVersionStage
	ssm:            GetParameter

Other operations of these services get the error UnknownOperationException, which names the
operations that there are. Other services, such as S3 and STS, get it too: there it names the
services. The status is 501 in both cases, and a client that cannot read the error, such as the one
of EC2, reports only that.

# Regions

A local AWS is one account, in us-east-1 and every other [AWS.Region]. Each Region has its own KMS,
Secrets Manager and Parameter Store. All Regions have the same CloudFront, because CloudFront is
global. A request goes to the Region for which it is signed, so a client works in the Region of its
configuration, also in one that your code chooses. Requests for other partitions, such as for
cn-north-1, get the error UnknownOperationException.

# Limitations

All callers may do everything: the server checks the form of a request's signature, and not the
signature. Parameters have no limit of length. [KMS.Replicate] also takes replicas, and AWS takes
only primary keys.
*/
package awstest
