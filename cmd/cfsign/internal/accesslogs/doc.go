// SPDX-License-Identifier: Apache-2.0

/*
Package accesslogs reads CloudFront's access logs as a stream, in every format that CloudFront
delivers: standard logs of version 1, standard logs of version 2 as text, JSON lines or Parquet,
and real-time logs. Text and JSON can be compressed with gzip. The content of a file decides what
it is, never its name:

	reader := accesslogs.NewReader(accesslogs.Options{Stdin: os.Stdin})
	err := reader.Read(ctx, []string{"logs/"}, func(b *accesslogs.Batch) {
		b.Each(func(r *accesslogs.Record) { fmt.Println(r.Raw(accesslogs.Status)) })
	})

A batch has a limited size, so the memory does not grow with the logs. Files that are no logs, and
lines that are damaged, are counted and named in [Reader.Summary]. Only the first error of an
argument, such as a path that does not exist, ends Read.

Sources: "Standard logging reference",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html,
"Access logs (standard logs)",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html, and "Use
real-time access logs",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html
*/
package accesslogs
