// SPDX-License-Identifier: Apache-2.0

/*
Package shares keeps who shared their folder with whom, in SQLite or PostgreSQL.

[Open] takes a file name or the URL of a PostgreSQL server, creates what is missing in
the database, and returns a [Store]. An owner gives a user access by [Store.Add] and takes
it away by [Store.Remove]; [Store.Has] is the question for every request of a folder that
is not the user's own.

Owners and users are the "sub" of Cognito's tokens: 1 to 128 letters, digits, "-" and "_".
Everything else is refused as [ErrUser] before the database is asked.

# What is guaranteed

What Add or Remove returned nil for is in the database, and stays there if the process, or
the database's, is killed at any moment. After an error the change may have been made or not, or
still be made by a server that works at it: ask again. All methods may be repeated; nothing
happens twice. The changes for one owner come one after another, so that access which was taken
away does not come back from an Add before, of which nobody heard any more.

Any number of stores, in any number of processes, may use one database and be opened at the same
time. An owner never has more than [Limit] shares, whoever adds them.

# SQLite

The database is one file while nobody has it open, and two more beside it (-wal, -shm) while
somebody has; an empty one (.lock) stays. They have to be on a disk of this machine, not on a
network's. To copy the database of a running program use sqlite3's .backup, not cp.

# PostgreSQL

The URL is that of libpq: postgres://user:password@host:5432/database?sslmode=verify-full.
Without sslmode the connection may fall back to one that is not encrypted. What the URL does not
say is taken from the PG variables of libpq (PGPASSWORD, PGSSLROOTCERT, ...) and its password
file. The server's synchronous_commit has to be on, as it is by default, for the guarantee above.
*/
package shares
