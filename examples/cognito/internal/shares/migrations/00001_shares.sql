-- SPDX-License-Identifier: Apache-2.0
-- For SQLite and PostgreSQL, so only what both know. "user" is a reserved word in
-- PostgreSQL; whom an owner shares with is the viewer.

-- +goose Up

-- The row of an owner is what those who add shares for him lock.
CREATE TABLE share_owners (
    owner TEXT NOT NULL PRIMARY KEY CHECK (length(owner) BETWEEN 1 AND 128)
);

CREATE TABLE shares (
    owner   TEXT   NOT NULL REFERENCES share_owners (owner),
    viewer  TEXT   NOT NULL CHECK (length(viewer) BETWEEN 1 AND 128),
    created BIGINT NOT NULL, -- Unix time in seconds
    PRIMARY KEY (owner, viewer),
    CHECK (owner <> viewer)
);

CREATE INDEX shares_by_viewer ON shares (viewer, owner);

-- +goose Down

DROP TABLE shares;
DROP TABLE share_owners;
